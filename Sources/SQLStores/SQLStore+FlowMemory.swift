import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: FlowMemory {
    public func records(about person: String, entities: Set<Entity>) async throws -> [RegisteredRecord] {
        let chunks = SQLChunk.of(entities.sorted().map { .text($0.rawValue) })
        let rows = try await self.database.read { connection in
            var rows: [SQLRow] = []
            for chunk in chunks {
                rows += try connection.query(
                    """
                    SELECT \(Self.recordColumns) FROM record r LEFT JOIN data_key k ON k.owner = r.owner
                    WHERE r.owner = ? AND r.operation = 'upserted' AND r.entity IN (\(chunk.marks))
                    """, [.text(person)] + chunk.values)
                // From the person's records to what they carry: the other way round goes through all records of an entity, which
                // is where an index on what is live would lead; an expression keeps it from being used.
                rows += try connection.query(
                    """
                    SELECT \(Self.recordColumns) FROM record p CROSS JOIN record r
                    LEFT JOIN data_key k ON k.owner = r.owner
                    WHERE p.owner = ? AND p.operation = 'upserted' AND r.carrier_entity = p.entity AND r.carrier = p.id
                        AND r.operation || '' = 'upserted' AND r.entity IN (\(chunk.marks))
                    """, [.text(person)] + chunk.values)
            }
            return rows
        }
        return try rows.compactMap { try self.registered($0) }
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

    public func subjects(
        with entities: Set<Entity>, flow: String, after: String?, limit: Int
    ) async throws -> [String] {
        let marks = Array(repeating: "?", count: entities.count).joined(separator: ", ")
        let after = SQLValue.text(after ?? "")
        let arguments =
            entities.sorted().map { SQLValue.text($0.rawValue) } + [after, .text(flow), after, .integer(Int64(limit))]
        return try await self.database.read { connection in
            try connection.query(
                """
                SELECT subject FROM (
                    SELECT owner AS subject FROM record
                    WHERE entity IN (\(marks)) AND operation = 'upserted' AND owner > ?
                    UNION SELECT subject FROM flow_read WHERE flow = ? AND subject > ?) AS subjects
                ORDER BY subject LIMIT ?
                """, arguments
            ).map { $0.text(0) }
        }
    }

    public func begin(_ runs: [FlowRun]) async throws -> [Set<RecordKey>] {
        try await self.database.write { connection in try runs.map { try Self.begin($0, connection) } }
    }

    private static func begin(_ run: FlowRun, _ connection: any SQLConnection) throws -> Set<RecordKey> {
        for key in run.reads.sorted() {
            try connection.execute(
                "INSERT INTO flow_read (flow, entity, id, subject) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [.text(run.flow)] + key.columns + [.text(run.subject)])
        }
        for derivation in run.derivations {
            let origins = try JSONEncoder().encode(derivation.origins.map(\.description))
            try connection.execute(
                """
                INSERT INTO derivation (entity, id, flow, subject, rule, origins) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (entity, id) DO UPDATE SET flow = excluded.flow, subject = excluded.subject,
                    rule = excluded.rule, origins = excluded.origins
                """,
                derivation.key.columns + [
                    .text(run.flow), .text(run.subject), .text(derivation.rule),
                    .text(String(decoding: origins, as: UTF8.self)),
                ])
        }
        return try Self.derived(by: run.flow, for: run.subject, connection).subtracting(run.derivations.map(\.key))
    }

    public func finish(_ runs: [FlowRun]) async throws {
        try await self.database.write { connection in
            for run in runs { try Self.finish(run, connection) }
        }
    }

    private static func finish(_ run: FlowRun, _ connection: any SQLConnection) throws {
        let place: [SQLValue] = [.text(run.flow), .text(run.subject)]
        var stale: [RecordKey] = []
        try connection.forEach("SELECT entity, id FROM flow_read WHERE flow = ? AND subject = ?", place) { row in
            if let key = row.key(0, 1), !run.reads.contains(key) { stale.append(key) }
        }
        for key in stale {
            try connection.execute(
                "DELETE FROM flow_read WHERE flow = ? AND subject = ? AND entity = ? AND id = ?", place + key.columns)
        }
        for key in try Self.derived(by: run.flow, for: run.subject, connection).subtracting(run.derivations.map(\.key)) {
            try connection.execute("DELETE FROM derivation WHERE entity = ? AND id = ?", key.columns)
        }
        let keys = run.reads.union(stale).union([RecordKey(.person, run.subject)])
        try connection.inChunks(keys) { entity, ids in
            let filter = "stage = 'flow' AND system = ? AND entity = ? AND record_id IN (\(ids.marks))"
            let arguments = [.text(run.flow), entity] + ids.values
            let replayed = try FailureCount.move(
                to: .replayed, where: "\(filter) AND \(FailureCount.state) = 'replaying'", arguments, connection)
            try Self.count(connection, "replayed", replayed)
            try FailureCount.move(
                to: .superseded, where: "\(filter) AND \(FailureCount.state) = 'failed'", arguments, connection)
        }
    }

    public func made(by flow: String, for subject: String) async throws -> Set<RecordKey> {
        try await self.database.read { try Self.derived(by: flow, for: subject, $0) }
    }

    private static func derived(
        by flow: String, for subject: String, _ connection: any SQLConnection
    ) throws -> Set<RecordKey> {
        var keys: Set<RecordKey> = []
        try connection.forEach(
            "SELECT entity, id FROM derivation WHERE flow = ? AND subject = ?", [.text(flow), .text(subject)]
        ) { row in
            if let key = row.key(0, 1) { keys.insert(key) }
        }
        return keys
    }

    public func derivations(of keys: Set<RecordKey>) async throws -> [RecordKey: Derivation] {
        try await self.database.read { connection in
            var found: [RecordKey: Derivation] = [:]
            try connection.inChunks(keys) { entity, ids in
                try connection.forEach(
                    "SELECT entity, id, flow, rule, origins FROM derivation WHERE entity = ? AND id IN (\(ids.marks))",
                    [entity] + ids.values
                ) { row in
                    guard let key = row.key(0, 1) else { return }
                    let origins = try JSONDecoder().decode([String].self, from: Data(row.text(4).utf8))
                    found[key] = Derivation(
                        key: key, flow: row.text(2), rule: row.text(3), origins: origins.compactMap(Self.recordKey))
                }
            }
            return found
        }
    }

    static func recordKey(_ text: String) -> RecordKey? {
        let parts = text.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return Entity(rawValue: String(parts[0])).map { RecordKey($0, String(parts[1])) }
    }

    public func derivedCounts() async throws -> [String: Int] {
        let rows = try await self.database.read { connection in
            try connection.query("SELECT flow, COUNT(*) FROM derivation GROUP BY flow", [])
        }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.text(0), Int($0.integer(1))) })
    }
}
