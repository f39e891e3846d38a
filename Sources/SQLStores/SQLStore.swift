public import Hub

import Foundation
public import SchoolRecords
import Synchronization

/// Everything the hub keeps, in SQL.
///
/// Bodies, rows and messages are sealed; ids, hashes and times stand in clear. Record bodies are sealed with the data
/// key of the person they are about, everything else with the hub's.
public final class SQLStore: Sendable {
    let database: any SQLDatabase
    let key: HubKey
    let bell = Bell()

    private init(database: any SQLDatabase, key: HubKey) {
        self.database = database
        self.key = key
    }

    /// Opens a store: makes or renews its tables, and checks that the key is the one it was made with.
    ///
    /// - Throws: ``StoreError`` (`newer-schema`, `wrong-key`, and what the database itself says).
    public static func open(database: any SQLDatabase, key: HubKey) async throws -> SQLStore {
        let steps = Migrations.steps(database)
        try await database.write { connection in
            try connection.execute("CREATE TABLE IF NOT EXISTS schema_step (number BIGINT PRIMARY KEY)", [])
            let done = try connection.first("SELECT COALESCE(MAX(number), 0) FROM schema_step", [])?.integer(0) ?? 0
            guard done <= Int64(steps.count) else {
                throw StoreError(
                    .newerSchema,
                    "The store was made by a newer version of Knutpunkt (step \(done), this one knows \(steps.count)). Run that version, or put back an older copy of the data directory."
                )
            }
            for (index, step) in steps.enumerated().dropFirst(Int(done)) {
                for statement in step { try connection.execute(statement, []) }
                try connection.execute("INSERT INTO schema_step (number) VALUES (?)", [.integer(Int64(index + 1))])
            }
            let check = "key-check"
            if let row = try connection.first("SELECT value FROM setting WHERE name = ?", [.text(check)]) {
                guard let sealed = row.optionalBlob(0), (try? key.open(sealed, context: check)) != nil else {
                    throw StoreError(
                        .wrongKey,
                        "The store was made with another hub key. Put back the key file that belongs to it (store.key_file); without it the data can't be read."
                    )
                }
            } else {
                let sealed = try key.seal(Data(check.utf8), context: check)
                try connection.execute("INSERT INTO setting (name, value) VALUES (?, ?)", [.text(check), .blob(sealed)])
            }
        }
        return SQLStore(database: database, key: key)
    }

    static func count(_ connection: any SQLConnection, _ name: String, _ amount: Int = 1) throws {
        guard amount > 0 else { return }
        try connection.execute(
            "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value",
            [.text(name), .integer(Int64(amount))])
    }
}

extension SQLStore: Counters {
    public func counts() async throws -> HubCounts {
        let rows = try await self.database.read { try $0.query("SELECT name, value FROM counter", []) }
        let values = Dictionary(rows.map { ($0.text(0), Int($0.integer(1))) }, uniquingKeysWith: { first, _ in first })
        var counts = HubCounts()
        counts.published = values["published"] ?? 0
        counts.delivered = values["delivered"] ?? 0
        counts.superseded = values["superseded"] ?? 0
        counts.failed = values["failed"] ?? 0
        counts.replayed = values["replayed"] ?? 0
        counts.batches = values["batches"] ?? 0
        return counts
    }

    public func lag(of system: String, entities: Set<Entity>) async throws -> Int {
        try await self.database.read { connection in
            try entities.reduce(0) { sum, entity in
                let row = try connection.first(
                    """
                    SELECT COUNT(*) FROM record r
                    LEFT JOIN delivery d ON d.system = ? AND d.entity = r.entity AND d.id = r.id
                    WHERE r.entity = ?
                      AND ((r.operation = 'upserted' AND (d.sequence IS NULL OR d.sequence < r.sequence))
                        OR (r.operation = 'deleted' AND d.sequence IS NOT NULL AND d.sequence < r.sequence))
                      AND NOT EXISTS (SELECT 1 FROM failure f WHERE f.system = ? AND f.entity = r.entity
                            AND f.record_id = r.id AND f.stage = 'delivery' AND f.state IN ('failed', 'replaying'))
                    """, [.text(system), .text(entity.rawValue), .text(system)])
                return sum + Int(row?.integer(0) ?? 0)
            }
        }
    }
}

/// Wakes those who wait for the outbox.
final class Bell: Sendable {
    private let listeners = Mutex<[Int: AsyncStream<Void>.Continuation]>([:])
    private let numbers = Atomic<Int>(0)

    func ring() {
        for listener in self.listeners.withLock({ Array($0.values) }) { listener.yield() }
    }

    func add(_ continuation: AsyncStream<Void>.Continuation) -> Int {
        let number = self.numbers.add(1, ordering: .relaxed).newValue
        self.listeners.withLock { $0[number] = continuation }
        return number
    }

    func remove(_ number: Int) { self.listeners.withLock { $0[number] = nil } }
}
