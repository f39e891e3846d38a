import Foundation
public import Hub
import Messaging
public import SchoolRecords

extension SQLStore: FailedMessages {
    /// Keeps a failure: one open failure a stage, system and record.
    static func record(_ given: NewFailure, time: String, seals: Seals, _ connection: any SQLConnection) throws {
        let failure = try Self.withoutProtected(given, connection)
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
                // A correction is of one state of the record.
                try connection.execute(
                    "DELETE FROM failure_edit WHERE failure = ? AND sequence <> ?",
                    [.integer(open.id), .integer(failure.sequence ?? 0)])
                try FailureCount.take(1, of: open.fingerprint, state: open.state, connection)
                try FailureCount.add(failure, state: "failed", connection)
                // What was made of this state stays, also when today's mapping makes nothing of it.
                let isSame = failure.sequence == open.sequence && failure.code != NewFailure.Code.formWithdrawn.rawValue
                if failure.form != nil || !isSame {
                    try Self.keep(failure.form, of: open.id, system: failure.system, seals: seals, connection)
                }
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
            if failure.form != nil { try Self.keep(failure.form, of: id, system: failure.system, seals: seals, connection) }
        }
        try FailureCount.add(failure, state: "failed", connection)
        try Self.count(connection, "failed")
    }

    /// Of protected persons a failure keeps the opaque id alone; what is sent again is made of the vault.
    private static func withoutProtected(_ failure: NewFailure, _ connection: any SQLConnection) throws -> NewFailure {
        guard failure.body != nil || failure.form != nil else { return failure }
        let isAbout = try failure.key.map { try Self.isProtected([$0], connection) } ?? false
        let isShown = try failure.form.map { try Self.isProtected($0.references, connection) } ?? false
        guard isAbout || isShown else { return failure }
        return NewFailure(
            stage: failure.stage, system: failure.system, key: failure.key, sequence: failure.sequence, kind: failure.kind,
            code: failure.code, field: failure.field, place: failure.place, message: failure.message,
            body: isAbout ? nil : failure.body, form: nil)
    }

    private static func openFailure(
        _ stage: NewFailure.Stage, _ system: String, _ key: RecordKey, _ connection: any SQLConnection
    ) throws -> (id: Int64, sequence: Int64?, attempts: Int64, state: String, fingerprint: String)? {
        try connection.first(
            """
            SELECT id, sequence, attempts, state, fingerprint FROM failure WHERE stage = ? AND system = ? AND entity = ? AND record_id = ?
                AND \(FailureCount.state) IN ('failed', 'replaying')
            """, [.text(stage.rawValue), .text(system)] + key.columns
        ).map { ($0.integer(0), $0.optionalInteger(1), $0.integer(2), $0.text(3), $0.text(4)) }
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

    static let columns = """
        id, fingerprint, state, attempts, first_at, last_at, stage, system, entity, record_id, sequence, kind, code, field,
        place, message, body
        """

    func failedMessage(_ row: SQLRow, withBody: Bool) throws -> FailedMessage? {
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
        let rows = try await self.database.read {
            try $0.query("SELECT state, SUM(number) FROM failure_count WHERE number > 0 GROUP BY state", [])
        }
        return Dictionary(
            rows.compactMap { row in FailedMessage.State(rawValue: row.text(0)).map { ($0, Int(row.integer(1))) } },
            uniquingKeysWith: { first, _ in first })
    }
}
