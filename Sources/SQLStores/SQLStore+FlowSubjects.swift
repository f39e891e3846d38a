public import Hub
public import SchoolRecords

/// Which persons a flow is to look at, and what is known about them. Every statement goes along an index, whatever the number
/// of records: nothing is sorted, no table gone through.
extension SQLStore {
    public func records(
        about persons: Set<String>, entities: Set<Entity>
    ) async throws -> [String: [RegisteredRecord]] {
        let entityChunks = Self.chunks(entities)
        let carriedChunks = Self.chunks(entities.intersection(SchoolRecord.carried))
        let rows = try await self.database.read { connection in
            var rows: [SQLRow] = []
            for persons in SQLChunk.of(persons.map(SQLValue.text)) {
                for entities in entityChunks {
                    rows += try connection.query(
                        """
                        SELECT r.owner, \(Self.recordColumns) FROM record r LEFT JOIN data_key k ON k.owner = r.owner
                        WHERE r.owner IN (\(persons.marks)) AND r.entity IN (\(entities.marks)) AND \(Self.isLive("r"))
                        """, persons.values + entities.values)
                }
                // From the person's records to what they carry: the other way round goes through all records of an entity.
                for entities in carriedChunks {
                    rows += try connection.query(
                        """
                        SELECT p.owner, \(Self.recordColumns) FROM record p CROSS JOIN record r
                        LEFT JOIN data_key k ON k.owner = r.owner
                        WHERE p.owner IN (\(persons.marks)) AND \(Self.isLive("p")) AND r.carrier_entity = p.entity
                            AND r.carrier = p.id AND \(Self.isLive("r")) AND r.entity IN (\(entities.marks))
                        """, persons.values + entities.values)
                }
            }
            return rows
        }
        var records: [String: [RegisteredRecord]] = [:]
        for row in rows {
            if let record = try self.registered(row, at: 1) { records[row.text(0), default: []].append(record) }
        }
        return records
    }

    public func subjects(of keys: Set<RecordKey>, flow: String) async throws -> Set<String> {
        try await self.database.read { connection in
            var subjects: Set<String> = []
            try connection.inChunks(keys) { entity, ids in
                let marks = ids.marks
                for (sql, first) in [
                    ("SELECT subject FROM flow_read WHERE flow = ? AND entity = ? AND id IN (\(marks))", [SQLValue.text(flow)]),
                    ("SELECT owner FROM record WHERE entity = ? AND id IN (\(marks)) AND owner IS NOT NULL", []),
                    (
                        """
                        SELECT p.owner FROM record r JOIN record p ON p.entity = r.carrier_entity AND p.id = r.carrier
                        WHERE r.entity = ? AND r.id IN (\(marks)) AND p.owner IS NOT NULL
                        """, []
                    ),
                ] {
                    try connection.forEach(sql, first + [entity] + ids.values) { subjects.insert($0.text(0)) }
                }
            }
            return subjects
        }
    }

    public func concerned(
        among persons: Set<String>, by entities: Set<Entity>, flow: String
    ) async throws -> Set<String> {
        let entityChunks = Self.chunks(entities)
        return try await self.database.read { connection in
            var concerned: Set<String> = []
            for persons in SQLChunk.of(persons.map(SQLValue.text)) {
                let marks = persons.marks
                for entities in entityChunks {
                    try connection.forEach(
                        """
                        SELECT owner FROM record WHERE owner IN (\(marks)) AND entity IN (\(entities.marks))
                            AND \(Self.isLive("record"))
                        """, persons.values + entities.values
                    ) { concerned.insert($0.text(0)) }
                }
                for sql in [
                    "SELECT subject FROM flow_read WHERE flow = ? AND subject IN (\(marks))",
                    "SELECT subject FROM derivation WHERE flow = ? AND subject IN (\(marks))",
                    "SELECT record_id FROM failure WHERE \(Self.isOpenFailure) AND record_id IN (\(marks))",
                ] {
                    try connection.forEach(sql, [.text(flow)] + persons.values) { concerned.insert($0.text(0)) }
                }
            }
            return concerned
        }
    }

    public func subjects(
        with entities: Set<Entity>, flow: String, after: String?, limit: Int
    ) async throws -> [String] {
        let after = SQLValue.text(after ?? "")
        let limit = max(0, limit)
        let most = SQLValue.integer(Int64(limit))
        let entityChunks = Self.chunks(entities)
        // Each way of being one of them has an index of its own to go on along from where the last page ended; the page is the
        // first of what they give together.
        let found = try await self.database.read { connection in
            var found: Set<String> = []
            for entities in entityChunks {
                try connection.forEach(
                    """
                    SELECT DISTINCT owner FROM record
                    WHERE owner > ? AND entity || '' IN (\(entities.marks)) AND \(Self.isLive("record"))
                    ORDER BY owner LIMIT ?
                    """, [after] + entities.values + [most]
                ) { found.insert($0.text(0)) }
            }
            for sql in [
                "SELECT DISTINCT subject FROM flow_read WHERE flow = ? AND subject > ? ORDER BY subject LIMIT ?",
                "SELECT DISTINCT subject FROM derivation WHERE flow = ? AND subject > ? ORDER BY subject LIMIT ?",
                """
                SELECT DISTINCT record_id FROM failure WHERE \(Self.isOpenFailure) AND record_id > ?
                ORDER BY record_id LIMIT ?
                """,
            ] {
                try connection.forEach(sql, [.text(flow), after, most]) { found.insert($0.text(0)) }
            }
            return found
        }
        return Array(found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.prefix(limit))
    }

    private static func chunks(_ entities: Set<Entity>) -> [SQLChunk] {
        SQLChunk.of(entities.sorted().map { .text($0.rawValue) })
    }

    /// That a record is there, as an expression: the index on what is live, which this keeps from being used, would lead through
    /// all records of an entity.
    private static func isLive(_ table: String) -> String { "\(table).operation || '' = 'upserted'" }

    /// A flow's failures about persons that nobody has dealt with, by their index.
    private static let isOpenFailure = """
        stage = 'flow' AND system = ? AND entity || '' = 'person' AND \(FailureCount.state) IN ('failed', 'replaying')
        """
}
