import Crypto
public import Foundation
public import Hub
import SchoolRecords

extension SQLStore: ReplayBatches {
    public func select(
        _ filter: FailureFilter, plan: ReplayPlan, by person: String, time: String
    ) async throws -> ReplayBatch {
        var filter = filter
        filter.states = [.failed]
        let (condition, arguments) = Self.condition(filter)
        let limit = SQLValue.integer(Int64(max(0, filter.limit ?? .max)))
        let id = Self.newBatchID()
        let plan = String(decoding: try JSONEncoder().encode(plan), as: UTF8.self)
        return try await self.database.write { connection in
            let size = try connection.execute(
                """
                INSERT INTO replay_item (batch, failure, attempts, fingerprint, outcome)
                SELECT ?, id, attempts, fingerprint, 'selected' FROM failure \(condition) ORDER BY id LIMIT ?
                """, [.text(id)] + arguments + [limit])
            try Self.insert(id, plan: plan, size: size, by: person, rule: nil, time: time, connection)
            return try Self.batch(id, connection)
        }
    }

    static func newBatchID() -> String { String(UUID().uuidString.lowercased().prefix(8)) }

    /// Writes a choice whose messages have been written.
    static func insert(
        _ id: String, plan: String, size: Int, by person: String, rule: String?, time: String, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO replay_batch (id, state, plan, size, content_hash, made_at, made_by, accepted, rule)
            VALUES (?, 'selected', ?, ?, ?, ?, ?, 0, ?)
            """,
            [
                .text(id), .text(plan), .integer(Int64(size)), .text(try Self.contentHash(of: id, connection)), .text(time),
                .text(person), .optional(rule),
            ])
    }

    private static func contentHash(of batch: String, _ connection: any SQLConnection) throws -> String {
        var hash = SHA256()
        try connection.forEach(
            "SELECT failure, attempts, fingerprint FROM replay_item WHERE batch = ? ORDER BY failure", [.text(batch)]
        ) { row in
            hash.update(data: Data("\(row.integer(0)) \(row.integer(1)) \(row.text(2))\n".utf8))
        }
        return hash.finalize().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// - Throws: ``ReplayRefusal`` when there is none.
    private static func batch(_ id: String, _ connection: any SQLConnection) throws -> ReplayBatch {
        let row = try connection.first(
            """
            SELECT id, state, plan, size, content_hash, made_at, made_by, accepted, sent_at FROM replay_batch WHERE id = ?
            """, [.text(id)])
        guard let row, let state = ReplayBatch.State(rawValue: row.text(1)) else {
            throw ReplayRefusal(batch: id, reason: .unknown)
        }
        var tally = ReplayTally()
        try connection.forEach(
            "SELECT outcome, COUNT(*) FROM replay_item WHERE batch = ? GROUP BY outcome", [.text(id)]
        ) { row in
            if let outcome = ReplayItem.Outcome(rawValue: row.text(0)) { tally[outcome] = Int(row.integer(1)) }
        }
        return ReplayBatch(
            id: row.text(0), state: state, plan: try JSONDecoder().decode(ReplayPlan.self, from: Data(row.text(2).utf8)),
            size: Int(row.integer(3)), contentHash: row.text(4), madeAt: row.text(5), madeBy: row.text(6),
            accepted: Int(row.integer(7)), sentAt: row.optionalText(8), tally: tally)
    }

    public func batch(_ id: String) async throws -> ReplayBatch? {
        try await self.database.read { connection in
            do { return try Self.batch(id, connection) } catch is ReplayRefusal { return nil }
        }
    }

    public func batches(limit: Int) async throws -> [ReplayBatch] {
        try await self.database.read { connection in
            try connection.query(
                "SELECT id FROM replay_batch ORDER BY made_at DESC, id LIMIT ?", [.integer(Int64(max(0, limit)))]
            ).map { try Self.batch($0.text(0), connection) }
        }
    }

    public func items(of batch: String, after failure: Int64, limit: Int) async throws -> [ReplayItem] {
        let rows = try await self.database.read { connection in
            try connection.query(
                "SELECT failure, outcome FROM replay_item WHERE batch = ? AND failure > ? ORDER BY failure LIMIT ?",
                [.text(batch), .integer(failure), .integer(Int64(max(0, limit)))])
        }
        return rows.compactMap { row in
            ReplayItem.Outcome(rawValue: row.text(1)).map { ReplayItem(failure: row.integer(0), outcome: $0) }
        }
    }

    public func systems(of batch: String) async throws -> Set<String> {
        try await self.database.read { connection in
            Set(
                try connection.query(
                    "SELECT DISTINCT f.system FROM replay_item i JOIN failure f ON f.id = i.failure WHERE i.batch = ?",
                    [.text(batch)]
                ).map { $0.text(0) })
        }
    }

    public func openBatches() async throws -> [String] {
        try await self.database.read { connection in
            try connection.query(
                """
                SELECT id FROM replay_batch WHERE state = 'running'
                    OR (state <> 'selected' AND EXISTS (
                        SELECT 1 FROM replay_item WHERE batch = replay_batch.id AND outcome = 'sent'))
                ORDER BY made_at, id
                """, []
            ).map { $0.text(0) }
        }
    }

    public func change(
        _ batch: String, _ command: ReplayBatch.Command, by person: String, time: String
    ) async throws -> ReplayBatch {
        let key = self.seals.key
        return try await self.database.write { connection in
            try Self.change(batch, command, by: person, time: time, key: key, connection)
        }
    }

    /// Changes a replay at somebody's word, and notes whose it was.
    static func change(
        _ batch: String, _ command: ReplayBatch.Command, by person: String, time: String, key: HubKey,
        _ connection: any SQLConnection
    ) throws -> ReplayBatch {
        let changed = try Self.change(batch, command, connection)
        if changed.state == .running {
            try connection.execute("UPDATE replay_batch SET started_by = ? WHERE id = ?", [.text(person), .text(batch)])
        }
        let deed = Deed(action: "replay.\(command.rawValue)", subject: "replay/\(batch)", operation: batch)
        try Self.audit([deed], by: person, time: time, key: key, connection)
        return changed
    }

    @discardableResult
    private static func change(
        _ id: String, _ command: ReplayBatch.Command, _ connection: any SQLConnection
    ) throws -> ReplayBatch {
        let batch = try Self.batch(id, connection)
        guard let state = batch.state.after(command) else {
            throw ReplayRefusal(batch: id, reason: .notAllowed(batch.state))
        }
        switch command {
        case .start: try Self.claim(id, connection)
        case .cancel:
            try connection.execute(
                "UPDATE replay_item SET outcome = 'cancelled' WHERE batch = ? AND outcome IN ('selected', 'waiting')", [.text(id)]
            )
        case .pause, .resume, .stop, .finish: break
        }
        try connection.execute(
            "UPDATE replay_batch SET state = ?, accepted = ? WHERE id = ?",
            [.text(state.rawValue), .integer(Int64(command == .resume ? batch.tally[.failed] : batch.accepted)), .text(id)])
        return try Self.batch(id, connection)
    }

    /// Claims what is as it was when chosen and what no other replay has.
    private static func claim(_ batch: String, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE replay_item SET outcome = 'waiting' WHERE batch = ? AND outcome = 'selected'
                AND EXISTS (SELECT 1 FROM failure f WHERE f.id = replay_item.failure AND f.state = 'failed'
                    AND f.attempts = replay_item.attempts AND f.fingerprint = replay_item.fingerprint)
                AND NOT EXISTS (SELECT 1 FROM replay_item o WHERE o.failure = replay_item.failure
                    AND o.outcome IN ('waiting', 'sent'))
                AND NOT EXISTS (SELECT 1 FROM failure_edit e WHERE e.failure = replay_item.failure
                    AND e.needs_approval = 1 AND e.approver IS NULL)
            """, [.text(batch)])
        try connection.execute(
            """
            UPDATE replay_item SET outcome = 'superseded' WHERE batch = ? AND outcome = 'selected'
                AND EXISTS (SELECT 1 FROM failure f WHERE f.id = replay_item.failure AND f.state = 'superseded')
            """, [.text(batch)])
        try connection.execute(
            "UPDATE replay_item SET outcome = 'skipped' WHERE batch = ? AND outcome = 'selected'", [.text(batch)])
    }

    public func advance(_ id: String, now: Date) async throws -> (batch: ReplayBatch, sent: Int) {
        let key = self.seals.key
        let result: (batch: ReplayBatch, sent: Int) = try await self.database.write { connection in
            try Self.noteOutcomes(of: id, connection)
            let batch = try Self.batch(id, connection)
            switch batch.step(now: now) {
            case .rest: return (batch, 0)
            case .stop: return (try Self.change(id, .stop, connection), 0)
            case .finish: return (try Self.change(id, .finish, connection), 0)
            case .send(let number):
                let next = try connection.query(
                    "SELECT failure FROM replay_item WHERE batch = ? AND outcome = 'waiting' ORDER BY failure LIMIT ?",
                    [.text(id), .integer(Int64(number))])
                let outcomes = try Self.send(next.map { $0.integer(0) }, asWas: batch.plan.asWas, connection)
                try Self.write(outcomes, of: id, connection)
                let sent = outcomes.values.count { $0 == .sent }
                if sent > 0 {
                    let person = try connection.first("SELECT started_by FROM replay_batch WHERE id = ?", [.text(id)])
                    let deeds = outcomes.filter { $0.value == .sent }.keys.sorted().map { failure in
                        Deed(action: "replay", subject: "failure/\(failure)", operation: id)
                    }
                    try Self.audit(
                        deeds, by: person?.optionalText(0) ?? batch.madeBy, time: RFC3339.text(now), key: key, connection)
                    try connection.execute(
                        "UPDATE replay_batch SET sent_at = ? WHERE id = ?", [.text(RFC3339.text(now)), .text(id)])
                }
                return (try Self.batch(id, connection), sent)
            }
        }
        if result.sent > 0 { self.bell.ring() }
        return result
    }

    /// What became of messages that were sent, as their failures say.
    private static func noteOutcomes(of batch: String, _ connection: any SQLConnection) throws {
        let known = try connection.query(
            """
            SELECT i.failure, f.state FROM replay_item i JOIN failure f ON f.id = i.failure
            WHERE i.batch = ? AND i.outcome = 'sent' AND f.state <> 'replaying'
            """, [.text(batch)])
        try Self.write(
            Dictionary(known.map { ($0.integer(0), Self.outcome($0.text(1))) }, uniquingKeysWith: { first, _ in first }),
            of: batch,
            connection)
    }

    private static func outcome(_ failureState: String) -> ReplayItem.Outcome {
        switch FailedMessage.State(rawValue: failureState) {
        case .replayed: .replayed
        case .superseded: .superseded
        case .failed: .failed
        case .replaying, .discarded, .archived, nil: .skipped
        }
    }

    private static func write(
        _ outcomes: [Int64: ReplayItem.Outcome], of batch: String, _ connection: any SQLConnection
    ) throws {
        for (outcome, ids) in Dictionary(grouping: outcomes.keys, by: { outcomes[$0] ?? .skipped }) {
            for chunk in SQLChunk.of(ids.sorted().map(SQLValue.integer)) {
                try connection.execute(
                    "UPDATE replay_item SET outcome = ? WHERE batch = ? AND failure IN (\(chunk.marks))",
                    [.text(outcome.rawValue), .text(batch)] + chunk.values)
            }
        }
    }

    /// Sends open failures again: delivery failures, and those of flows, as the record's present state through the outbox; intake failures are
    /// marked for the source to be asked again. Each at most once.
    ///
    /// - Parameter asWas: in the form that the system refused, not by today's mapping: what has no such form can't be sent, and what
    ///   has a newer state is skipped.
    /// - Returns: what became of each: `sent`, `unsendable`, or what it had become before.
    static func send(
        _ ids: [Int64], asWas: Bool = false, _ connection: any SQLConnection
    ) throws -> [Int64: ReplayItem.Outcome] {
        var outcomes = Dictionary(ids.map { ($0, ReplayItem.Outcome.skipped) }, uniquingKeysWith: { first, _ in first })
        var (redelivered, flows, edited): ([String: [RecordKey]], [String: [RecordKey]], [SQLRow]) = ([:], [:], [])
        for chunk in SQLChunk.of(outcomes.keys.sorted().map(SQLValue.integer)) {
            let rows = try connection.query(
                """
                SELECT f.id, f.stage, f.system, f.entity, f.record_id, COALESCE(r.id, v.id), f.state, e.failure, m.failure,
                    CASE WHEN r.sequence = f.sequence AND r.operation = 'upserted' THEN 1 ELSE 0 END FROM failure f
                LEFT JOIN failure_form m ON m.failure = f.id
                LEFT JOIN record r ON r.entity = f.entity AND r.id = f.record_id
                LEFT JOIN vault_form v ON v.system = f.system AND v.entity = f.entity AND v.id = f.record_id
                LEFT JOIN failure_edit e ON e.failure = f.id AND (e.needs_approval = 0 OR e.approver IS NOT NULL)
                WHERE f.id IN (\(chunk.marks))
                """, chunk.values)
            for row in rows {
                guard row.text(6) == FailedMessage.State.failed.rawValue else {
                    outcomes[row.integer(0)] = Self.outcome(row.text(6))
                    continue
                }
                let stage = NewFailure.Stage(rawValue: row.text(1))
                // Nothing could be sent of a record that neither the register nor the vault has anything of.
                guard let key = row.key(3, 4), stage == .intake || row.optionalText(5) != nil else {
                    outcomes[row.integer(0)] = .unsendable
                    continue
                }
                guard !asWas || row.optionalInteger(8) != nil else {
                    outcomes[row.integer(0)] = .unsendable
                    continue
                }
                guard !asWas || row.integer(9) == 1 else { continue }
                if stage == .delivery { redelivered[row.text(2), default: []].append(key) }
                if stage == .flow { flows[row.text(2), default: []].append(key) }
                if !asWas, row.optionalInteger(7) != nil { edited.append(row) }
                outcomes[row.integer(0)] = .sent
            }
        }
        for chunk in SQLChunk.of(outcomes.filter { $0.value == .sent }.keys.sorted().map(SQLValue.integer)) {
            try FailureCount.move(to: .replaying, where: "id IN (\(chunk.marks))", chunk.values, connection)
        }
        try Self.mark(outcomes.filter { $0.value == .sent }.map(\.key), underWay: asWas, connection)
        for (system, keys) in redelivered { try Self.redeliver(keys, to: system, reason: "replay", connection) }
        for (flow, keys) in flows {
            try Self.send(keys, toQueue: HubTopology.flowQueue(of: flow), reason: "replay", connection)
        }
        for row in edited {
            try connection.execute(
                "UPDATE outbox SET edit = ? WHERE exchange = '' AND routing_key = ? AND entity = ? AND id = ?",
                [
                    .integer(row.integer(0)), .text(HubTopology.deliveryQueue(of: row.text(2))), .text(row.text(3)),
                    .text(row.text(4)),
                ])
        }
        return outcomes
    }

    public func discard(_ ids: [Int64], reason: String, by person: String, time: String) async throws -> Int {
        let key = self.seals.key
        return try await self.database.write { connection in
            var discarded: [Int64] = []
            for id in Set(ids).sorted() {
                let changed = try FailureCount.move(
                    to: .discarded,
                    where: """
                        id = ? AND state = 'failed' AND NOT EXISTS (
                            SELECT 1 FROM replay_item i WHERE i.failure = failure.id AND i.outcome IN ('waiting', 'sent'))
                        """, [.integer(id)], connection)
                guard changed > 0 else { continue }
                try connection.execute(
                    "INSERT INTO failure_discard (failure, time, person, reason) VALUES (?, ?, ?, ?)",
                    [.integer(id), .text(time), .text(person), .text(reason)])
                discarded.append(id)
            }
            let deeds = discarded.map { Deed(action: "discard", subject: "failure/\($0)", reason: reason) }
            try Self.audit(deeds, by: person, time: time, key: key, connection)
            return discarded.count
        }
    }
}
