public import Foundation
public import Hub
import SchoolRecords

extension SQLStore: RuleReplays {
    /// Outcomes that count as a try by the rule. What couldn't be sent counts too: it can't be the next time either.
    private static let tries = "'waiting', 'sent', 'replayed', 'failed', 'superseded', 'unsendable'"

    /// Open failures of a group that no replay has, and whose correction waits for nobody.
    private static let isFree = """
        f.state = 'failed' AND f.fingerprint = ? AND f.entity IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM replay_item o WHERE o.failure = f.id AND o.outcome IN ('waiting', 'sent'))
            AND NOT EXISTS (SELECT 1 FROM failure_edit e WHERE e.failure = f.id AND e.needs_approval = 1 AND e.approver IS NULL)
        """

    /// How often a rule has sent a failure; the rule's name is its argument.
    private static let timesSent = """
        (SELECT COUNT(*) FROM replay_item i JOIN replay_batch b ON b.id = i.batch
            WHERE i.failure = f.id AND b.rule = ? AND i.outcome IN (\(SQLStore.tries)))
        """

    /// The groups with open failures that a rule is for.
    private static func groups(_ rule: ReplayRule, _ connection: any SQLConnection) throws -> [(
        fingerprint: String, number: Int64
    )] {
        try connection.query(
            """
            SELECT fingerprint, system, entity, code, number FROM failure_count
            WHERE state = 'failed' AND number > 0 ORDER BY fingerprint
            """, []
        ).filter { row in
            rule.takes(
                fingerprint: row.text(0), system: row.text(1), entity: row.optionalText(2).flatMap(Entity.init(rawValue:)),
                code: row.text(3))
        }.map { ($0.text(0), $0.integer(4)) }
    }

    public func mark(of rule: ReplayRule) async throws -> String {
        try await self.database.read { connection in
            let claimed =
                try connection.first(
                    "SELECT COUNT(*) FROM replay_item WHERE outcome IN ('waiting', 'sent')", [])?.integer(0) ?? 0
            return try Self.groups(rule, connection).map { group in
                let last = try connection.first(
                    "SELECT MAX(last_at) FROM failure WHERE state = 'failed' AND fingerprint = ?", [.text(group.fingerprint)])
                return "\(group.fingerprint):\(group.number):\(last?.optionalText(0) ?? "")"
            }.joined(separator: " ") + " \(claimed)"
        }
    }

    public func look(_ rule: ReplayRule, now: Date) async throws -> RuleLook {
        let cutoff = RFC3339.text(rule.cutoff(now: now))
        return try await self.database.read { connection in
            var look = RuleLook()
            var earliest: String?
            for group in try Self.groups(rule, connection) {
                let counts = try connection.first(
                    """
                    SELECT SUM(CASE WHEN times < ? AND last_at <= ? THEN 1 ELSE 0 END),
                        SUM(CASE WHEN times >= ? THEN 1 ELSE 0 END),
                        MIN(CASE WHEN times < ? AND last_at > ? THEN last_at END)
                    FROM (SELECT f.last_at, \(Self.timesSent) AS times FROM failure f WHERE \(Self.isFree)) AS tried
                    """,
                    [
                        .integer(Int64(rule.atMost)), .text(cutoff), .integer(Int64(rule.atMost)), .integer(Int64(rule.atMost)),
                        .text(cutoff), .text(rule.name), .text(group.fingerprint),
                    ])
                look.due += Int(counts?.optionalInteger(0) ?? 0)
                look.spent += Int(counts?.optionalInteger(1) ?? 0)
                if let time = counts?.optionalText(2) { earliest = min(earliest ?? time, time) }
            }
            look.next = earliest.flatMap(RFC3339.date).map { RFC3339.text(rule.due(after: $0)) }
            return look
        }
    }

    /// The condition of a group's due failures, with its arguments.
    private static func isDue(_ rule: ReplayRule, _ fingerprint: String, now: Date) -> (sql: String, arguments: [SQLValue]) {
        (
            "\(Self.isFree) AND f.last_at <= ? AND \(Self.timesSent) < ?",
            [
                .text(fingerprint), .text(RFC3339.text(rule.cutoff(now: now))), .text(rule.name), .integer(Int64(rule.atMost)),
            ]
        )
    }

    public func due(_ rule: ReplayRule, now: Date, limit: Int) async throws -> [Int64] {
        try await self.database.read { connection in
            var ids: [Int64] = []
            for group in try Self.groups(rule, connection) where ids.count < limit {
                let (condition, arguments) = Self.isDue(rule, group.fingerprint, now: now)
                ids += try connection.query(
                    "SELECT f.id FROM failure f WHERE \(condition) ORDER BY f.id LIMIT ?",
                    arguments + [.integer(Int64(limit - ids.count))]
                ).map { $0.integer(0) }
            }
            return ids
        }
    }

    public func replayDue(_ rule: ReplayRule, now: Date, limit: Int) async throws -> ReplayBatch? {
        let key = self.seals.key
        let plan = String(decoding: try JSONEncoder().encode(rule.plan), as: UTF8.self)
        return try await self.database.write { connection in
            let id = Self.newBatchID()
            var size = 0
            for group in try Self.groups(rule, connection) where size < limit {
                let (condition, arguments) = Self.isDue(rule, group.fingerprint, now: now)
                size += try connection.execute(
                    """
                    INSERT INTO replay_item (batch, failure, attempts, fingerprint, outcome)
                    SELECT ?, f.id, f.attempts, f.fingerprint, 'selected' FROM failure f WHERE \(condition) ORDER BY f.id LIMIT ?
                    """, [.text(id)] + arguments + [.integer(Int64(limit - size))])
            }
            guard size > 0 else { return nil }
            let time = RFC3339.text(now)
            try Self.insert(id, plan: plan, size: size, by: rule.actor, rule: rule.name, time: time, connection)
            return try Self.change(id, .start, by: rule.actor, time: time, key: key, connection)
        }
    }

    public func runs(of rules: [String]) async throws -> [String: RuleRuns] {
        try await self.database.read { connection in
            var runs: [String: RuleRuns] = [:]
            for rule in rules {
                let batches = try connection.query(
                    "SELECT id, made_at FROM replay_batch WHERE rule = ? ORDER BY made_at DESC, id", [.text(rule)])
                guard let last = batches.first else { continue }
                var own = RuleRuns()
                (own.runs, own.lastBatch, own.lastAt) = (batches.count, last.text(0), last.text(1))
                try connection.forEach(
                    """
                    SELECT i.outcome, COUNT(*) FROM replay_item i JOIN replay_batch b ON b.id = i.batch
                    WHERE b.rule = ? AND i.outcome IN ('sent', 'replayed', 'failed', 'superseded') GROUP BY i.outcome
                    """, [.text(rule)]
                ) { row in
                    own.sent += Int(row.integer(1))
                    switch ReplayItem.Outcome(rawValue: row.text(0)) {
                    case .replayed: own.replayed = Int(row.integer(1))
                    case .failed: own.failed = Int(row.integer(1))
                    default: break
                    }
                }
                runs[rule] = own
            }
            return runs
        }
    }
}
