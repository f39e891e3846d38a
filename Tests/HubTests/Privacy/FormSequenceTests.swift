import Foundation
import Mapping
import SchoolRecords
import TestChance
import Testing

@testable import Hub

/// The decision alone, without a store: very many sequences, each state held against a model that is as plain as can be.
@Suite("Whatever was decided before, each system is given what it may have now")
struct FormSequenceTests {
    private static let key = HubKey(material: Data(repeating: 3, count: 32))
    private static let person = RecordKey(.person, Documents.id(700))
    private static let guardian = RecordKey(.person, Documents.id(701))
    private static let opaque = Self.key.opaqueKey(for: Self.person)

    private struct State {
        var mark = "Sekretessmarkering"
        var hub: ProtectionLevel?
        var hasConsent = false
        var isChild = true
        var isGuardian = false
        var isStaff = false
        var version = 0
        var isBlocked = false
    }

    @Test func `ten thousand sequences`() throws {
        let seed: UInt64 = 20_261_129
        var random = SeededRandom(seed: seed)
        let policy = try ProtectionWorld.mappings(Self.policy).privacy
        let identity = FictitiousIdentity(
            of: Self.person, key: Self.key, birthYear: 2013, avoiding: nil, round: 0)
        var seen: [Clearance.Form: Int] = [:]
        for sequence in 0..<10_000 {
            var state = State()
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                Self.change(&state, &random)
                let system = ProtectionWorld.systems[Int.random(in: 0..<3, using: &random)]
                let form = Self.allowed(state, system)
                seen[form, default: 0] += 1
                let forms = try Self.maker(state, policy, identity).forms(for: system)
                guard let problem = Self.problem(forms, form, state, identity) else { continue }
                Issue.record("seed \(seed), sequence \(sequence), \(system), allowed \(form): \(problem)")
                return
            }
        }
        #expect(Set(seen.keys) == Set(Clearance.Form.allCases), "each was met: \(seen)")
    }

    private static func change(_ state: inout State, _ random: inout SeededRandom) {
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            state.mark =
                ["Ingen", "Sekretessmarkering", "Skyddad folkbokföring", "annat"].randomElement(using: &random) ?? "annat"
        case 1: state.hub = [nil, .hub, .secrecyMark, .protectedRegistration].randomElement(using: &random) ?? nil
        case 2: state.hasConsent.toggle()
        case 3: state.isChild.toggle()
        case 4: state.isGuardian.toggle()
        case 5: state.isStaff.toggle()
        case 6: state.version += 1
        default: state.isBlocked.toggle()
        }
    }

    private static let policy = """
        systems:
          alfa:
            sekretessmarkering:
              child: {give: fictitious, fields: {person: [enrolments]}, class_lists: true}
              staff: {give: cleared, legal_basis: "lag och beslut i provet"}
            skyddad_folkbokforing: {child: {give: masked, fields: {person: [enrolments]}}}
          beta:
            sekretessmarkering: {give: cleared, legal_basis: "lag och beslut i provet"}
            hub: {give: cleared, legal_basis: "lag och beslut i provet", fields: {person: [givenName]}}
          gamma:
            hub: {give: masked, fields: {person: [personStatus]}}
            sekretessmarkering: {guardian: {give: masked, fields: {person: [personStatus]}}}
        family: {guardians: give}
        """

    private static func allowed(_ state: State, _ system: String) -> Clearance.Form {
        var levels: Set<String> = []
        if state.mark != "Ingen" { levels.insert(state.mark) }
        switch state.hub {
        case .secrecyMark: levels.insert("Sekretessmarkering")
        case .protectedRegistration: levels.insert("Skyddad folkbokföring")
        case .hub: levels.insert("hub")
        case nil: break
        }
        var kinds: [String] = []
        if state.isChild { kinds.append("child") }
        if state.isGuardian { kinds.append("guardian") }
        if state.isStaff { kinds.append("staff") }
        let table: [String: Clearance.Form] = [
            "alfa Sekretessmarkering child": .fictitious, "alfa Sekretessmarkering staff": .cleared,
            "alfa Skyddad folkbokföring child": .masked, "beta Sekretessmarkering child": .cleared,
            "beta Sekretessmarkering guardian": .cleared, "beta Sekretessmarkering staff": .cleared, "beta hub child": .cleared,
            "beta hub guardian": .cleared, "beta hub staff": .cleared, "gamma hub child": .masked, "gamma hub guardian": .masked,
            "gamma hub staff": .masked, "gamma Sekretessmarkering guardian": .masked,
        ]
        let all = levels.flatMap { level in kinds.map { table["\(system) \(level) \($0)"] ?? .withhold } }
        let form = all.min() ?? .withhold
        return form == .fictitious && !state.hasConsent ? .withhold : form
    }

    private static func maker(_ state: State, _ policy: PrivacyPolicy, _ identity: FictitiousIdentity) throws -> FormMaker {
        var body: JSONValue = [
            "id": .string(Self.person.id), "givenName": .string("Namn\(state.version)q"), "familyName": "Efterq",
            "civicNo": ["value": "20130102TF01"], "birthDate": "2013-01-02", "securityMarking": .string(state.mark),
            "personStatus": "Aktiv", "emails": [["value": "hemlig@prov.example", "type": "Privat"]],
            "addresses": [["streetAddress": "Gatan 1q", "type": "Folkbokföring"]],
            "responsibles": [["person": ["id": .string(Self.guardian.id)], "relationType": "Vårdnadshavare"]],
        ]
        if state.isChild {
            body["enrolments"] = [
                ["enroledAt": ["id": "unit"], "schoolType": "GR", "startDate": "2020-08-01", "specification": "hemligt"]
            ]
        }
        var records = [
            VaultRecord(opaqueKey: Self.opaque, key: Self.person, source: "edlevo", body: body.canonicalData)
        ]
        if state.isStaff {
            let duty = RecordKey(.duty, "d")
            let body: JSONValue = [
                "id": "d", "person": ["id": .string(Self.person.id)], "dutyAt": ["id": "school"], "signature": "hemligt",
            ]
            records.append(
                VaultRecord(opaqueKey: Self.key.opaqueKey(for: duty), key: duty, source: "edlevo", body: body.canonicalData))
        }
        let mark = state.hub.map { HubMark(person: Self.opaque.id, level: $0, by: "p", reason: "p", time: "") }
        let consent = IdentityConsent(person: Self.opaque.id, isGiven: state.hasConsent, by: "p", reason: "p", time: "")
        let block = RelationBlock(child: Self.opaque.id, guardian: Self.key.opaqueKey(for: Self.guardian).id)
        return FormMaker(
            key: Self.key, policy: policy, records: records, marks: mark.map { [Self.opaque.id: $0] } ?? [:],
            consents: [Self.opaque.id: consent], identities: [Self.opaque.id: identity],
            guardians: state.isGuardian ? [Self.opaque.id] : [], blocks: state.isBlocked ? [block] : [])
    }

    private static let secrets = [
        "Namn", "Efterq", "20130102", "2013-01-02", "hemlig", "Gatan", Self.person.id, Self.guardian.id,
    ]

    private static func problem(
        _ forms: [WantedForm], _ allowed: Clearance.Form, _ state: State, _ identity: FictitiousIdentity
    ) -> String? {
        let text = forms.map { "\($0.key) " + String(decoding: $0.body, as: UTF8.self) }.joined(separator: "\n")
        switch allowed {
        case .withhold: return forms.isEmpty ? nil : "something is given"
        case .masked, .fictitious:
            if let secret = Self.secrets.first(where: text.contains) { return "'\(secret)' is given" }
            let isFictitious = text.contains(identity.number) && text.contains(identity.familyName)
            if isFictitious != (allowed == .fictitious) { return "the fictitious identity" }
            return forms.contains { $0.key == Self.opaque } ? nil : "nothing is given"
        case .cleared:
            if text.contains(Self.person.id) { return "the real id is given" }
            if state.isBlocked, text.contains(Self.guardian.id) { return "a blocked guardian is given" }
            return text.contains("Namn\(state.version)q") ? nil : "the name isn't given"
        }
    }
}
