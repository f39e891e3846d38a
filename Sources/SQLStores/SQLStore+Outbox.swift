import Foundation
public import Hub
import Messaging
public import SchoolRecords

extension SQLStore: Outbox {
    public func next(limit: Int) async throws -> [OutboxEntry] {
        let key = self.key
        while true {
            let rows = try await self.database.read { connection in
                try connection.query(
                    """
                    SELECT o.position, o.sequence, o.event_id, o.exchange, o.routing_key, o.reason, \(Self.recordColumns)
                    FROM outbox o LEFT JOIN record r ON r.entity = o.entity AND r.id = o.id
                    LEFT JOIN data_key k ON k.owner = r.owner ORDER BY o.position LIMIT ?
                    """, [.integer(Int64(limit))])
            }
            var entries: [OutboxEntry] = []
            var stale: [Int64] = []
            for row in rows {
                guard let record = try Self.registered(row, key: key, at: 6),
                    row.optionalText(5) != nil || record.sequence == row.integer(1)
                else {
                    stale.append(row.integer(0))
                    continue
                }
                entries.append(
                    OutboxEntry(
                        position: row.integer(0), exchange: row.text(3), routingKey: row.text(4),
                        change: RecordChange(
                            id: row.text(2), key: record.key, operation: record.operation, source: record.source,
                            sequence: record.sequence, time: record.time, redelivery: row.optionalText(5), body: record.body)))
            }
            if !stale.isEmpty {
                let dropped = stale
                try await self.database.write { connection in
                    for position in dropped {
                        try connection.execute("DELETE FROM outbox WHERE position = ?", [.integer(position)])
                    }
                    try Self.count(connection, "superseded", dropped.count)
                }
            }
            if !entries.isEmpty || stale.isEmpty { return entries }
        }
    }

    public func published(_ positions: [Int64]) async throws {
        try await self.database.write { connection in
            var removed = 0
            for position in positions {
                removed += try connection.execute("DELETE FROM outbox WHERE position = ?", [.integer(position)])
            }
            try Self.count(connection, "published", removed)
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
        try await self.database.write { connection in
            for key in keys { try Self.redeliver(key, to: system, reason: reason, connection) }
        }
        self.bell.ring()
    }

    /// One waiting redelivery of a record to a system is enough: it carries the state at the time of sending.
    static func redeliver(_ key: RecordKey, to system: String, reason: String, _ connection: any SQLConnection) throws {
        let queue = HubTopology.deliveryQueue(of: system)
        let waiting = try connection.first(
            "SELECT 1 FROM outbox WHERE entity = ? AND id = ? AND exchange = '' AND routing_key = ?",
            [.text(key.entity.rawValue), .text(key.id), .text(queue)])
        guard waiting == nil else { return }
        try connection.execute(
            "INSERT INTO outbox (entity, id, sequence, event_id, exchange, routing_key, reason) VALUES (?, ?, 0, ?, '', ?, ?)",
            [.text(key.entity.rawValue), .text(key.id), .text(UUID().uuidString.lowercased()), .text(queue), .text(reason)])
    }
}
