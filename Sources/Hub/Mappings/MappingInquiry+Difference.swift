public import Mapping
public import SchoolRecords

extension MappingInquiry {
    /// Compares what every record of the Register gives by the mappings in force and by edited ones.
    ///
    /// A row that another record gives all the same hasn't changed. Needs memory for what changes, not for the Register.
    ///
    /// - Parameters:
    ///   - limit: so many records are listed; the counts are of all.
    ///   - withValues: list the values too; they are personal data.
    /// - Throws: ``Problem`` without a Register.
    public func difference(
        to edited: MappingSet, today: CalendarDate, only system: String? = nil, limit: Int, withValues: Bool
    ) async throws -> MappingDifference {
        let register = try self.register()
        var difference = MappingDifference(before: self.set.version, after: edited.version)
        difference.sourceFiles = self.set.changedSourceFiles(edited)
        let names = Set(self.set.systems.keys).union(edited.systems.keys).sorted()
        for name in names where system == nil || name == system {
            let entities = Set(self.set.outboundEntities(system: name)).union(edited.outboundEntities(system: name)).sorted()
            guard !entities.isEmpty else { continue }
            var comparison = SystemComparison(system: name, today: today)
            for entity in entities {
                comparison.begin(
                    entity, before: self.set.outbound(system: name, entity: entity),
                    after: edited.outbound(system: name, entity: entity))
                try await register.pages(of: entity, for: name) { page in try await comparison.compare(page, register) }
            }
            // A row may come from several records: only all of them together say whether it changes.
            if !comparison.changedRows.isEmpty {
                for entity in entities {
                    comparison.begin(
                        entity, before: self.set.outbound(system: name, entity: entity),
                        after: edited.outbound(system: name, entity: entity))
                    try await register.pages(of: entity, for: name) { page in try await comparison.gather(page, register) }
                }
            }
            comparison.finish(&difference, limit: limit, withValues: withValues)
        }
        return difference
    }
}
