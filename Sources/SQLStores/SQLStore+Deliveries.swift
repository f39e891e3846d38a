import ConnectorKit
import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: Deliveries {
    public func states(of keys: [RecordKey], in system: String) async throws -> [RecordKey: DeliveryState] {
        let rows = try await self.database.read { connection in
            var rows: [SQLRow] = []
            try connection.inChunks(keys) { entity, ids in
                rows += try connection.query(
                    "SELECT entity, id, sequence, body FROM delivery WHERE system = ? AND entity = ? AND id IN (\(ids.marks))",
                    [.text(system), entity] + ids.values)
            }
            return rows
        }
        var states: [RecordKey: DeliveryState] = [:]
        for row in rows {
            guard let key = row.key(0, 1), let sealed = row.optionalBlob(3) else { continue }
            let body = try self.seals.open(sealed, context: "delivery/\(system)/\(key)")
            states[key] = DeliveryState(key: key, sequence: row.integer(2), rows: try RowCoding.rows(body))
        }
        return states
    }

    public func sequences(of keys: Set<RecordKey>, in system: String) async throws -> [RecordKey: Int64] {
        try await self.database.read { connection in
            var sequences: [RecordKey: Int64] = [:]
            try connection.inChunks(keys) { entity, ids in
                let sql = "SELECT entity, id, sequence FROM delivery WHERE system = ? AND entity = ? AND id IN (\(ids.marks))"
                try connection.forEach(sql, [.text(system), entity] + ids.values) { row in
                    if let key = row.key(0, 1) { sequences[key] = row.integer(2) }
                }
            }
            return sequences
        }
    }

    public func givers(of rows: Set<RowIdentity>, in system: String) async throws -> [RowIdentity: Set<RecordKey>] {
        let key = self.key
        let hashes = Dictionary(rows.map { (RowCoding.hash($0, key: key), $0) }, uniquingKeysWith: { first, _ in first })
        return try await self.database.read { connection in
            var givers: [RowIdentity: Set<RecordKey>] = [:]
            for chunk in SQLChunk.of(hashes.keys.map(SQLValue.text)) {
                let sql = "SELECT row_hash, entity, id FROM delivery_row WHERE system = ? AND row_hash IN (\(chunk.marks))"
                try connection.forEach(sql, [.text(system)] + chunk.values) { found in
                    guard let row = hashes[found.text(0)], let giver = found.key(1, 2) else { return }
                    givers[row, default: []].insert(giver)
                }
            }
            return givers
        }
    }

    public func prepare(_ batch: PreparedBatch) async throws {
        let sealed = try self.seals.seal(try JSONEncoder().encode(batch), context: "prepared/\(batch.system)")
        let seals = self.seals
        try await self.database.write { connection in
            if let other = try Self.prepared(for: batch.system, seals: seals, connection), other.batch.id != batch.batch.id {
                // Forgotten, it could be written once more under another id.
                throw StoreError(
                    .batchUnderWay,
                    "\(seals.place): batch \(other.batch.id) for \(batch.system) is not settled yet. One hub delivers to a system "
                        + "at a time: stop a second one; this one settles the batch when it starts again.")
            }
            try connection.execute(
                "INSERT INTO prepared (system, body) VALUES (?, ?) ON CONFLICT (system) DO UPDATE SET body = excluded.body",
                [.text(batch.system), .blob(sealed)])
        }
    }

    public func prepared(for system: String) async throws -> PreparedBatch? {
        let seals = self.seals
        return try await self.database.read { try Self.prepared(for: system, seals: seals, $0) }
    }

    private static func prepared(
        for system: String, seals: Seals, _ connection: any SQLConnection
    ) throws -> PreparedBatch? {
        let row = try connection.first("SELECT body FROM prepared WHERE system = ?", [.text(system)])
        guard let sealed = row?.optionalBlob(0) else { return nil }
        return try JSONDecoder().decode(PreparedBatch.self, from: try seals.open(sealed, context: "prepared/\(system)"))
    }

    public func settle(
        _ settlements: [Settlement], in system: String, time: String, note: SettlementNote
    ) async throws {
        let seals = self.seals
        let sentAgain = try await self.database.write { connection in
            var settling = try Settling(
                settlements, system: system, time: time, note: note, seals: seals, connection: connection)
            for settlement in settlements { try settling.settle(settlement) }
            if try connection.execute("DELETE FROM prepared WHERE system = ?", [.text(system)]) > 0 {
                try Self.count(connection, "batches")
            }
            return try settling.finish()
        }
        if sentAgain { self.bell.ring() }
    }

    public func resendable(
        _ entity: Entity, to system: String, everything: Bool, after id: String?, limit: Int
    ) async throws -> [RecordKey] {
        let live =
            everything
            ? "r.operation = 'upserted'" : "r.operation = 'upserted' AND (d.sequence IS NULL OR d.sequence < r.sequence)"
        return try await self.database.read { connection in
            try connection.query(
                """
                SELECT r.entity, r.id FROM record r
                LEFT JOIN delivery d ON d.system = ? AND d.entity = r.entity AND d.id = r.id
                WHERE r.entity = ? AND r.id > ? AND (r.receiver IS NULL OR r.receiver = ?) AND ((\(live))
                    OR (r.operation = 'deleted' AND d.sequence < r.sequence)
                    OR (r.operation = 'deleted' AND d.sequence IS NULL AND r.receiver = ?))
                ORDER BY r.id LIMIT ?
                """,
                [
                    .text(system), .text(entity.rawValue), .text(id ?? ""), .text(system), .text(system),
                    .integer(Int64(limit)),
                ]
            ).compactMap { $0.key(0, 1) }
        }
    }

    public func giveAgain(_ keys: [RecordKey], to system: String) async throws {
        let seals = self.seals
        try await self.database.write { connection in
            try Self.forgetContents(of: keys, in: system, seals: seals, connection)
            try Self.redeliver(keys, to: system, reason: "echo", connection)
        }
        self.bell.ring()
    }

    /// Forgets what stands in the rows that a system was given of these records. Which rows there are stays known, so that they can
    /// be taken away.
    static func forgetContents(
        of keys: [RecordKey], in system: String, seals: Seals, _ connection: any SQLConnection
    ) throws {
        for key in keys {
            let place = [.text(system)] + key.columns
            let row = try connection.first(
                "SELECT body FROM delivery WHERE system = ? AND entity = ? AND id = ?", place)
            guard let sealed = row?.optionalBlob(0) else { continue }
            let context = "delivery/\(system)/\(key)"
            let rows = try RowCoding.rows(try seals.open(sealed, context: context))
            let data = RowCoding.data(rows.map { TargetRow(kind: $0.kind, key: $0.key, fields: [:]) })
            try connection.execute(
                "UPDATE delivery SET rows_hash = ?, body = ? WHERE system = ? AND entity = ? AND id = ?",
                [.text(seals.key.contentHash(data)), .blob(try seals.seal(data, context: context))] + place)
        }
    }

    public func releaseDueRetries(now: Int64) async throws -> Int {
        let released = try await self.database.write { connection in
            let due = try connection.query("SELECT system, entity, id FROM retry WHERE due <= ?", [.integer(now)])
            guard !due.isEmpty else { return 0 }
            for (system, rows) in Dictionary(grouping: due, by: { $0.text(0) }) {
                try Self.redeliver(rows.compactMap { $0.key(1, 2) }, to: system, reason: "retry", connection)
            }
            return try connection.execute("DELETE FROM retry WHERE due <= ?", [.integer(now)])
        }
        if released > 0 { self.bell.ring() }
        return released
    }

    public func waitingCounts() async throws -> [String: Int] {
        let rows = try await self.database.read { connection in
            try connection.query(
                """
                SELECT system, COUNT(*) FROM (
                    SELECT system, entity, id FROM waiting UNION SELECT system, entity, id FROM retry) AS both_kinds
                GROUP BY system
                """, [])
        }
        return Dictionary(rows.map { ($0.text(0), Int($0.integer(1))) }, uniquingKeysWith: { first, _ in first })
    }

    public func plannedRetries() async throws -> Int {
        let row = try await self.database.read { try $0.first("SELECT COUNT(*) FROM retry", []) }
        return Int(row?.integer(0) ?? 0)
    }
}
