public import SchoolRecords

extension EdlevoStandIn {
    /// The latest `meta.modified` that an entity has, as it stands in the documents; `nil` when there is no record.
    public func latestChange(of entity: Entity) -> String? {
        self.tables[entity]?.entries.lazy.compactMap { $0?.stamps.modified }.max()?.text
    }
}
