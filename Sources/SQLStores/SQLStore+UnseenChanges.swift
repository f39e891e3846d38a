import Foundation
public import Hub
import SchoolRecords

/// What went through unseen, by the hour, and the plans that let more through.
extension SQLStore {
    /// What is older counts no more for any window.
    private static let keptDays = 8

    public func unseen(
        _ direction: HeldChange.Direction, system: String, subject: String, since: String
    ) async throws -> PartedCounts {
        let rows = try await self.database.read { connection in
            try connection.query(
                """
                SELECT part, SUM(creates), SUM(updates), SUM(deletes), SUM(releases) FROM unseen_change
                WHERE direction = ? AND system = ? AND subject = ? AND hour >= ? GROUP BY part
                """,
                [.text(direction.rawValue), .text(system), .text(subject), .text(Self.hour(since))])
        }
        var counts = PartedCounts()
        for row in rows {
            let part = ChangeCounts(
                creates: Int(row.integer(1)), updates: Int(row.integer(2)), deletes: Int(row.integer(3)),
                releases: Int(row.integer(4)))
            if row.text(0).isEmpty { counts.total = part } else { counts.parts[row.text(0)] = part }
        }
        return counts
    }

    /// `2026-08-17T06` of an instant.
    private static func hour(_ time: String) -> String { String(time.prefix(13)) }

    public func count(
        _ counts: PartedCounts, _ direction: HeldChange.Direction, system: String, subject: String, time: String
    ) async throws {
        guard !counts.isEmpty else { return }
        try await self.database.write {
            try Self.countUnseen(counts, direction, system: system, subject: subject, time: time, $0)
        }
    }

    static func countUnseen(
        _ counts: PartedCounts, _ direction: HeldChange.Direction, system: String, subject: String, time: String,
        _ connection: any SQLConnection
    ) throws {
        let place: [SQLValue] = [.text(direction.rawValue), .text(system), .text(subject)]
        for (part, counts) in [("", counts.total)] + counts.parts.sorted(by: { $0.key < $1.key }) {
            try connection.execute(
                """
                INSERT INTO unseen_change (direction, system, subject, hour, part, creates, updates, deletes, releases)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (direction, system, subject, hour, part) DO UPDATE SET
                    creates = unseen_change.creates + excluded.creates, updates = unseen_change.updates + excluded.updates,
                    deletes = unseen_change.deletes + excluded.deletes, releases = unseen_change.releases + excluded.releases
                """, place + [.text(Self.hour(time)), .text(part)] + Self.numbers(counts))
        }
        if let now = RFC3339.date(time) {
            let oldest = RFC3339.text(now.addingTimeInterval(Double(-Self.keptDays * 86_400)))
            try connection.execute(
                "DELETE FROM unseen_change WHERE direction = ? AND system = ? AND subject = ? AND hour < ?",
                place + [.text(Self.hour(oldest))])
        }
    }

    private static func numbers(_ counts: ChangeCounts) -> [SQLValue] {
        [counts.creates, counts.updates, counts.deletes, counts.releases].map { .integer(Int64($0)) }
    }

    // MARK: Plans

    public func plan(_ plan: PlannedChange) async throws -> PlannedChange {
        let key = self.seals.key
        let id = try await self.database.write { connection in
            try connection.execute(
                """
                INSERT INTO planned_change (direction, system, subject, creates, updates, deletes, releases, used_creates,
                    used_updates, used_deletes, used_releases, from_day, to_day, reason, made_by, made_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?, ?, ?, ?, ?)
                """,
                [.text(plan.direction.rawValue), .text(plan.system), .text(plan.subject)] + Self.numbers(plan.bounds)
                    + [.text(plan.from), .text(plan.to), .text(plan.reason), .text(plan.madeBy), .text(plan.madeAt)])
            let id = try connection.first("SELECT MAX(id) FROM planned_change", [])?.integer(0) ?? 0
            let deed = Deed(action: "held.plan", subject: "plan/\(id)", reason: plan.reason)
            try Self.audit([deed], by: plan.madeBy, time: plan.madeAt, key: key, connection)
            return id
        }
        return PlannedChange(
            id: id, direction: plan.direction, system: plan.system, subject: plan.subject, bounds: plan.bounds, from: plan.from,
            to: plan.to, reason: plan.reason, madeBy: plan.madeBy, madeAt: plan.madeAt)
    }

    public func plans() async throws -> [PlannedChange] {
        let rows = try await self.database.read {
            try $0.query(
                """
                SELECT id, direction, system, subject, creates, updates, deletes, releases, used_creates, used_updates,
                    used_deletes, used_releases, from_day, to_day, reason, made_by, made_at, revoked_by, revoked_at
                FROM planned_change ORDER BY id DESC
                """, [])
        }
        return rows.map { row in
            func counts(_ start: Int) -> ChangeCounts {
                ChangeCounts(
                    creates: Int(row.integer(start)), updates: Int(row.integer(start + 1)), deletes: Int(row.integer(start + 2)),
                    releases: Int(row.integer(start + 3)))
            }
            return PlannedChange(
                id: row.integer(0), direction: HeldChange.Direction(rawValue: row.text(1)) ?? .source, system: row.text(2),
                subject: row.text(3), bounds: counts(4), used: counts(8), from: row.text(12), to: row.text(13),
                reason: row.text(14), madeBy: row.text(15), madeAt: row.text(16), revokedBy: row.optionalText(17),
                revokedAt: row.optionalText(18))
        }
    }

    public func use(_ counts: ChangeCounts, ofPlan id: Int64) async throws {
        try await self.database.write { try Self.use(counts, ofPlan: id, $0) }
    }

    static func use(_ counts: ChangeCounts, ofPlan id: Int64, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE planned_change SET used_creates = used_creates + ?, used_updates = used_updates + ?,
                used_deletes = used_deletes + ?, used_releases = used_releases + ? WHERE id = ?
            """, Self.numbers(counts) + [.integer(id)])
    }

    public func revokePlan(_ id: Int64, by: String, time: String) async throws -> Bool {
        let key = self.seals.key
        return try await self.database.write { connection in
            let revoked = try connection.execute(
                "UPDATE planned_change SET revoked_by = ?, revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                [.text(by), .text(time), .integer(id)])
            guard revoked > 0 else { return false }
            try Self.audit([Deed(action: "held.revoke", subject: "plan/\(id)")], by: by, time: time, key: key, connection)
            return true
        }
    }
}
