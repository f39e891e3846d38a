import Crypto
import Foundation
public import Hub
import Messaging
public import SchoolRecords

extension SQLStore: Register {
    public func take(
        _ states: [RecordState], withheld: [WithheldRecord], failures: [NewFailure], source: String, time: String
    ) async throws -> TakeResult {
        let key = self.key
        // Hashed before the transaction, so that others wait less for it.
        let hashed = states.map { state in (state, state.body.map { key.contentHash($0) }) }
        let result = try await self.database.write { connection in
            var result = TakeResult()
            for (state, hash) in hashed {
                switch try Self.take(state, hash: hash, source: source, time: time, key: key, connection) {
                case .created: result.created += 1
                case .updated: result.updated += 1
                case .deleted: result.deleted += 1
                case .unchanged: result.unchanged += 1
                }
                try Self.closeIntakeFailures(of: state.key, connection)
            }
            for record in withheld {
                let content = try JSONEncoder().encode(VaultContent(id: record.key.id, body: record.body))
                try connection.execute(
                    """
                    INSERT INTO vault (entity, id, source, body, time) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (entity, id) DO UPDATE SET source = excluded.source, body = excluded.body, time = excluded.time
                    """,
                    [
                        .text(record.opaqueKey.entity.rawValue), .text(record.opaqueKey.id), .text(source),
                        .blob(try key.seal(content, context: "vault/\(record.opaqueKey)")), .text(time),
                    ])
                try Self.closeIntakeFailures(of: record.opaqueKey, connection)
                result.withheld += 1
            }
            for failure in failures { try Self.record(failure, time: time, key: key, connection) }
            return result
        }
        if result.changed > 0 { self.bell.ring() }
        return result
    }

    private static func difference(
        _ state: RecordState, hash: String?, source: String, _ connection: any SQLConnection
    ) throws -> (RecordDifference, sequence: Int64) {
        let row = try connection.first(
            "SELECT sequence, operation, content_hash, source FROM record WHERE entity = ? AND id = ?",
            [.text(state.key.entity.rawValue), .text(state.key.id)])
        let isLive = row?.text(1) == RecordChange.Operation.upserted.rawValue
        let sequence = row?.integer(0) ?? 0
        guard let hash else { return (isLive ? .deleted : .unchanged, sequence) }
        guard isLive else { return (.created, sequence) }
        return (row?.optionalText(2) == hash && row?.text(3) == source ? .unchanged : .updated, sequence)
    }

    private static func take(
        _ state: RecordState, hash: String?, source: String, time: String, key: HubKey, _ connection: any SQLConnection
    ) throws -> RecordDifference {
        let (difference, sequence) = try Self.difference(state, hash: hash, source: source, connection)
        guard difference != .unchanged else { return .unchanged }
        let operation: RecordChange.Operation = state.body == nil ? .deleted : .upserted
        let body = state.body ?? JSONValue.object(["id": .string(state.key.id)]).canonicalData
        let owner = state.body == nil ? nil : state.owner
        let sealed: Data
        if let owner {
            sealed = try HubKey.seal(
                body, with: try Self.dataKey(of: owner, key: key, connection), context: "record/\(state.key)")
        } else {
            sealed = try key.seal(body, context: "record/\(state.key)")
        }
        try connection.execute(
            """
            INSERT INTO record (entity, id, source, sequence, operation, owner, content_hash, body, time)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (entity, id) DO UPDATE SET source = excluded.source, sequence = excluded.sequence,
                operation = excluded.operation, owner = excluded.owner, content_hash = excluded.content_hash,
                body = excluded.body, time = excluded.time
            """,
            [
                .text(state.key.entity.rawValue), .text(state.key.id), .text(source), .integer(sequence + 1),
                .text(operation.rawValue), .optional(owner), .optional(hash), .blob(sealed), .text(time),
            ])
        let change = RecordChange(
            id: UUID().uuidString.lowercased(), key: state.key, operation: operation, source: source, sequence: sequence + 1,
            time: time, body: Data())
        try connection.execute(
            "INSERT INTO outbox (entity, id, sequence, event_id, exchange, routing_key, reason) VALUES (?, ?, ?, ?, ?, ?, NULL)",
            [
                .text(state.key.entity.rawValue), .text(state.key.id), .integer(sequence + 1), .text(change.id),
                .text(RecordChange.exchange), .text(change.routingKey),
            ])
        return difference
    }

    /// The data key of a person, made when there is none.
    private static func dataKey(of owner: String, key: HubKey, _ connection: any SQLConnection) throws -> SymmetricKey {
        if let wrapped = try connection.first("SELECT wrapped FROM data_key WHERE owner = ?", [.text(owner)])?.optionalBlob(0) {
            return try key.dataKey(unwrapping: wrapped, owner: owner)
        }
        let (dataKey, wrapped) = try key.newDataKey(owner: owner)
        try connection.execute("INSERT INTO data_key (owner, wrapped) VALUES (?, ?)", [.text(owner), .blob(wrapped)])
        return dataKey
    }

    public func compare(_ states: [RecordState], source: String) async throws -> [RecordDifference] {
        let key = self.key
        return try await self.database.read { connection in
            try states.map { state in
                try Self.difference(state, hash: state.body.map { key.contentHash($0) }, source: source, connection).0
            }
        }
    }

    /// The columns that ``registered(_:key:at:)`` reads, with the owner's wrapped key.
    static let recordColumns = """
        r.entity, r.id, r.source, r.sequence, r.operation, r.owner, r.body, r.time, k.wrapped
        """
    static let recordTables = "record r LEFT JOIN data_key k ON k.owner = r.owner"

    /// Opens a record; `nil` when its person has been erased.
    static func registered(_ row: SQLRow, key: HubKey, at column: Int = 0) throws -> RegisteredRecord? {
        guard let entity = Entity(rawValue: row.text(column)), let sealed = row.optionalBlob(column + 6),
            let operation = RecordChange.Operation(rawValue: row.text(column + 4))
        else { return nil }
        let recordKey = RecordKey(entity, row.text(column + 1))
        let body: Data
        if let owner = row.optionalText(column + 5) {
            guard let wrapped = row.optionalBlob(column + 8) else { return nil }
            body = try HubKey.open(
                sealed, with: try key.dataKey(unwrapping: wrapped, owner: owner), context: "record/\(recordKey)")
        } else {
            body = try key.open(sealed, context: "record/\(recordKey)")
        }
        return RegisteredRecord(
            key: recordKey, source: row.text(column + 2), sequence: row.integer(column + 3), operation: operation, body: body,
            time: row.text(column + 7))
    }

    public func records(_ keys: [RecordKey]) async throws -> [RecordKey: RegisteredRecord] {
        let key = self.key
        let rows = try await self.database.read { connection in
            try keys.compactMap { key in
                try connection.first(
                    "SELECT \(Self.recordColumns) FROM \(Self.recordTables) WHERE r.entity = ? AND r.id = ?",
                    [.text(key.entity.rawValue), .text(key.id)])
            }
        }
        var records: [RecordKey: RegisteredRecord] = [:]
        for row in rows {
            if let record = try Self.registered(row, key: key) { records[record.key] = record }
        }
        return records
    }

    public func liveIDs(of entity: Entity, source: String) async throws -> Set<String> {
        let rows = try await self.database.read { connection in
            try connection.query(
                "SELECT id FROM record WHERE entity = ? AND source = ? AND operation = 'upserted'",
                [.text(entity.rawValue), .text(source)])
        }
        return Set(rows.map { $0.text(0) })
    }

    public func liveRecords(of entity: Entity, after id: String?, limit: Int) async throws -> [RegisteredRecord] {
        let key = self.key
        let rows = try await self.database.read { connection in
            try connection.query(
                """
                SELECT \(Self.recordColumns) FROM \(Self.recordTables)
                WHERE r.entity = ? AND r.id > ? AND r.operation = 'upserted' ORDER BY r.id LIMIT ?
                """, [.text(entity.rawValue), .text(id ?? ""), .integer(Int64(limit))])
        }
        return try rows.compactMap { try Self.registered($0, key: key) }
    }

    public func liveCounts() async throws -> [Entity: Int] {
        let rows = try await self.database.read { connection in
            try connection.query("SELECT entity, COUNT(*) FROM record WHERE operation = 'upserted' GROUP BY entity", [])
        }
        return Self.byEntity(rows)
    }

    static func byEntity(_ rows: [SQLRow]) -> [Entity: Int] {
        Dictionary(
            rows.compactMap { row in Entity(rawValue: row.text(0)).map { ($0, Int(row.integer(1))) } },
            uniquingKeysWith: { first, _ in first })
    }
}

/// What the vault seals: the source's own id and document.
struct VaultContent: Codable {
    let id: String
    let body: Data
}
