public import Foundation
public import Hub

extension SQLStore: Retention {
    private static let isOver = "f.state IN ('replayed', 'superseded', 'discarded')"

    /// Over for long enough; the moment is the argument. A discarded state that is the record's present one keeps it from being sent.
    private static let isArchivable = """
        f.ended_at <= ? AND \(SQLStore.isOver) AND \(SQLStore.isFree("f.record_id"))
            AND NOT EXISTS (SELECT 1 FROM replay_item i WHERE i.failure = f.id AND i.outcome IN ('waiting', 'sent'))
            AND NOT (f.state = 'discarded' AND EXISTS (SELECT 1 FROM record r
                WHERE r.entity = f.entity AND r.id = f.record_id AND (f.sequence IS NULL OR f.sequence >= r.sequence)))
        """

    public func retain(
        _ periods: RetentionPeriods, now: Date, limit: Int, by person: String
    ) async throws -> RetentionStep {
        let key = self.seals.key
        return try await self.database.write { connection in
            let time = RFC3339.text(now)
            var step = RetentionStep()
            step.ended = try connection.execute(
                """
                UPDATE failure SET ended_at = ? WHERE id IN (
                    SELECT f.id FROM failure f WHERE f.ended_at IS NULL AND \(Self.isOver) LIMIT ?)
                """, [.text(time), .integer(Int64(limit))])
            if let cutoff = periods.failures(now: now) {
                step.archived = try Self.archive(before: cutoff, time: time, limit: limit, connection)
            }
            if let cutoff = periods.archived(now: now) {
                step.deleted = try Self.deleteArchived(before: cutoff, limit: limit, connection)
            }
            var deeds: [Deed] = []
            if step.archived > 0 {
                deeds.append(
                    Deed(
                        action: "retention.archive", subject: "failures",
                        reason: "\(step.archived) over for \(periods.failuresDays ?? 0) days"))
            }
            if step.deleted > 0 {
                deeds.append(
                    Deed(
                        action: "retention.delete", subject: "failures",
                        reason: "\(step.deleted) archived for \(periods.archivedDays ?? 0) days"))
            }
            let last = try periods.audit(now: now).flatMap { try Self.lastPrunable(before: $0, limit: limit, connection) }
            if let last {
                step.audit = Int(last.number - last.first + 1)
                deeds.append(
                    Deed(
                        action: "retention.audit", subject: "audit/\(last.first)-\(last.number)",
                        reason: "older than \(periods.auditDays ?? 0) days"))
            }
            try Self.audit(deeds, by: person, time: time, key: key, connection)
            if let last { try Self.prune(upTo: last.number, hash: last.hash, key: key, connection) }
            return step
        }
    }

    public func retainable(_ periods: RetentionPeriods, now: Date) async throws -> RetentionStep {
        try await self.database.read { connection in
            func number(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
                Int(try connection.first(sql, arguments)?.integer(0) ?? 0)
            }
            var step = RetentionStep()
            step.ended = try number("SELECT COUNT(*) FROM failure f WHERE f.ended_at IS NULL AND \(Self.isOver)", [])
            if let cutoff = periods.failures(now: now) {
                step.archived = try number("SELECT COUNT(*) FROM failure f WHERE \(Self.isArchivable)", [.text(cutoff)])
            }
            if let cutoff = periods.archived(now: now) {
                step.deleted = try number(
                    "SELECT COUNT(*) FROM failure WHERE ended_at <= ? AND state = 'archived'", [.text(cutoff)])
            }
            if let cutoff = periods.audit(now: now), let last = try Self.lastPrunable(before: cutoff, limit: .max, connection) {
                step.audit = Int(last.number - last.first + 1)
            }
            return step
        }
    }

    // MARK: Failures

    private static func archive(
        before cutoff: String, time: String, limit: Int, _ connection: any SQLConnection
    ) throws -> Int {
        let ids = try connection.query(
            "SELECT f.id FROM failure f WHERE \(Self.isArchivable) ORDER BY f.ended_at, f.id LIMIT ?",
            [.text(cutoff), .integer(Int64(limit))])
        for chunk in SQLChunk.of(ids.map { .integer($0.integer(0)) }) {
            try FailureCount.move(to: .archived, where: "id IN (\(chunk.marks))", chunk.values, connection)
            try connection.execute(
                "UPDATE failure SET body = NULL, message = '', record_id = NULL, ended_at = ? WHERE id IN (\(chunk.marks))",
                [.text(time)] + chunk.values)
            for table in ["failure_attempt", "failure_edit"] {
                try connection.execute("DELETE FROM \(table) WHERE failure IN (\(chunk.marks))", chunk.values)
            }
        }
        return ids.count
    }

    private static func deleteArchived(before cutoff: String, limit: Int, _ connection: any SQLConnection) throws -> Int {
        let rows = try connection.query(
            "SELECT id, fingerprint FROM failure WHERE ended_at <= ? AND state = 'archived' ORDER BY ended_at, id LIMIT ?",
            [.text(cutoff), .integer(Int64(limit))])
        for (fingerprint, rows) in Dictionary(grouping: rows, by: { $0.text(1) }) {
            try FailureCount.take(Int64(rows.count), of: fingerprint, state: "archived", connection)
        }
        for chunk in SQLChunk.of(rows.map { .integer($0.integer(0)) }) {
            for table in ["replay_item", "failure_discard"] {
                try connection.execute("DELETE FROM \(table) WHERE failure IN (\(chunk.marks))", chunk.values)
            }
            try connection.execute("DELETE FROM failure WHERE id IN (\(chunk.marks))", chunk.values)
        }
        guard !rows.isEmpty else { return 0 }
        // Replays of which nothing is left.
        try connection.execute(
            """
            DELETE FROM replay_batch WHERE made_at <= ? AND state IN ('selected', 'cancelled', 'done')
                AND NOT EXISTS (SELECT 1 FROM replay_item i WHERE i.batch = replay_batch.id)
            """, [.text(cutoff)])
        return rows.count
    }

    // MARK: The audit log

    /// The last of the oldest entries that are too old, and the first one.
    private static func lastPrunable(
        before cutoff: String, limit: Int, _ connection: any SQLConnection
    ) throws -> (first: Int64, number: Int64, hash: String)? {
        guard let first = try connection.first("SELECT number FROM audit ORDER BY number LIMIT 1", [])?.integer(0) else {
            return nil
        }
        // From the beginning without gaps: entries are in the order of time, but for a clock that was set back.
        let young = try connection.first("SELECT number FROM audit WHERE time > ? ORDER BY number LIMIT 1", [.text(cutoff)])
        let end = try young?.integer(0) ?? (connection.first("SELECT MAX(number) FROM audit", [])?.integer(0) ?? 0) + 1
        let number = min(end - 1, limit == .max ? .max : first + Int64(limit) - 1)
        guard number >= first else { return nil }
        return try connection.first("SELECT hash FROM audit WHERE number = ?", [.integer(number)]).map {
            (first, number, $0.text(0))
        }
    }

    private static let anchorName = "audit-anchor"

    /// Deletes entries from the beginning; a sealed note says with which one the rest goes on.
    private static func prune(upTo number: Int64, hash: String, key: HubKey, _ connection: any SQLConnection) throws {
        let sealed = try key.seal(Data("\(number) \(hash)".utf8), context: Self.anchorName)
        try connection.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [.text(Self.anchorName), .blob(sealed)])
        try connection.execute("DELETE FROM audit WHERE number <= ?", [.integer(number)])
    }

    /// What the log goes on from: the last entry that was deleted, 0 when none was.
    ///
    /// - Returns: `nil` when the note isn't as it was written.
    static func auditAnchor(key: HubKey, _ connection: any SQLConnection) throws -> (number: Int64, hash: String)? {
        guard let row = try connection.first("SELECT value FROM setting WHERE name = ?", [.text(Self.anchorName)]) else {
            return (0, "")
        }
        guard let sealed = row.optionalBlob(0), let data = try? key.open(sealed, context: Self.anchorName) else { return nil }
        let parts = String(decoding: data, as: UTF8.self).split(separator: " ")
        guard parts.count == 2, let number = Int64(parts[0]) else { return nil }
        return (number, String(parts[1]))
    }
}
