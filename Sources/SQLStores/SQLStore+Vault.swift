public import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: Vault {
    public func withheldPersons() async throws -> Set<String> {
        let rows = try await self.database.read {
            try $0.query(
                """
                SELECT id FROM vault WHERE entity = 'person' UNION SELECT person FROM erasure WHERE state <> 'lifted'
                """, [])
        }
        return Set(rows.map { $0.text(0) })
    }

    public func withheldSources(of entity: Entity) async throws -> [String: String] {
        let rows = try await self.database.read {
            try $0.query("SELECT id, source FROM vault WHERE entity = ?", [.text(entity.rawValue)])
        }
        return Dictionary(rows.map { ($0.text(0), $0.text(1)) }, uniquingKeysWith: { first, _ in first })
    }

    public func holds(_ keys: Set<RecordKey>) async throws -> Set<RecordKey> {
        try await self.database.read { connection in
            var held: Set<RecordKey> = []
            try connection.inChunks(keys) { entity, ids in
                let sql = "SELECT entity, id FROM vault WHERE entity = ? AND id IN (\(ids.marks))"
                try connection.forEach(sql, [entity] + ids.values) { row in
                    if let key = row.key(0, 1) { held.insert(key) }
                }
                // Nobody is told either of those who were erased.
                guard entity == .text(Entity.person.rawValue) else { return }
                try connection.forEach(
                    "SELECT person FROM erasure WHERE state <> 'lifted' AND person IN (\(ids.marks))", ids.values
                ) { held.insert(RecordKey(.person, $0.text(0))) }
            }
            return held
        }
    }

    public func withheldContents(of entity: Entity) async throws -> [(key: RecordKey, body: Data)] {
        let rows = try await self.database.read {
            try $0.query("SELECT id, body FROM vault WHERE entity = ? ORDER BY id", [.text(entity.rawValue)])
        }
        return try rows.compactMap { row in
            guard let sealed = row.optionalBlob(1) else { return nil }
            let opaque = RecordKey(entity, row.text(0))
            let content = try JSONDecoder().decode(
                VaultContent.self, from: try self.seals.open(sealed, context: "vault/\(opaque)"))
            return (RecordKey(entity, content.id), content.body)
        }
    }

    public func realKey(of opaqueKey: RecordKey) async throws -> RecordKey? {
        let row = try await self.database.read { connection in
            try connection.first("SELECT body FROM vault WHERE entity = ? AND id = ?", opaqueKey.columns)
        }
        guard let sealed = row?.optionalBlob(0) else { return nil }
        let content = try JSONDecoder().decode(
            VaultContent.self, from: try self.seals.open(sealed, context: "vault/\(opaqueKey)"))
        return RecordKey(opaqueKey.entity, content.id)
    }

    public func release(_ opaqueKeys: [RecordKey]) async throws {
        try await self.database.write { connection in
            try connection.inChunks(opaqueKeys) { entity, ids in
                try connection.execute("DELETE FROM vault WHERE entity = ? AND id IN (\(ids.marks))", [entity] + ids.values)
            }
        }
    }

    public func withheldCounts() async throws -> [Entity: Int] {
        Self.byEntity(
            try await self.database.read { try $0.query("SELECT entity, COUNT(*) FROM vault GROUP BY entity", []) })
    }
}
