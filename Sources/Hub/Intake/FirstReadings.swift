import Mapping
public import SchoolRecords

/// Whether what sources have has been read to its end once: before that nobody knows what there is.
public struct FirstReadings: Sendable {
    private let store: any HubStore
    private let mappings: MappingBook

    public init(store: any HubStore, mappings: MappingBook) {
        self.store = store
        self.mappings = mappings
    }

    /// Of these entities those that have sources, while the one whose word counts (where nobody's does: any of them) has never been read to its
    /// end.
    public func missing(_ entities: Set<Entity>) async throws -> Set<Entity> {
        let set = self.mappings.set
        var missing: Set<Entity> = []
        for entity in entities {
            var sources = set.sourceNames.filter { set.inboundEntities(system: $0).contains(entity) }
            if let chief = set.authority(for: entity), sources.contains(chief) { sources = [chief] }
            guard !sources.isEmpty else { continue }
            var isRead = false
            for source in sources where !isRead {
                isRead = try await self.store.mark(source: source, entity: EntityReading.loadedMark(of: entity)) != nil
            }
            if !isRead { missing.insert(entity) }
        }
        return missing
    }
}
