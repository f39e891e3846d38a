import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: ProtectionBook {
    public func hubMarks() async throws -> [String: HubMark] {
        let rows = try await self.database.read { try $0.query("SELECT person, body FROM hub_mark", []) }
        return try self.opened(rows, "hub_mark", HubMark.self)
    }

    private func opened<Value: Decodable>(
        _ rows: [SQLRow], _ table: String, _ type: Value.Type
    ) throws -> [String: Value] {
        var found: [String: Value] = [:]
        for row in rows {
            guard let sealed = row.optionalBlob(1) else { continue }
            found[row.text(0)] = try JSONDecoder().decode(
                Value.self, from: try self.seals.open(sealed, context: "\(table)/\(row.text(0))"))
        }
        return found
    }

    private func sealed(_ value: some Encodable, _ table: String, _ person: String) throws -> SQLValue {
        .blob(try self.seals.seal(try JSONEncoder().encode(value), context: "\(table)/\(person)"))
    }

    public func mark(_ mark: HubMark) async throws {
        let body = try self.sealed(mark, "hub_mark", mark.person)
        let key = self.key
        try await self.database.write { connection in
            try connection.execute(
                "INSERT INTO hub_mark (person, body) VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET body = excluded.body",
                [.text(mark.person), body])
            try Self.audit(
                [Deed(action: "protect", subject: "person/\(mark.person)", operation: mark.levelName, reason: mark.reason)],
                by: mark.by, time: mark.time, key: key, connection)
        }
    }

    public func unmark(_ person: String, by: String, reason: String, time: String) async throws -> Bool {
        let key = self.key
        return try await self.database.write { connection in
            guard try connection.execute("DELETE FROM hub_mark WHERE person = ?", [.text(person)]) > 0 else { return false }
            try Self.audit(
                [Deed(action: "unprotect", subject: "person/\(person)", reason: reason)], by: by, time: time, key: key,
                connection)
            return true
        }
    }

    public func identityConsents() async throws -> [String: IdentityConsent] {
        let rows = try await self.database.read { try $0.query("SELECT person, body FROM identity_consent", []) }
        return try self.opened(rows, "identity_consent", IdentityConsent.self)
    }

    public func record(_ consent: IdentityConsent) async throws {
        let body = try self.sealed(consent, "identity_consent", consent.person)
        let key = self.key
        try await self.database.write { connection in
            try connection.execute(
                "INSERT INTO identity_consent (person, body) VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET body = excluded.body",
                [.text(consent.person), body])
            try Self.audit(
                [
                    Deed(
                        action: consent.isGiven ? "consent.given" : "consent.withdrawn", subject: "person/\(consent.person)",
                        reason: consent.reason)
                ], by: consent.by, time: consent.time, key: key, connection)
        }
    }

    public func fictitiousIdentities() async throws -> [String: FictitiousIdentity] {
        let rows = try await self.database.read { try $0.query("SELECT person, body FROM fictitious_identity", []) }
        return try self.opened(rows, "fictitious_identity", FictitiousIdentity.self)
    }

    public func keep(_ identity: FictitiousIdentity) async throws -> Bool {
        let body = try self.sealed(identity, "fictitious_identity", identity.person)
        let hash = self.key.contentHash(Data("fictitious/\(identity.number)".utf8))
        return try await self.database.write { connection in
            try connection.execute(
                "INSERT INTO fictitious_identity (person, number_hash, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [.text(identity.person), .text(hash), body]) > 0
        }
    }

    public func relationBlocks() async throws -> Set<RelationBlock> {
        let rows = try await self.database.read { try $0.query("SELECT child, guardian FROM relation_block", []) }
        return Set(rows.map { RelationBlock(child: $0.text(0), guardian: $0.text(1)) })
    }

    public func block(_ relation: RelationBlock, by: String, reason: String, time: String) async throws {
        try await self.decide(
            "INSERT INTO relation_block (child, guardian) VALUES (?, ?) ON CONFLICT DO NOTHING", relation, "relation.block", by,
            reason, time)
    }

    public func unblock(_ relation: RelationBlock, by: String, reason: String, time: String) async throws -> Bool {
        try await self.decide(
            "DELETE FROM relation_block WHERE child = ? AND guardian = ?", relation, "relation.unblock", by, reason, time)
    }

    @discardableResult
    private func decide(
        _ sql: String, _ relation: RelationBlock, _ action: String, _ by: String, _ reason: String, _ time: String
    ) async throws -> Bool {
        let key = self.key
        return try await self.database.write { connection in
            guard try connection.execute(sql, [.text(relation.child), .text(relation.guardian)]) > 0 else { return false }
            try Self.audit(
                [
                    Deed(
                        action: action, subject: "person/\(relation.child)", operation: "person/\(relation.guardian)",
                        reason: reason)
                ], by: by, time: time, key: key, connection)
            return true
        }
    }

    public func protectedGuardians() async throws -> Set<String> {
        Set(try await self.database.read { try $0.query("SELECT person FROM vault_guardian", []) }.map { $0.text(0) })
    }

    public func departed(_ keys: Set<RecordKey>) async throws -> [DepartedData] {
        let rows = try await self.database.read { connection in
            var rows: [SQLRow] = []
            try connection.inChunks(keys) { entity, ids in
                rows += try connection.query(
                    "SELECT system, kind, row_hash FROM delivery_row WHERE entity = ? AND id IN (\(ids.marks))",
                    [entity] + ids.values)
            }
            return rows
        }
        var counts: [String: [String: Set<String>]] = [:]
        for row in rows {
            counts[row.text(0), default: [:]][row.optionalText(1) ?? "-", default: []].insert(row.text(2))
        }
        return counts.sorted { $0.key < $1.key }.map { DepartedData(system: $0.key, rows: $0.value.mapValues(\.count)) }
    }

    public func keepRecall(of person: String, _ departed: [DepartedData], time: String) async throws {
        let body = try self.sealed(departed, "recall", person)
        try await self.database.write { connection in
            try connection.execute(
                """
                INSERT INTO recall (person, time, body) VALUES (?, ?, ?)
                ON CONFLICT (person) DO UPDATE SET time = excluded.time, body = excluded.body
                """, [.text(person), .text(time), body])
        }
    }

    public func recalls() async throws -> [(person: String, time: String, departed: [DepartedData])] {
        let rows = try await self.database.read {
            try $0.query("SELECT person, body, time FROM recall ORDER BY time, person", [])
        }
        let opened = try self.opened(rows, "recall", [DepartedData].self)
        return rows.map { ($0.text(0), $0.text(2), opened[$0.text(0)] ?? []) }
    }
}
