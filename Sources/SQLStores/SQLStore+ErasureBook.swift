import ConnectorKit
import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: ErasureBook {
    /// Opaque ids of persons whom nothing may take in.
    static func erased(_ connection: any SQLConnection) throws -> Set<String> {
        Set(try connection.query("SELECT person FROM erasure WHERE state <> 'lifted'", []).map { $0.text(0) })
    }

    public func erasures() async throws -> [Erasure] {
        let rows = try await self.database.read {
            try $0.query("SELECT content FROM erasure ORDER BY time, person", [])
        }
        return try rows.map { try JSONDecoder().decode(Erasure.self, from: Data($0.text(0).utf8)) }
    }

    public func erasedPersons() async throws -> Set<String> {
        try await self.database.read { try Self.erased($0) }
    }

    private static func content(_ erasure: Erasure) throws -> SQLValue {
        .text(String(decoding: try JSONEncoder().encode(erasure), as: UTF8.self))
    }

    public func begin(_ erasure: Erasure, keys: Set<RecordKey>) async throws {
        let names = keys.map(\.description).sorted()
        let body = try self.seals.seal(try JSONEncoder().encode(names), context: "erasure/\(erasure.person)")
        let key = self.key
        try await self.database.write { connection in
            try connection.execute(
                """
                INSERT INTO erasure (person, time, state, content, body) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (person) DO UPDATE SET time = excluded.time, state = excluded.state, content = excluded.content,
                    body = excluded.body
                """,
                [
                    .text(erasure.person), .text(erasure.time), .text(erasure.state.rawValue), try Self.content(erasure),
                    .blob(body),
                ])
            try Self.audit(
                [
                    Deed(
                        action: "erase", subject: "person/\(erasure.person)", operation: erasure.state.rawValue,
                        reason: erasure.reason)
                ],
                by: erasure.by, time: erasure.time, key: key, connection)
        }
    }

    public func keys(ofErased person: String) async throws -> Set<RecordKey> {
        let row = try await self.database.read {
            try $0.first("SELECT body FROM erasure WHERE person = ?", [.text(person)])
        }
        guard let sealed = row?.optionalBlob(0) else { return [] }
        let names = try JSONDecoder().decode([String].self, from: try self.seals.open(sealed, context: "erasure/\(person)"))
        return Set(names.compactMap(Self.recordKey))
    }

    public func shred(_ person: String, realID: String, keys: Set<RecordKey>) async throws -> [String: Int] {
        let all = self.withOpaque(keys.union([RecordKey(.person, realID)]))
        let seals = self.seals
        return try await self.database.write { connection in
            var shredding = Shredding(person: person, realID: realID, keys: all, seals: seals, connection: connection)
            try shredding.run()
            return shredding.destroyed.filter { $0.value > 0 }
        }
    }

    /// By both names.
    private func withOpaque(_ keys: Set<RecordKey>) -> Set<RecordKey> { keys.union(keys.map(self.key.opaqueKey(for:))) }

    public func unconfirmed(_ keys: Set<RecordKey>) async throws -> Unconfirmed {
        let all = self.withOpaque(keys)
        let seals = self.seals
        return try await self.database.read { connection in
            var found = Unconfirmed(systems: [], isOnTheWay: false)
            // Rows of others that were made while they named the person: written again without.
            for system in try connection.query("SELECT DISTINCT system FROM delivery", []) {
                if try !Self.referring(to: keys, in: system.text(0), connection).isEmpty { found.systems.insert(system.text(0)) }
            }
            try connection.inChunks(all) { entity, ids in
                try connection.forEach(
                    "SELECT DISTINCT system FROM delivery_row WHERE entity = ? AND id IN (\(ids.marks))", [entity] + ids.values
                ) { found.systems.insert($0.text(0)) }
                let sql = "SELECT 1 FROM outbox WHERE entity = ? AND id IN (\(ids.marks)) LIMIT 1"
                if try connection.first(sql, [entity] + ids.values) != nil { found.isOnTheWay = true }
            }
            for row in try connection.query("SELECT system, body FROM prepared", []) {
                guard let sealed = row.optionalBlob(1) else { continue }
                let batch = try JSONDecoder().decode(
                    PreparedBatch.self, from: try seals.open(sealed, context: "prepared/\(row.text(0))"))
                if batch.settlements.contains(where: { all.contains($0.key) || !$0.lookedAt.isDisjoint(with: keys) }) {
                    found.systems.insert(row.text(0))
                }
            }
            return found
        }
    }

    /// The records of which a system has rows that were made while they named these.
    private static func referring(
        to keys: Set<RecordKey>, in system: String, _ connection: any SQLConnection
    ) throws -> Set<RecordKey> {
        var found: Set<RecordKey> = []
        try connection.inChunks(keys) { entity, ids in
            try connection.forEach(
                """
                SELECT entity, id FROM delivery_reference WHERE system = ? AND ref_entity = ? AND ref_id IN (\(ids.marks))
                """, [.text(system), entity] + ids.values
            ) { row in
                if let key = row.key(0, 1) { found.insert(key) }
            }
        }
        return found
    }

    public func forgetGiven(_ keys: Set<RecordKey>, to system: String) async throws {
        let own = self.withOpaque(keys)
        let seals = self.seals
        try await self.database.write { connection in
            let all = own.union(try Self.referring(to: keys, in: system, connection))
            if let sealed = try connection.first("SELECT body FROM prepared WHERE system = ?", [.text(system)])?.optionalBlob(0) {
                let context = "prepared/\(system)"
                let batch = try JSONDecoder().decode(PreparedBatch.self, from: try seals.open(sealed, context: context))
                let gone = all.union(batch.settlements.filter { !$0.lookedAt.isDisjoint(with: keys) }.map(\.key))
                let rest = PreparedBatch(
                    system: system,
                    batch: TargetBatch(id: batch.batch.id, writes: batch.batch.writes.filter { !gone.contains($0.record) }),
                    settlements: batch.settlements.filter { !all.contains($0.key) && $0.lookedAt.isDisjoint(with: keys) })
                try connection.execute(
                    "UPDATE prepared SET body = ? WHERE system = ?",
                    [.blob(try seals.seal(try JSONEncoder().encode(rest), context: context)), .text(system)])
            }
            try connection.inChunks(all) { entity, ids in
                for table in ["delivery", "delivery_row", "delivery_row_past", "delivery_reference", "retry", "waiting"] {
                    try connection.execute(
                        "DELETE FROM \(table) WHERE system = ? AND entity = ? AND id IN (\(ids.marks))",
                        [.text(system), entity] + ids.values)
                }
            }
        }
    }

    public func keep(_ erasure: Erasure, action: String?, by person: String, reason: String, time: String) async throws {
        let key = self.key
        try await self.database.write { connection in
            let keeps = erasure.state == .pending || erasure.state == .listed
            try connection.execute(
                "UPDATE erasure SET state = ?, content = ?\(keeps ? "" : ", body = NULL") WHERE person = ?",
                [.text(erasure.state.rawValue), try Self.content(erasure), .text(erasure.person)])
            guard let action else { return }
            try Self.audit(
                [Deed(action: action, subject: "person/\(erasure.person)", reason: reason)], by: person, time: time, key: key,
                connection)
        }
    }

    public func legalHolds() async throws -> [String: LegalHold] {
        let rows = try await self.database.read { try $0.query("SELECT person, body FROM legal_hold", []) }
        var holds: [String: LegalHold] = [:]
        for row in rows {
            guard let sealed = row.optionalBlob(1) else { continue }
            holds[row.text(0)] = try JSONDecoder().decode(
                LegalHold.self, from: try self.seals.open(sealed, context: "legal_hold/\(row.text(0))"))
        }
        return holds
    }

    public func keep(_ hold: LegalHold, ids: Set<String>) async throws {
        let body = try self.seals.seal(try JSONEncoder().encode(hold), context: "legal_hold/\(hold.person)")
        let key = self.key
        try await self.database.write { connection in
            try connection.execute(
                "INSERT INTO legal_hold (person, body) VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET body = excluded.body",
                [.text(hold.person), .blob(body)])
            for id in ids.union([hold.realID, hold.person]).sorted() {
                try connection.execute(
                    "INSERT INTO legal_hold_record (person, id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    [.text(hold.person), .text(id)])
            }
            try Self.audit(
                [
                    Deed(
                        action: "hold", subject: "person/\(hold.person)", operation: hold.until, reason: hold.reason)
                ], by: hold.by, time: hold.time, key: key, connection)
        }
    }

    public func liftHold(of person: String, by: String, reason: String, time: String) async throws -> Bool {
        let key = self.key
        return try await self.database.write { connection in
            guard try connection.execute("DELETE FROM legal_hold WHERE person = ?", [.text(person)]) > 0 else { return false }
            try connection.execute("DELETE FROM legal_hold_record WHERE person = ?", [.text(person)])
            try Self.audit(
                [Deed(action: "hold.lift", subject: "person/\(person)", reason: reason)], by: by, time: time, key: key,
                connection)
            return true
        }
    }
}

extension Settlement {
    /// The records that were looked at for it.
    fileprivate var lookedAt: Set<RecordKey> {
        guard case .applied(_, let references, _) = self.outcome else { return [] }
        return references
    }
}
