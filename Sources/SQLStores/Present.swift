import SchoolRecords

/// Looks up what is there of many records for one system.
struct Present {
    let system: String
    let keys: Set<RecordKey>
    let connection: any SQLConnection

    /// - Parameter also: more that has to hold, beginning with `AND`.
    func forEach(
        _ select: String, _ entity: String, _ id: String, also: String = "", _ body: (RecordKey, SQLRow) -> Void
    ) throws {
        try self.connection.inChunks(self.keys) { value, ids in
            let sql = "\(select) WHERE system = ? AND \(entity) = ? AND \(id) IN (\(ids.marks)) \(also)"
            try self.connection.forEach(sql, [.text(self.system), value] + ids.values) { row in
                if let key = row.key(0, 1) { body(key, row) }
            }
        }
    }

    func keys(_ select: String, _ entity: String, _ id: String) throws -> Set<RecordKey> {
        var found: Set<RecordKey> = []
        try self.forEach(select, entity, id) { key, _ in found.insert(key) }
        return found
    }
}
