import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: FlowMemory {
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

    public func made(by flow: String, for subjects: Set<String>) async throws -> [String: Set<RecordKey>] {
        try await self.database.read { connection in
            var made: [String: Set<RecordKey>] = [:]
            for chunk in SQLChunk.of(subjects.map(SQLValue.text)) {
                try connection.forEach(
                    "SELECT subject, entity, id FROM derivation WHERE flow = ? AND subject IN (\(chunk.marks))",
                    [.text(flow)] + chunk.values
                ) { row in
                    if let key = row.key(1, 2) { made[row.text(0), default: []].insert(key) }
                }
            }
            return made
        }
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
