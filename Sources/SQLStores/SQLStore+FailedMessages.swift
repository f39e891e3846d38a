import Foundation
public import Hub
import Messaging
public import SchoolRecords

extension SQLStore: FailedMessages {
    /// Keeps a failure: one open failure a stage, system and record.
    static func record(_ failure: NewFailure, time: String, seals: Seals, _ connection: any SQLConnection) throws {
        if let key = failure.key, let open = try Self.openFailure(failure.stage, failure.system, key, connection) {
            let isOlder = failure.sequence.map { $0 < open.sequence ?? $0 } ?? false
            if isOlder {
                // A late copy of an older state: what is known of the newer one stands.
                try connection.execute(
                    "UPDATE failure SET last_at = ?, attempts = attempts + 1 WHERE id = ?", [.text(time), .integer(open.id)])
            } else {
                try connection.execute(
                    """
                    UPDATE failure SET sequence = ?, kind = ?, code = ?, field = ?, place = ?, message = ?, body = ?,
                        fingerprint = ?, last_at = ?, state = 'failed', attempts = attempts + 1 WHERE id = ?
                    """, try Self.values(failure, time: time, seals: seals, connection) + [.integer(open.id)])
            }
            return
        }
        try connection.execute(
            """
            INSERT INTO failure (sequence, kind, code, field, place, message, body, fingerprint, last_at, first_at, stage,
                system, entity, record_id, state, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'failed', 1)
            """,
            try Self.values(failure, time: time, seals: seals, connection) + [
                .text(time), .text(failure.stage.rawValue), .text(failure.system), .optional(failure.key?.entity.rawValue),
                .optional(failure.key?.id),
            ])
        try Self.count(connection, "failed")
    }

    private static func openFailure(
        _ stage: NewFailure.Stage, _ system: String, _ key: RecordKey, _ connection: any SQLConnection
    ) throws -> (id: Int64, sequence: Int64?)? {
        try connection.first(
            """
            SELECT id, sequence FROM failure WHERE stage = ? AND system = ? AND entity = ? AND record_id = ?
                AND state IN ('failed', 'replaying')
            """, [.text(stage.rawValue), .text(system)] + key.columns
        ).map { ($0.integer(0), $0.optionalInteger(1)) }
    }

    private static func values(
        _ failure: NewFailure, time: String, seals: Seals, _ connection: any SQLConnection
    ) throws -> [SQLValue] {
        var body = failure.body
        if body != nil, let key = failure.key {
            // An old message that fails after the record is gone must not bring its content back.
            let record = try connection.first("SELECT operation FROM record WHERE entity = ? AND id = ?", key.columns)
            if record?.text(0) == RecordChange.Operation.deleted.rawValue { body = nil }
        }
        let sealed = try body.map { try seals.seal($0, context: "failure/\(failure.system)") }
        return [
            .optional(failure.sequence), .text(failure.kind), .text(failure.code), .optional(failure.field),
            .optional(failure.place), .text(failure.message), .optional(sealed), .text(failure.fingerprint), .text(time),
        ]
    }

    private static let columns = """
        id, fingerprint, state, attempts, first_at, last_at, stage, system, entity, record_id, sequence, kind, code, field,
        place, message, body
        """

    private func failedMessage(_ row: SQLRow, withBody: Bool) throws -> FailedMessage? {
        guard let state = FailedMessage.State(rawValue: row.text(2)), let stage = NewFailure.Stage(rawValue: row.text(6)) else {
            return nil
        }
        let body = withBody ? try row.optionalBlob(16).map { try self.seals.open($0, context: "failure/\(row.text(7))") } : nil
        return FailedMessage(
            id: row.integer(0), fingerprint: row.text(1), state: state, attempts: Int(row.integer(3)), firstAt: row.text(4),
            lastAt: row.text(5),
            failure: NewFailure(
                stage: stage, system: row.text(7), key: row.key(8, 9), sequence: row.optionalInteger(10), kind: row.text(11),
                code: row.text(12), field: row.optionalText(13), place: row.optionalText(14), message: row.text(15), body: body))
    }

    private static func condition(_ filter: FailureFilter) -> (sql: String, arguments: [SQLValue]) {
        var parts: [String] = []
        var arguments: [SQLValue] = []
        func isOneOf(_ column: String, _ values: [SQLValue]) {
            guard let last = values.last else { return }
            // Few widths, so that few statements are kept prepared.
            var width = 1
            while width < values.count { width *= 2 }
            parts.append("\(column) IN (\(Array(repeating: "?", count: width).joined(separator: ", ")))")
            arguments += values + Array(repeating: last, count: width - values.count)
        }
        isOneOf("state", filter.states.map(\.rawValue).sorted().map(SQLValue.text))
        isOneOf("id", filter.ids.map(SQLValue.integer))
        isOneOf("fingerprint", filter.fingerprint.map { [.text($0)] } ?? [])
        isOneOf("system", filter.system.map { [.text($0)] } ?? [])
        isOneOf("entity", filter.entity.map { [.text($0.rawValue)] } ?? [])
        return (parts.isEmpty ? "" : "WHERE " + parts.joined(separator: " AND "), arguments)
    }

    public func groups(_ filter: FailureFilter) async throws -> [FailureGroup] {
        let (condition, arguments) = Self.condition(filter)
        let rows = try await self.database.read { connection in
            try connection.query(
                """
                SELECT f.fingerprint, f.system, f.entity, f.kind, f.code, f.field, f.place, f.message, g.number, g.first_at, g.last_at
                FROM failure f JOIN (
                    SELECT fingerprint, COUNT(*) AS number, MIN(first_at) AS first_at, MAX(last_at) AS last_at, MAX(id) AS newest
                    FROM failure \(condition) GROUP BY fingerprint) g ON g.newest = f.id
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
        let limit = Int64(max(0, filter.limit ?? .max))
        let rows = try await self.database.read { connection in
            try connection.query(
                "SELECT \(Self.columns) FROM failure \(condition) ORDER BY id LIMIT ?", arguments + [.integer(limit)])
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
            var redelivered: [String: [RecordKey]] = [:]
            var flows: [String: [RecordKey]] = [:]
            for id in ids {
                let row = try connection.first(
                    """
                    SELECT f.stage, f.system, f.entity, f.record_id, r.id FROM failure f
                    LEFT JOIN record r ON r.entity = f.entity AND r.id = f.record_id
                    WHERE f.id = ? AND f.state = 'failed'
                    """, [.integer(id)])
                guard let row, let key = row.key(2, 3) else { continue }
                if row.text(0) == NewFailure.Stage.flow.rawValue {
                    guard row.optionalText(4) != nil else { continue }
                    flows[row.text(1), default: []].append(key)
                } else if row.text(0) == NewFailure.Stage.delivery.rawValue {
                    // Nothing could be sent of a record that the register has never seen.
                    guard row.optionalText(4) != nil else { continue }
                    redelivered[row.text(1), default: []].append(key)
                }
                sent += try connection.execute("UPDATE failure SET state = 'replaying' WHERE id = ?", [.integer(id)])
            }
            for (system, keys) in redelivered { try Self.redeliver(keys, to: system, reason: "replay", connection) }
            for (flow, keys) in flows {
                try Self.send(keys, toQueue: HubTopology.flowQueue(of: flow), reason: "replay", connection)
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
        return rows.compactMap { $0.key(0, 1) }
    }

    public func record(_ failures: [NewFailure], time: String) async throws {
        let seals = self.seals
        try await self.database.write { connection in
            for failure in failures { try Self.record(failure, time: time, seals: seals, connection) }
        }
    }

    public func counts() async throws -> [FailedMessage.State: Int] {
        let rows = try await self.database.read { try $0.query("SELECT state, COUNT(*) FROM failure GROUP BY state", []) }
        return Dictionary(
            rows.compactMap { row in FailedMessage.State(rawValue: row.text(0)).map { ($0, Int(row.integer(1))) } },
            uniquingKeysWith: { first, _ in first })
    }
}
