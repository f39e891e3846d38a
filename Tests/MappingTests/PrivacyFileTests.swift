import Foundation
import SchoolRecords
import Testing

@testable import Mapping

@Suite("privacy.yaml says what systems may be given of protected persons")
struct PrivacyFileTests {
    private static let basis = "legal_basis: \"skollagen 28 kap, beslut 2026-11\""

    private static func load(_ text: String) throws -> MappingLoad {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Mappings")
            .standardized
        var files: [MappingFile] = []
        for case let path as String in FileManager.default.enumerator(atPath: root.path) ?? .init()
        where path.hasSuffix(".yaml") || path.hasSuffix(".csv") {
            guard path != "privacy.yaml", path != "quality.yaml" else { continue }
            files.append(
                MappingFile(path: path, text: try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)))
        }
        return MappingSet.load(files + [MappingFile(path: "privacy.yaml", text: text)])
    }

    private static func problems(_ text: String) throws -> [String] {
        try self.load(text).diagnostics.filter { $0.file == "privacy.yaml" }.map { "\($0.line):\($0.column) \($0.message)" }
    }

    @Test func `what isn't named is withheld`() throws {
        let policy = PrivacyPolicy()
        for level in ProtectionLevel.allCases {
            for kind in PersonKind.allCases {
                #expect(policy.clearance(for: "unikum", levels: [level], kinds: [kind]) == .withhold)
            }
        }
        let set = try #require(try Self.load("systems:\n  unikum: withhold\n").set)
        #expect(set.privacy.systems.isEmpty)
        #expect(set.privacy.family == FamilyRules())
    }

    @Test func `clearances by level and kind`() throws {
        let text = """
            systems:
              unikum:
                sekretessmarkering:
                  child: {give: fictitious, fields: {person: [enrolments]}, class_lists: true}
                  staff: {give: cleared, \(Self.basis)}
                hub: {give: masked, fields: {person: [enrolments, personStatus], placement: [placedAt]}}
            family: {guardians: give}
            """
        let load = try Self.load(text)
        let policy = try #require(load.set, "\(load.diagnostics)").privacy
        func clearance(_ levels: Set<ProtectionLevel?>, _ kinds: Set<PersonKind>) -> Clearance {
            policy.clearance(for: "unikum", levels: levels, kinds: kinds)
        }
        #expect(clearance([.secrecyMark], [.child]).form == .fictitious)
        #expect(clearance([.secrecyMark], [.child]).classLists)
        #expect(clearance([.secrecyMark], [.staff]).form == .cleared)
        #expect(clearance([.secrecyMark], [.staff]).fields[.person]?.contains("givenName") == true)
        #expect(clearance([.secrecyMark], [.guardian]).form == .withhold, "not named")
        #expect(clearance([.protectedRegistration], [.child]).form == .withhold, "not named")
        #expect(clearance([.hub], [.guardian]).form == .masked, "for every kind")
        // The strictest of all that applies, and nothing where nothing is known.
        #expect(clearance([.secrecyMark, .hub], [.child]).form == .masked)
        #expect(clearance([.secrecyMark, .hub], [.child]).fields == [.person: ["enrolments"]])
        #expect(!clearance([.secrecyMark, .hub], [.child]).classLists)
        #expect(clearance([.secrecyMark], [.staff, .guardian]).form == .withhold)
        #expect(clearance([.secrecyMark, nil], [.staff]).form == .withhold, "a marking that nobody knows")
        #expect(clearance([], [.staff]).form == .withhold)
        #expect(clearance([.secrecyMark], []).form == .withhold)
        #expect(policy.systems == ["unikum"])
        #expect(policy.clearedSystems == ["unikum"])
        #expect(policy.family.guardians)
        #expect(!policy.family.addresses)
    }

    @Test(arguments: [
        ("systems:\n  unikun: withhold\n", ["2:3 unknown system 'unikun'"]),
        ("system: {}\n", ["1:1 unknown key 'system' in privacy.yaml"]),
        ("systems:\n  unikum: masked\n", ["2:11 what unikum may be given is a mapping of levels of protection, or 'withhold'"]),
        ("systems:\n  edlevo: withhold\n", ["2:3 edlevo is given nothing: it is a source"]),
        ("systems:\n  unikum:\n    sekretes: withhold\n", ["3:5 unknown level of protection 'sekretes'"]),
        ("systems:\n  unikum:\n    hub: {childs: withhold}\n", ["3:11 unknown kind of person 'childs'"]),
        ("systems:\n  unikum:\n    hub: hidden\n", ["3:10 unknown clearance 'hidden'"]),
        ("systems:\n  unikum:\n    hub: masked\n", ["3:10 'fields' is missing: what is given masked"]),
        (
            "systems:\n  unikum:\n    hub: cleared\n",
            ["3:10 'legal_basis' is missing: real data of protected persons is given by law alone"]
        ),
        (
            "systems:\n  unikum:\n    hub: {give: cleared, legal_basis: lag}\n",
            ["3:39 'legal_basis' is a text that names the law and the decision"]
        ),
        (
            "systems:\n  unikum:\n    hub: {give: masked, fields: {person: [givenName]}}\n",
            ["3:43 'givenName' of a person can show who it is: it is never given masked"]
        ),
        (
            "systems:\n  unikum:\n    hub: {give: fictitious, fields: {person: [enrolment]}}\n",
            ["3:47 unknown field 'enrolment' of a person"]
        ),
        (
            "systems:\n  unikum:\n    hub: {give: masked, fields: {placement: [placedAt]}}\n",
            ["3:33 'fields' names no fields of the person"]
        ),
        (
            "systems:\n  unikum:\n    hub: {give: withhold, class_lists: true}\n",
            ["3:40 'class_lists' says nothing where everything is withheld"]
        ),
        (
            "systems:\n  unikum:\n    hub: {give: masked, fields: {person: [enrolments]}, class_lists: perhaps}\n",
            ["3:70 'class_lists' is true or false"]
        ),
        (
            "family: {addresses: hide, siblings: give}\n",
            ["1:21 unknown value 'hide' of 'addresses'", "1:27 unknown key 'siblings' in 'family'"]
        ),
    ])
    func `what is wrong is told with its place`(text: String, expected: [String]) throws {
        #expect(try Self.problems(text) == expected)
    }

    @Test func `everything that is wrong is told at once`() throws {
        let text = "systems:\n  unikun: withhold\n  unikum:\n    hub: cleared\n    sekret: withhold\nfamily: {addresses: 3}\n"
        #expect(try Self.problems(text).count == 4)
        #expect(try Self.load(text).set == nil)
    }

    @Test func `nothing that is given without the real identity can show who it is`() {
        let showing: Set<String> = [
            "givenName", "middleName", "familyName", "civicNo", "birthDate", "emails", "phoneNumbers", "addresses", "photo",
            "eduPersonPrincipalNames", "externalIdentifiers", "responsibles", "securityMarking", "sex", "description",
            "signature",
            "owners", "id", "meta",
        ]
        for (entity, fields) in Clearance.neutralFields {
            #expect(fields.isDisjoint(with: showing))
            #expect(fields.isSubset(of: entity.shape.fields.keys))
        }
    }

    @Test func `the schema in the documentation is the one that the program writes`() throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/privacy.schema.json").standardized
        let written = try JSONValue(parsing: Data(contentsOf: url))
        #expect(
            written == MappingSchema.privacy, "write it anew: knutpunkt mapping schema --privacy > docs/privacy.schema.json")
    }
}
