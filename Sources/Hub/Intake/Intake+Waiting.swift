import ConnectorKit
import Mapping
import SchoolRecords

/// Who is protected is known when persons have been read. What names persons isn't read before, or their ids would be spread by whichever
/// source is quicker.
extension Intake {
    /// Which of these entities can't be read yet, and what has to be read from another source first.
    func waiting(_ entities: [Entity]) async throws -> [Entity: Set<Entity>] {
        let own = Set(self.source.entities)
        let needed = Dictionary(entities.map { ($0, Self.needed(by: $0).subtracting(own)) }) { first, _ in first }
        let all = needed.values.reduce(into: Set<Entity>()) { $0.formUnion($1) }
        let unread = try await FirstReadings(store: self.store, mappings: self.mappings).missing(all)
        return needed.mapValues { $0.intersection(unread) }.filter { !$0.value.isEmpty }
    }

    /// The entities by which it is known whether a record of an entity is about somebody protected, and those by whose numbers and codes it is
    /// linked.
    static func needed(by entity: Entity) -> Set<Entity> {
        var needed = entity.completion?.needs ?? []
        if RecordReferences.entities(of: entity).contains(.person) { needed.insert(.person) }
        if SchoolRecord.carried.contains(entity) { needed.formUnion(SchoolRecord.carriers.union([.person])) }
        return needed
    }

    /// Whether what was waited for has been read.
    func canGoOn(_ report: IntakeReport) async throws -> Bool {
        try await self.waiting(report.waiting.keys.compactMap(Entity.init(rawValue:))).count < report.waiting.count
    }

    /// Records about persons who aren't protected any more, out of the vault and into the register: the source that has them tells of its own
    /// changes alone.
    ///
    /// - Parameter persons: real ids.
    func bringBack(_ persons: Set<String>, _ protected: inout ProtectedPersons) async throws {
        let held = try await self.store.vaultRecords()
        let about = VaultSubjects(held)
        let records = held.filter { record in
            record.key.entity != .person && about.person(of: record).map(persons.contains) == true
        }
        guard !records.isEmpty else { return }
        protected.uncarry(records.map(\.opaqueKey))
        try await Releasing(
            store: self.store, sources: Set(self.mappings.set.sourceNames).union([self.source.system]), clock: self.clock
        ).run(records, protected)
    }
}
