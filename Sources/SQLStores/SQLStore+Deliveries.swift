import ConnectorKit
import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: Deliveries {
    public func states(of keys: [RecordKey], in system: String) async throws -> [RecordKey: DeliveryState] {
        let rows = try await self.database.read { connection in
            try keys.compactMap { key in
                try connection.first(
                    "SELECT entity, id, sequence, body FROM delivery WHERE system = ? AND entity = ? AND id = ?",
                    [.text(system), .text(key.entity.rawValue), .text(key.id)])
            }
        }
        var states: [RecordKey: DeliveryState] = [:]
        for row in rows {
            guard let entity = Entity(rawValue: row.text(0)), let sealed = row.optionalBlob(3) else { continue }
            let key = RecordKey(entity, row.text(1))
            let body = try self.key.open(sealed, context: "delivery/\(system)/\(key)")
            states[key] = DeliveryState(key: key, sequence: row.integer(2), rows: try RowCoding.rows(body))
        }
        return states
    }

    public func sequences(of keys: Set<RecordKey>, in system: String) async throws -> [RecordKey: Int64] {
        try await self.database.read { connection in
            var sequences: [RecordKey: Int64] = [:]
            for key in keys {
                sequences[key] = try connection.first(
                    "SELECT sequence FROM delivery WHERE system = ? AND entity = ? AND id = ?",
                    [.text(system), .text(key.entity.rawValue), .text(key.id)])?.optionalInteger(0)
            }
            return sequences
        }
    }

    public func givers(of rows: Set<RowIdentity>, in system: String) async throws -> [RowIdentity: Set<RecordKey>] {
        let key = self.key
        return try await self.database.read { connection in
            var givers: [RowIdentity: Set<RecordKey>] = [:]
            for row in rows {
                for found in try connection.query(
                    "SELECT entity, id FROM delivery_row WHERE system = ? AND row_hash = ?",
                    [.text(system), .text(RowCoding.hash(row, key: key))])
                {
                    guard let entity = Entity(rawValue: found.text(0)) else { continue }
                    givers[row, default: []].insert(RecordKey(entity, found.text(1)))
                }
            }
            return givers
        }
    }

    public func prepare(_ batch: PreparedBatch) async throws {
        let sealed = try self.key.seal(try JSONEncoder().encode(batch), context: "prepared/\(batch.system)")
        try await self.database.write { connection in
            try connection.execute(
                "INSERT INTO prepared (system, body) VALUES (?, ?) ON CONFLICT (system) DO UPDATE SET body = excluded.body",
                [.text(batch.system), .blob(sealed)])
        }
    }

    public func prepared(for system: String) async throws -> PreparedBatch? {
        let row = try await self.database.read { connection in
            try connection.first("SELECT body FROM prepared WHERE system = ?", [.text(system)])
        }
        guard let sealed = row?.optionalBlob(0) else { return nil }
        return try JSONDecoder().decode(PreparedBatch.self, from: try self.key.open(sealed, context: "prepared/\(system)"))
    }

    public func settle(_ settlements: [Settlement], in system: String, time: String) async throws {
        let key = self.key
        let rang = try await self.database.write { connection in
            let settling = Settling(system: system, time: time, key: key, connection: connection)
            for settlement in settlements { try settling.settle(settlement) }
            if try connection.execute("DELETE FROM prepared WHERE system = ?", [.text(system)]) > 0 {
                try Self.count(connection, "batches")
            }
            return true
        }
        if rang { self.bell.ring() }
    }

    public func releaseDueRetries(now: Int64) async throws -> Int {
        let released = try await self.database.write { connection in
            let due = try connection.query("SELECT system, entity, id FROM retry WHERE due <= ?", [.integer(now)])
            for row in due {
                guard let entity = Entity(rawValue: row.text(1)) else { continue }
                try Self.redeliver(RecordKey(entity, row.text(2)), to: row.text(0), reason: "retry", connection)
                try connection.execute(
                    "DELETE FROM retry WHERE system = ? AND entity = ? AND id = ?",
                    [.text(row.text(0)), .text(row.text(1)), .text(row.text(2))])
            }
            return due.count
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
}

/// Rows of a receiving system as they are stored.
enum RowCoding {
    static func data(_ rows: [TargetRow]) -> Data {
        JSONValue.array(
            rows.map { row in
                .array([.string(row.kind), .string(row.key), .object(row.fields.mapValues(JSONValue.string))])
            }
        ).canonicalData
    }

    static func rows(_ data: Data) throws -> [TargetRow] {
        try (JSONValue(parsing: data).arrayValue ?? []).compactMap { value in
            guard let parts = value.arrayValue, parts.count == 3, let kind = parts[0].stringValue, let key = parts[1].stringValue
            else { return nil }
            return TargetRow(kind: kind, key: key, fields: (parts[2].objectValue ?? [:]).compactMapValues(\.stringValue))
        }
    }

    /// Finds a row again without storing its key, which holds personal data.
    static func hash(_ row: RowIdentity, key: HubKey) -> String { key.contentHash(Data("\(row.kind)|\(row.key)".utf8)) }
}
