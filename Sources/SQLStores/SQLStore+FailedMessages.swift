import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: FailedMessages {
    /// Keeps a failure: one open failure a stage, system and record.
    static func record(_ failure: NewFailure, time: String, key: HubKey, _ connection: any SQLConnection) throws {
        let body = try failure.body.map { try key.seal($0, context: "failure/\(failure.system)") }
        let what: [SQLValue] = [
            .optional(failure.sequence), .text(failure.kind), .text(failure.code), .optional(failure.field),
            .optional(failure.place), .text(failure.message), .optional(body), .text(failure.fingerprint), .text(time),
        ]
        if let recordKey = failure.key {
            let open = try connection.first(
                """
                SELECT id FROM failure WHERE stage = ? AND system = ? AND entity = ? AND record_id = ?
                    AND state IN ('failed', 'replaying')
                """,
                [.text(failure.stage.rawValue), .text(failure.system), .text(recordKey.entity.rawValue), .text(recordKey.id)])
            if let open {
                try connection.execute(
                    """
                    UPDATE failure SET sequence = ?, kind = ?, code = ?, field = ?, place = ?, message = ?, body = ?,
                        fingerprint = ?, last_at = ?, state = 'failed', attempts = attempts + 1 WHERE id = ?
                    """, what + [.integer(open.integer(0))])
                return
            }
        }
        try connection.execute(
            """
            INSERT INTO failure (sequence, kind, code, field, place, message, body, fingerprint, last_at, first_at, stage,
                system, entity, record_id, state, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'failed', 1)
            """,
            what + [
                .text(time), .text(failure.stage.rawValue), .text(failure.system), .optional(failure.key?.entity.rawValue),
                .optional(failure.key?.id),
            ])
        try Self.count(connection, "failed")
    }

    static func closeIntakeFailures(of key: RecordKey, _ connection: any SQLConnection) throws {
        let record: [SQLValue] = [.text(key.entity.rawValue), .text(key.id)]
        let replayed = try connection.execute(
            "UPDATE failure SET state = 'replayed' WHERE stage = 'intake' AND entity = ? AND record_id = ? AND state = 'replaying'",
            record)
        try Self.count(connection, "replayed", replayed)
        try connection.execute(
            "UPDATE failure SET state = 'superseded' WHERE stage = 'intake' AND entity = ? AND record_id = ? AND state = 'failed'",
            record)
    }

    private static let columns = """
        id, fingerprint, state, attempts, first_at, last_at, stage, system, entity, record_id, sequence, kind, code, field,
        place, message, body
        """

    private func failedMessage(_ row: SQLRow, withBody: Bool) throws -> FailedMessage? {
        guard let state = FailedMessage.State(rawValue: row.text(2)), let stage = NewFailure.Stage(rawValue: row.text(6)) else {
            return nil
        }
        let key = row.optionalText(9).flatMap { id in Entity(rawValue: row.text(8)).map { RecordKey($0, id) } }
        let body = withBody ? try row.optionalBlob(16).map { try self.key.open($0, context: "failure/\(row.text(7))") } : nil
        return FailedMessage(
            id: row.integer(0), fingerprint: row.text(1), state: state, attempts: Int(row.integer(3)), firstAt: row.text(4),
            lastAt: row.text(5),
            failure: NewFailure(
                stage: stage, system: row.text(7), key: key, sequence: row.optionalInteger(10), kind: row.text(11),
                code: row.text(12), field: row.optionalText(13), place: row.optionalText(14), message: row.text(15), body: body))
    }

    private static func condition(_ filter: FailureFilter) -> (sql: String, arguments: [SQLValue]) {
        var parts: [String] = []
        var arguments: [SQLValue] = []
        func isOneOf(_ column: String, _ values: [SQLValue]) {
            parts.append("\(column) IN (\(values.map { _ in "?" }.joined(separator: ", ")))")
            arguments += values
        }
        isOneOf("state", filter.states.map(\.rawValue).sorted().map(SQLValue.text))
        if !filter.ids.isEmpty { isOneOf("id", filter.ids.map(SQLValue.integer)) }
        if let fingerprint = filter.fingerprint { isOneOf("fingerprint", [.text(fingerprint)]) }
        if let system = filter.system { isOneOf("system", [.text(system)]) }
        if let entity = filter.entity { isOneOf("entity", [.text(entity.rawValue)]) }
        return (parts.joined(separator: " AND "), arguments)
    }

    public func groups(_ filter: FailureFilter) async throws -> [FailureGroup] {
        let (condition, arguments) = Self.condition(filter)
        let rows = try await self.database.read { connection in
            try connection.query(
                """
                SELECT f.fingerprint, f.system, f.entity, f.kind, f.code, f.field, f.place, f.message, g.number, g.first_at, g.last_at
                FROM failure f JOIN (
                    SELECT fingerprint, COUNT(*) AS number, MIN(first_at) AS first_at, MAX(last_at) AS last_at, MAX(id) AS newest
                    FROM failure WHERE \(condition) GROUP BY fingerprint) g ON g.newest = f.id
                ORDER BY g.number DESC, f.fingerprint
                """, arguments)
        }
        return rows.map { row in
            FailureGroup(
                fingerprint: row.text(0), system: row.text(1), entity: Entity(rawValue: row.text(2)), kind: row.text(3),
                code: row.text(4), field: row.optionalText(5), place: row.optionalText(6), message: row.text(7),
                count: Int(row.integer(8)), firstAt: row.text(9), lastAt: row.text(10))
        }
    }

    public func list(_ filter: FailureFilter) async throws -> [FailedMessage] {
        let (condition, arguments) = Self.condition(filter)
        let limit = filter.limit.map { " LIMIT \(max(0, $0))" } ?? ""
        let rows = try await self.database.read { connection in
            try connection.query("SELECT \(Self.columns) FROM failure WHERE \(condition) ORDER BY id\(limit)", arguments)
        }
        return try rows.compactMap { try self.failedMessage($0, withBody: false) }
    }

    public func message(_ id: Int64) async throws -> FailedMessage? {
        let row = try await self.database.read { connection in
            try connection.first("SELECT \(Self.columns) FROM failure WHERE id = ?", [.integer(id)])
        }
        return try row.flatMap { try self.failedMessage($0, withBody: true) }
    }

    public func replay(_ ids: [Int64]) async throws -> Int {
        let sent = try await self.database.write { connection in
            var sent = 0
            for id in ids {
                guard
                    let row = try connection.first(
                        "SELECT stage, system, entity, record_id FROM failure WHERE id = ? AND state = 'failed'", [.integer(id)]),
                    let entity = Entity(rawValue: row.text(2)), let record = row.optionalText(3)
                else { continue }
                try connection.execute("UPDATE failure SET state = 'replaying' WHERE id = ?", [.integer(id)])
                if row.text(0) == NewFailure.Stage.delivery.rawValue {
                    try Self.redeliver(RecordKey(entity, record), to: row.text(1), reason: "replay", connection)
                }
                sent += 1
            }
            return sent
        }
        if sent > 0 { self.bell.ring() }
        return sent
    }

    public func intakeReplays(source: String) async throws -> [RecordKey] {
        let rows = try await self.database.read { connection in
            try connection.query(
                """
                SELECT DISTINCT entity, record_id FROM failure
                WHERE stage = 'intake' AND system = ? AND state = 'replaying' AND record_id IS NOT NULL
                """, [.text(source)])
        }
        return rows.compactMap { row in Entity(rawValue: row.text(0)).map { RecordKey($0, row.text(1)) } }
    }

    public func record(_ failures: [NewFailure], time: String) async throws {
        let key = self.key
        try await self.database.write { connection in
            for failure in failures { try Self.record(failure, time: time, key: key, connection) }
        }
    }

    public func counts() async throws -> [FailedMessage.State: Int] {
        let rows = try await self.database.read { try $0.query("SELECT state, COUNT(*) FROM failure GROUP BY state", []) }
        return Dictionary(
            rows.compactMap { row in FailedMessage.State(rawValue: row.text(0)).map { ($0, Int(row.integer(1))) } },
            uniquingKeysWith: { first, _ in first })
    }
}
