import Foundation
public import Hub
import Messaging
public import SchoolRecords

extension SQLStore: Outbox {
    public func next(limit: Int, after position: Int64) async throws -> [OutboxEntry] {
        while true {
            let rows = try await self.database.read { connection in
                try connection.query(
                    """
                    SELECT o.position, o.sequence, o.event_id, o.exchange, o.routing_key, o.reason, \(Self.recordColumns),
                        e.failure, e.body, r.event_id, r.trace, o.entity, o.id
                    FROM outbox o LEFT JOIN record r ON r.entity = o.entity AND r.id = o.id
                    LEFT JOIN data_key k ON k.owner = r.owner
                    LEFT JOIN failure_edit e ON e.failure = o.edit AND e.sequence = r.sequence AND r.operation = 'upserted'
                    WHERE o.position > ? ORDER BY o.position LIMIT ?
                    """, [.integer(position), .integer(Int64(limit))])
            }
            var entries: [OutboxEntry] = []
            var overtaken: [SQLValue] = []
            let protected = try await self.protectedForms(rows)
            for (place, row) in rows.enumerated() {
                let reason = row.optionalText(5)
                if let form = protected[place] {
                    if reason != nil || form.sequence == row.integer(1) {
                        entries.append(try self.entry(row, form, reason))
                    } else {
                        overtaken.append(.integer(row.integer(0)))
                    }
                    continue
                }
                // Looked at before anything is opened; a redelivery carries what is there now and is never overtaken.
                guard reason != nil || row.integer(9) == row.integer(1), let record = try self.toSend(row) else {
                    overtaken.append(.integer(row.integer(0)))
                    continue
                }
                entries.append(
                    OutboxEntry(
                        position: row.integer(0), exchange: row.text(3), routingKey: row.text(4),
                        change: RecordChange(
                            id: row.text(2), key: record.key, operation: record.operation, source: record.source,
                            sequence: record.sequence, time: record.time, trace: Self.trace(row),
                            redelivery: row.optionalInteger(16) == nil ? reason : "edit",
                            body: record.publishedBody)))
            }
            if !overtaken.isEmpty { try await self.drop(overtaken, countedAs: "superseded") }
            if !entries.isEmpty || overtaken.isEmpty { return entries }
        }
    }

    /// What is sent in the place of records that the vault holds: no register has them.
    private func protectedForms(_ rows: [SQLRow]) async throws -> [Int: ProtectedForm] {
        let prefix = HubTopology.deliveryQueue(of: "")
        var keys: [(place: Int, system: String, key: RecordKey)] = []
        for (place, row) in rows.enumerated() where row.optionalText(7) == nil && row.text(4).hasPrefix(prefix) {
            if let key = row.key(20, 21) { keys.append((place, String(row.text(4).dropFirst(prefix.count)), key)) }
        }
        return keys.isEmpty ? [:] : try await self.formsToSend(keys)
    }

    /// What is real leaves the store encrypted for its receiver alone, and over another exchange.
    private func entry(_ row: SQLRow, _ form: ProtectedForm, _ reason: String?) throws -> OutboxEntry {
        let change = RecordChange(
            id: row.text(2), key: form.key, operation: form.operation, source: form.source, sequence: form.sequence,
            time: form.time, trace: TraceContext(message: row.text(2), in: TraceContext.id(ofMessage: row.text(2))),
            redelivery: reason, body: form.body)
        guard form.isLive, form.form == .cleared else {
            return OutboxEntry(position: row.integer(0), exchange: row.text(3), routingKey: row.text(4), change: change)
        }
        return OutboxEntry(
            position: row.integer(0), exchange: RecordChange.clearedExchange,
            routingKey: RecordChange.clearedQueue(of: form.system),
            change: try ClearedSeal(key: self.key, system: form.system).sealed(change))
    }

    /// An entry's place in its trace: the same however often the message is sent. A record that is sent again goes on with the
    /// trace of the state that is sent.
    private static func trace(_ row: SQLRow) -> TraceContext? {
        let own = row.optionalText(18).flatMap(TraceContext.id(ofMessage:))
        return TraceContext(message: row.text(2), in: row.optionalText(19) ?? own)
    }

    /// The record of an entry, with its correction's content where one is to be sent.
    private func toSend(_ row: SQLRow) throws -> RegisteredRecord? {
        guard let record = try self.registered(row, at: 6) else { return nil }
        guard let failure = row.optionalInteger(16), let sealed = row.optionalBlob(17) else { return record }
        return record.with(body: try self.editedBody(sealed, of: failure))
    }

    public func published(_ positions: [Int64], at time: String?) async throws {
        guard !positions.isEmpty else { return }
        try await self.drop(positions.map(SQLValue.integer), countedAs: "published", publishedAt: time)
    }

    /// Removes entries and counts those that were there: another process may have been first.
    private func drop(_ positions: [SQLValue], countedAs counter: String, publishedAt time: String? = nil) async throws {
        try await self.database.write { connection in
            var removed = 0
            for chunk in SQLChunk.of(positions) {
                // What is sent again carries no sequence, and a record that has moved on has another.
                if let time {
                    try connection.execute(
                        """
                        UPDATE record SET published_at = ? WHERE (entity, id, sequence) IN (
                            SELECT entity, id, sequence FROM outbox WHERE position IN (\(chunk.marks)))
                        """, [.text(time)] + chunk.values)
                }
                removed += try connection.execute("DELETE FROM outbox WHERE position IN (\(chunk.marks))", chunk.values)
            }
            try Self.count(connection, counter, removed)
        }
    }

    public func backlog() async throws -> Int {
        try await self.database.read { Int(try $0.first("SELECT COUNT(*) FROM outbox", [])?.integer(0) ?? 0) }
    }

    public func changes(every interval: Duration) -> AsyncStream<Void> {
        let bell = self.bell
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let number = bell.add(continuation)
            let clock = Task {
                continuation.yield()
                // What another process writes rings no bell here: looked for at every interval.
                while !Task.isCancelled {
                    try? await Task.sleep(for: interval)
                    continuation.yield()
                }
            }
            continuation.onTermination = { _ in
                clock.cancel()
                bell.remove(number)
            }
        }
    }

    public func redeliver(_ keys: [RecordKey], to system: String, reason: String) async throws {
        try await self.database.write { try Self.redeliver(keys, to: system, reason: reason, $0) }
        self.bell.ring()
    }

    /// One waiting redelivery of a record to a system is enough: it carries the state at the time of sending.
    ///
    /// The new entry takes the place of one that waits, not the other way round: that one may be on its way to the broker,
    /// and even settled at the other end, before its confirm removes it, and what is asked for now would go with it.
    static func redeliver(
        _ keys: some Sequence<RecordKey>, to system: String, reason: String, _ connection: any SQLConnection
    ) throws {
        var keys = Set(keys)
        // A role is sent to the system that it is for, whoever asks for it.
        let roles = keys.filter { $0.entity == .roleGrant }
        if !roles.isEmpty {
            keys.subtract(roles)
            try connection.inChunks(roles) { entity, ids in
                try connection.forEach(
                    "SELECT entity, id FROM record WHERE entity = ? AND id IN (\(ids.marks)) AND receiver = ?",
                    [entity] + ids.values + [.text(system)]
                ) { row in
                    if let key = row.key(0, 1) { keys.insert(key) }
                }
            }
        }
        try Self.send(keys, toQueue: HubTopology.deliveryQueue(of: system), reason: reason, connection)
    }

    /// Puts records' present states in a queue.
    static func send(
        _ keys: some Sequence<RecordKey>, toQueue queue: String, reason: String, _ connection: any SQLConnection
    ) throws {
        let queue = SQLValue.text(queue)
        let keys = Set(keys).sorted()
        try connection.inChunks(keys) { entity, ids in
            try connection.execute(
                "DELETE FROM outbox WHERE exchange = '' AND routing_key = ? AND entity = ? AND id IN (\(ids.marks))",
                [queue, entity] + ids.values)
        }
        for key in keys {
            try connection.execute(
                "INSERT INTO outbox (entity, id, sequence, event_id, exchange, routing_key, reason) VALUES (?, ?, 0, ?, '', ?, ?)",
                key.columns + [.text(UUID().uuidString.lowercased()), queue, .text(reason)])
        }
    }
}
