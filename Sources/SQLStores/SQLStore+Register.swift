import Foundation
public import Hub
import Messaging
public import SchoolRecords

extension SQLStore: Register {
    public func take(
        _ states: [RecordState], withheld: [WithheldRecord], failures: [NewFailure], source: String, counting: TakeCounting,
        time: String
    ) async throws -> TakeResult {
        let seals = self.seals
        // Hashed before the transaction, so that others wait less for it.
        let hashed = states.map { HashedState($0, key: seals.key) }
        let origin = ChangeOrigin.current
        let result = try await self.database.write { connection in
            try Taking(
                source: source, counting: counting, time: time, origin: origin, seals: seals, connection: connection
            )
            .take(hashed, withheld: withheld, failures: failures)
        }
        if result.changed > 0 { self.bell.ring() }
        return result
    }

    public func compare(_ states: [RecordState], source: String) async throws -> [RecordComparison] {
        let known = try await self.database.read { try KnownRecord.find(states.map(\.key), $0) }
        return states.map { state in
            let held = known[state.key]
            let hashed = HashedState(state, key: self.key)
            return RecordComparison(
                hashed.difference(from: held, source: source), unit: held?.unit, sequence: held?.sequence ?? 0,
                content: hashed.hash)
        }
    }

    /// The columns that ``registered(_:at:)`` reads, with the owner's wrapped key.
    static let recordColumns = """
        r.entity, r.id, r.source, r.sequence, r.operation, r.owner, r.body, r.time, k.wrapped, r.created
        """
    private static let recordTables = "record r LEFT JOIN data_key k ON k.owner = r.owner"

    /// Opens a record; `nil` when its person has been erased.
    func registered(_ row: SQLRow, at column: Int = 0) throws -> RegisteredRecord? {
        guard let key = row.key(column, column + 1), let sealed = row.optionalBlob(column + 6),
            let operation = RecordChange.Operation(rawValue: row.text(column + 4))
        else { return nil }
        let context = "record/\(key)"
        let body: Data
        if let owner = row.optionalText(column + 5) {
            guard let wrapped = row.optionalBlob(column + 8) else { return nil }
            body = try self.seals.open(sealed, wrapped: wrapped, owner: owner, context: context)
        } else {
            body = try self.seals.open(sealed, context: context)
        }
        return RegisteredRecord(
            key: key, source: row.text(column + 2), sequence: row.integer(column + 3), operation: operation, body: body,
            time: row.text(column + 7), created: row.optionalText(column + 9) ?? row.text(column + 7))
    }

    public func records(_ keys: [RecordKey]) async throws -> [RecordKey: RegisteredRecord] {
        let rows = try await self.database.read { connection in
            var rows: [SQLRow] = []
            try connection.inChunks(keys) { entity, ids in
                rows += try connection.query(
                    "SELECT \(Self.recordColumns) FROM \(Self.recordTables) WHERE r.entity = ? AND r.id IN (\(ids.marks))",
                    [entity] + ids.values)
            }
            return rows
        }
        var records: [RecordKey: RegisteredRecord] = [:]
        for row in rows {
            if let record = try self.registered(row) { records[record.key] = record }
        }
        return records
    }

    public func liveIDs(of entity: Entity, source: String) async throws -> Set<String> {
        try await self.database.read { connection in
            var ids: Set<String> = []
            try connection.forEach(
                "SELECT id FROM record WHERE entity = ? AND source = ? AND operation = 'upserted'",
                [.text(entity.rawValue), .text(source)]
            ) { ids.insert($0.text(0)) }
            return ids
        }
    }

    public func liveRecords(of entity: Entity, after id: String?, limit: Int) async throws -> [RegisteredRecord] {
        let rows = try await self.database.read { connection in
            try connection.query(
                """
                SELECT \(Self.recordColumns) FROM \(Self.recordTables)
                WHERE r.entity = ? AND r.id > ? AND r.operation = 'upserted' ORDER BY r.id LIMIT ?
                """, [.text(entity.rawValue), .text(id ?? ""), .integer(Int64(limit))])
        }
        return try rows.compactMap { try self.registered($0) }
    }

    public func liveCounts() async throws -> [Entity: Int] {
        let rows = try await self.database.read { connection in
            try connection.query("SELECT entity, COUNT(*) FROM record WHERE operation = 'upserted' GROUP BY entity", [])
        }
        return Self.byEntity(rows)
    }

    public func liveCounts(source: String) async throws -> [Entity: Int] {
        let rows = try await self.database.read { connection in
            try connection.query(
                "SELECT entity, COUNT(*) FROM record WHERE source = ? AND operation = 'upserted' GROUP BY entity",
                [.text(source)])
        }
        return Self.byEntity(rows)
    }

    public func liveCounts(source: String, entities: Set<Entity>) async throws -> [Entity: Int] {
        let rows = try await self.database.read { connection in
            try SQLChunk.of(entities.sorted().map { .text($0.rawValue) }).flatMap { chunk in
                try connection.query(
                    """
                    SELECT entity, COUNT(*) FROM record
                    WHERE operation = 'upserted' AND entity IN (\(chunk.marks)) AND source = ? GROUP BY entity
                    """, chunk.values + [.text(source)])
            }
        }
        return Self.byEntity(rows)
    }

    public func isEmpty() async throws -> Bool {
        try await self.database.read { connection in
            try connection.first("SELECT 1 FROM record WHERE operation = 'upserted' LIMIT 1", []) == nil
        }
    }

    public func seen(_ keys: Set<RecordKey>, since instant: String?) async throws -> Set<RecordKey> {
        try await self.database.read { connection in
            var seen: Set<RecordKey> = []
            try connection.inChunks(keys) { entity, ids in
                let sql =
                    "SELECT entity, id FROM record WHERE entity = ? AND id IN (\(ids.marks)) AND seen = sequence AND time >= ?"
                try connection.forEach(sql, [entity] + ids.values + [.text(instant ?? "")]) { row in
                    if let key = row.key(0, 1) { seen.insert(key) }
                }
            }
            return seen
        }
    }

    public func liveCountsByUnit(of entity: Entity, source: String) async throws -> [String: Int] {
        let rows = try await self.database.read { connection in
            try connection.query(
                """
                SELECT unit, COUNT(*) FROM record
                WHERE entity = ? AND source = ? AND operation = 'upserted' AND unit IS NOT NULL GROUP BY unit
                """, [.text(entity.rawValue), .text(source)])
        }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.text(0), Int($0.integer(1))) })
    }

    static func byEntity(_ rows: [SQLRow]) -> [Entity: Int] {
        Dictionary(
            rows.compactMap { row in Entity(rawValue: row.text(0)).map { ($0, Int(row.integer(1))) } },
            uniquingKeysWith: { first, _ in first })
    }
}
