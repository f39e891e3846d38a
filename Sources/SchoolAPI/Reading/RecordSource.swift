import Hub
import Mapping
import SchoolRecords

/// What one request may look at: the register through the eyes of one client.
struct RecordSource: Sendable {
    let store: any HubStore
    let key: HubKey
    let provision: Provision
    let withholding: Withholding
    /// The organisations whose records the client may see; `nil` = all.
    let units: Set<String>?

    /// The index of terms must have been brought up to date: ``TermKeeper``.
    ///
    /// - Throws: whatever the store throws.
    init(store: any HubStore, key: HubKey, provision: Provision) async throws {
        self.store = store
        self.key = key
        self.provision = provision
        self.withholding = Withholding(try await store.withheldPersons(), key: key)
        self.units = provision.isLimited ? try await Self.units(of: provision, store) : nil
    }

    /// How many ids one step on the way from one record to another may come to.
    static let mostIdentities = 50_000

    private static func units(of provision: Provision, _ store: any HubStore) async throws -> Set<String> {
        var units: Set<String> = []
        try await Self.organisations(store) { id, json in
            let names = [id] + ["schoolUnitCode", "organisationCode"].compactMap { json[$0]?.stringValue }
            guard provision.schoolUnits.isEmpty || names.contains(where: provision.schoolUnits.contains) else { return }
            let types = (json["schoolTypes"]?.arrayValue ?? []).compactMap(\.stringValue)
            guard provision.schoolTypes.isEmpty || types.contains(where: provision.schoolTypes.contains) else { return }
            units.insert(id)
        }
        return units
    }

    private static func organisations(_ store: any HubStore, _ body: (String, JSONValue) -> Void) async throws {
        var last: String?
        while true {
            let records = try await store.liveRecords(of: .organisation, after: last, limit: 500)
            guard let end = records.last else { return }
            last = end.key.id
            for record in records {
                if let json = try? JSONValue(parsing: record.body) { body(record.key.id, json) }
            }
        }
    }

    /// An organisation and all below it; itself alone when the client may not see what is below what.
    func organisations(below top: Set<String>) async throws -> Set<String> {
        guard self.provision.may([FieldPath(.organisation, "parentOrganisation")]) else { return top }
        var all = top
        var open = top
        while !open.isEmpty {
            open = try await self.identities(of: .organisation, "parentOrganisation", open).subtracting(all)
            all.formUnion(open)
        }
        return all
    }

    /// The records of an entity that refer to one of these.
    func identities(of entity: Entity, _ path: String, _ ids: Set<String>) async throws -> Set<String> {
        let terms = Set(ids.map { RecordTerms.reference(path, $0) })
        let found = try await self.store.identities(of: entity, terms: terms, limit: Self.mostIdentities)
        return Set(found.values.joined())
    }

    /// The same as far as the client may see them, by what they refer to.
    func referring(_ entity: Entity, _ path: String, to ids: Set<String>) async throws -> [String: [OpenRecord]] {
        let terms = Dictionary(uniqueKeysWithValues: ids.map { (RecordTerms.reference(path, $0), $0) })
        let found = try await self.store.identities(of: entity, terms: Set(terms.keys), limit: Self.mostIdentities)
        let records = try await self.records(entity, Set(found.values.joined()))
        var referring: [String: [OpenRecord]] = [:]
        for (term, id) in terms {
            let open = (found[term] ?? []).compactMap { records[$0] }
            if !open.isEmpty { referring[id] = open }
        }
        return referring
    }

    /// Records by their ids, as far as they are there and the client may see them.
    func records(_ entity: Entity, _ ids: Set<String>) async throws -> [String: OpenRecord] {
        guard self.provision.fields(of: entity) != nil else { return [:] }
        let opened = try await self.anybodys(entity, ids)
        let visible = try await self.visible(entity, Array(opened.values))
        return Dictionary(uniqueKeysWithValues: visible.map { ($0.key.id, $0) })
    }

    /// Records by their ids, whoever may see them; withheld ones never.
    func anybodys(_ entity: Entity, _ ids: Set<String>) async throws -> [String: OpenRecord] {
        guard !ids.isEmpty else { return [:] }
        let records = try await self.store.records(ids.map { RecordKey(entity, $0) })
        var opened: [String: OpenRecord] = [:]
        for record in records.values where record.isLive {
            if let open = self.withholding.open(record) { opened[record.key.id] = open }
        }
        return opened
    }
}
