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
            try Self.remember(failure, number: open.attempts + 1, of: open.id, time: time, connection)
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
        if let id = try connection.first("SELECT MAX(id) FROM failure", [])?.integer(0) {
            try Self.remember(failure, number: 1, of: id, time: time, connection)
        }
        try Self.count(connection, "failed")
    }

    private static func openFailure(
        _ stage: NewFailure.Stage, _ system: String, _ key: RecordKey, _ connection: any SQLConnection
    ) throws -> (id: Int64, sequence: Int64?, attempts: Int64)? {
        try connection.first(
            """
            SELECT id, sequence, attempts FROM failure WHERE stage = ? AND system = ? AND entity = ? AND record_id = ?
                AND state IN ('failed', 'replaying')
            """, [.text(stage.rawValue), .text(system)] + key.columns
        ).map { ($0.integer(0), $0.optionalInteger(1), $0.integer(2)) }
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

    static func condition(_ filter: FailureFilter) -> (sql: String, arguments: [SQLValue]) {
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
        isOneOf("record_id", filter.record.map { [.text($0)] } ?? [])
        isOneOf("code", filter.code.map { [.text($0)] } ?? [])
        func compare(_ comparison: String, _ value: SQLValue?) {
            guard let value else { return }
            parts.append("\(comparison) ?")
            arguments.append(value)
        }
        compare("last_at >=", filter.since.map(SQLValue.text))
        compare("last_at <", filter.until.map(SQLValue.text))
        compare("id >", filter.after.map(SQLValue.integer))
        return (parts.isEmpty ? "" : "WHERE " + parts.joined(separator: " AND "), arguments)
    }

    public func groups(_ filter: FailureFilter) async throws -> [FailureGroup] {
        let (condition, arguments) = Self.condition(filter.ofGroups)
        let rows = try await self.database.read { connection in
            // Counted by the index alone; first, latest and newest are each found at its end by an index of their own.
            let counted = try connection.query(
                "SELECT state, fingerprint, COUNT(*) FROM failure \(condition) GROUP BY state, fingerprint", arguments)
            let isWhole = filter.isWholeGroups
            var groups: [String: SQLRow] = [:]
            for fingerprint in Set(counted.map { $0.text(1) }) {
                let number = counted.filter { $0.text(1) == fingerprint }.reduce(0) { $0 + $1.integer(2) }
                let states = counted.filter { $0.text(1) == fingerprint }.map { $0.text(0) }
                groups[fingerprint] =
                    try isWhole
                    ? Self.group(fingerprint, states: states, number: number, connection)
                    : Self.group(fingerprint, condition: condition, arguments: arguments, number: number, connection)
            }
            return groups.values.sorted { ($1.integer(8), $0.text(0)) < ($0.integer(8), $1.text(0)) }
        }
        let groups = rows.map { row in
            FailureGroup(
                fingerprint: row.text(0), system: row.text(1), entity: Entity(rawValue: row.text(2)), kind: row.text(3),
                code: row.text(4), field: row.optionalText(5), place: row.optionalText(6), message: row.text(7),
                count: Int(row.integer(8)), firstAt: row.text(9), lastAt: row.text(10))
        }
        return filter.isWholeGroups ? groups.filter(filter.takes) : groups
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
            var free: [Int64] = []
            for id in ids {
                let claim = try connection.first(
                    "SELECT batch FROM replay_item WHERE failure = ? AND outcome IN ('waiting', 'sent')", [.integer(id)])
                if claim == nil { free.append(id) }
            }
            return try Self.send(free, connection).filter { $0.value == .sent }.count
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
