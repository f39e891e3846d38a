import Foundation
import Mapping
import SchoolRecords

/// Decides what a system is given of protected persons: pure.
///
/// What it makes for a system is everything that the system may have; anything else of these persons is nobody's.
struct FormMaker {
    let key: HubKey
    let policy: PrivacyPolicy
    let records: [VaultRecord]
    let marks: [String: HubMark]
    /// What sources beside the persons' own say of persons, by opaque id.
    let sourceLevels: [String: Set<ProtectionLevel?>]
    let consents: [String: IdentityConsent]
    let identities: [String: FictitiousIdentity]
    /// Opaque ids of those whom records in the register name as guardians.
    let guardians: Set<String>
    let blocks: Set<RelationBlock>
    /// Homes by opaque id that the records don't tell any more (``ProtectedHomes/mark``).
    private let rememberedHomes: [String: [String]]

    /// What is known of one protected person.
    struct Subject {
        let record: VaultRecord
        let body: JSONValue
        var about: [(record: VaultRecord, body: JSONValue)] = []
        var levels: Set<ProtectionLevel?> = []
        var kinds: Set<PersonKind> = []
    }

    private let subjects: [Subject]
    private let opaqueIDs: Set<String>

    init(
        key: HubKey, policy: PrivacyPolicy, records: [VaultRecord], marks: [String: HubMark],
        consents: [String: IdentityConsent], identities: [String: FictitiousIdentity], guardians: Set<String>,
        blocks: Set<RelationBlock>, rememberedHomes: [String: [String]] = [:],
        sourceLevels: [String: Set<ProtectionLevel?>] = [:]
    ) {
        self.sourceLevels = sourceLevels
        self.rememberedHomes = rememberedHomes
        self.key = key
        self.policy = policy
        self.records = records
        self.marks = marks
        self.consents = consents
        self.identities = identities
        self.guardians = guardians
        self.blocks = blocks
        self.opaqueIDs = Set(records.filter { $0.opaqueKey.entity == .person }.map(\.opaqueKey.id)).union(marks.keys)
            .union(sourceLevels.keys)
        self.subjects = Self.subjects(records, marks, sourceLevels, guardians, key)
    }

    private static func subjects(
        _ records: [VaultRecord], _ marks: [String: HubMark], _ sourceLevels: [String: Set<ProtectionLevel?>],
        _ guardians: Set<String>, _ key: HubKey
    ) -> [Subject] {
        var subjects: [String: Subject] = [:]
        var named = guardians
        for record in records where record.opaqueKey.entity == .person {
            guard let body = try? JSONValue(parsing: record.body) else { continue }
            var subject = Subject(record: record, body: body)
            let marking = SecurityMarking(json: body["securityMarking"])
            if marking.isProtected { subject.levels.insert(ProtectionLevel(marking)) }
            if let mark = marks[record.opaqueKey.id] { subject.levels.insert(mark.level) }
            subject.levels.formUnion(sourceLevels[record.opaqueKey.id] ?? [])
            if body["enrolments"]?.arrayValue?.isEmpty == false { subject.kinds.insert(.child) }
            for responsible in body["responsibles"]?.arrayValue ?? [] {
                guard let id = responsible["person"]?["id"]?.stringValue else { continue }
                named.insert(key.opaqueKey(for: RecordKey(.person, id)).id)
                named.insert(id)
            }
            subjects[record.key.id] = subject
        }
        for record in records where record.opaqueKey.entity != .person {
            guard let body = try? JSONValue(parsing: record.body),
                let person = SchoolRecord.subject(record.opaqueKey.entity, body)?.id
            else { continue }
            subjects[person]?.about.append((record, body))
            if record.opaqueKey.entity == .placement { subjects[person]?.kinds.insert(.child) }
            if record.opaqueKey.entity == .duty { subjects[person]?.kinds.insert(.staff) }
        }
        for (id, subject) in subjects where named.contains(subject.record.opaqueKey.id) { subjects[id]?.kinds.insert(.guardian) }
        return subjects.values.sorted { $0.record.opaqueKey < $1.record.opaqueKey }
    }

    /// The persons who would have a fictitious identity at some system, had they consented and got one.
    func candidates(for systems: some Sequence<String>) -> [Subject] {
        let systems = Array(systems)
        return self.subjects.filter { subject in
            systems.contains { self.policy.clearance(for: $0, levels: subject.levels, kinds: subject.kinds).form == .fictitious }
        }
    }

    /// What a system may be given.
    func forms(for system: String) -> [WantedForm] {
        let cleared = self.subjects.map { subject in
            (subject, self.policy.clearance(for: system, levels: subject.levels, kinds: subject.kinds))
        }
        // Where somebody lives of whom the system may not have it is told by nobody else either, cleared or not.
        var homes = ProtectedHomes(key: self.key, rules: self.policy.family)
        for (subject, clearance) in cleared where clearance.form != .cleared {
            homes.add(subject.body)
            homes.add(homes: self.rememberedHomes[subject.record.opaqueKey.id] ?? [])
        }
        return cleared.flatMap { subject, clearance -> [WantedForm] in
            switch clearance.form {
            case .withhold: return []
            case .masked: return self.neutral(subject, clearance, named: Self.masked(subject))
            case .fictitious:
                let person = subject.record.opaqueKey.id
                guard self.consents[person]?.isGiven == true, let identity = self.identities[person] else { return [] }
                return self.neutral(subject, clearance, named: Self.fictitious(identity))
            case .cleared: return self.cleared(subject, clearance, homes)
            }
        }
    }

    // MARK: Nothing real

    private static func masked(_ subject: Subject) -> [String: JSONValue] {
        let word = subject.kinds.contains(.child) ? "Elev" : subject.kinds.contains(.staff) ? "Personal" : "Person"
        return ["givenName": .string(word), "familyName": .string(String(subject.record.opaqueKey.id.prefix(8)))]
    }

    private static func fictitious(_ identity: FictitiousIdentity) -> [String: JSONValue] {
        [
            "givenName": .string(identity.givenName), "familyName": .string(identity.familyName),
            "civicNo": ["value": .string(identity.number), "nationality": "SE"],
        ]
    }

    private func neutral(_ subject: Subject, _ clearance: Clearance, named names: [String: JSONValue]) -> [WantedForm] {
        var forms: [WantedForm] = []
        func add(_ record: VaultRecord, _ body: JSONValue, _ fixed: [String: JSONValue]) {
            let entity = record.opaqueKey.entity
            guard let chosen = clearance.fields[entity]?.intersection(Clearance.neutralFields[entity] ?? []) else { return }
            var members = fixed
            for name in chosen { members[name] = body[name].map { Self.withoutWords($0) } }
            members["id"] = .string(record.opaqueKey.id)
            let masked = self.masked(.object(members), entity)
            forms.append(
                WantedForm(
                    key: record.opaqueKey, source: record.source, form: clearance.form == .fictitious ? .fictitious : .masked,
                    classLists: clearance.classLists,
                    body: masked.canonicalData))
        }
        add(subject.record, subject.body, names)
        for (record, body) in subject.about {
            add(record, body, Self.reference(record.opaqueKey.entity, to: subject.record.opaqueKey))
        }
        return forms
    }

    /// Nothing that somebody has written in words of their own.
    private static func withoutWords(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map(Self.withoutWords))
        case .object(let members):
            var kept: [String: JSONValue] = [:]
            for (name, value) in members where !["specification", "description", "displayName"].contains(name) {
                kept[name] = Self.withoutWords(value)
            }
            return .object(kept)
        default: return value
        }
    }

    /// How a record of this kind says whom it is about.
    private static func reference(_ entity: Entity, to person: RecordKey) -> [String: JSONValue] {
        let name =
            switch entity {
            case .placement: "child"
            case .studyPlan: "student"
            default: "person"
            }
        return [name: ["id": .string(person.id)]]
    }

    // MARK: Real data

    private func cleared(_ subject: Subject, _ clearance: Clearance, _ homes: ProtectedHomes) -> [WantedForm] {
        var forms: [WantedForm] = []
        func add(_ record: VaultRecord, _ body: JSONValue, _ fixed: [String: JSONValue]) {
            let entity = record.opaqueKey.entity
            guard Clearance.entities.contains(entity), let chosen = clearance.fields[entity] else { return }
            var members: [String: JSONValue] = [:]
            for name in chosen where name != "meta" { members[name] = body[name] }
            if !self.policy.family.guardians { members["responsibles"] = nil }
            members.merge(fixed) { _, fixed in fixed }
            members["id"] = .string(record.opaqueKey.id)
            forms.append(
                WantedForm(
                    key: record.opaqueKey, source: record.source, form: .cleared, classLists: clearance.classLists,
                    body: self.masked(.object(members), entity).canonicalData))
        }
        let mark: [String: JSONValue] = ["securityMarking": Self.marking(subject)]
        let blocked = RelationBlocks(self.blocks, key: self.key).applied(to: subject.body, child: subject.record.key.id)
        add(
            subject.record, homes.hidden(in: blocked), clearance.fields[.person]?.contains("securityMarking") == true ? mark : [:]
        )
        for (record, body) in subject.about {
            add(record, body, Self.reference(record.opaqueKey.entity, to: subject.record.opaqueKey))
        }
        return forms
    }

    /// The strictest of the marks, in the standard's words: the receiver must know that the person is protected.
    private static func marking(_ subject: Subject) -> JSONValue {
        if subject.levels.contains(.protectedRegistration) { return SecurityMarking.protectedRegistration.json }
        return SecurityMarking.secrecyMark.json
    }

    /// Others who are protected stay opaque also where somebody is cleared.
    private func masked(_ body: JSONValue, _ entity: Entity) -> JSONValue {
        RecordReferences.replacing(body, entity: entity) { reference in
            guard reference.entity == .person else { return nil }
            let opaque = self.key.opaqueKey(for: reference).id
            return self.opaqueIDs.contains(opaque) ? opaque : nil
        }
    }
}

/// Takes guardians out of children who they must not be told of.
struct RelationBlocks: Sendable {
    private let blocks: Set<RelationBlock>
    private let children: Set<String>
    private let key: HubKey

    init(_ blocks: Set<RelationBlock>, key: HubKey) {
        self.blocks = blocks
        self.children = Set(blocks.map(\.child))
        self.key = key
    }

    /// - Parameter child: the real id.
    func applied(to person: JSONValue, child: String) -> JSONValue {
        guard !self.blocks.isEmpty, let responsibles = person["responsibles"]?.arrayValue else { return person }
        let opaque = self.key.opaqueKey(for: RecordKey(.person, child)).id
        guard self.children.contains(opaque) else { return person }
        var result = person
        result["responsibles"] = .array(
            responsibles.filter { responsible in
                guard let id = responsible["person"]?["id"]?.stringValue else { return true }
                // The guardian may be protected, and known by the opaque id already.
                let guardian = self.key.opaqueKey(for: RecordKey(.person, id)).id
                return !self.blocks.contains(RelationBlock(child: opaque, guardian: guardian))
                    && !self.blocks.contains(RelationBlock(child: opaque, guardian: id))
            })
        return result
    }
}
