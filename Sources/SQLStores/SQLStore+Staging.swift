import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: Staging {
    public func stage(_ states: [RecordState], run: String) async throws {
        let key = self.key
        try await self.database.write { connection in
            for state in states {
                guard let body = state.body else { continue }
                try connection.execute(
                    """
                    INSERT INTO staged (run, entity, id, owner, body) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (run, entity, id) DO UPDATE SET owner = excluded.owner, body = excluded.body
                    """,
                    [
                        .text(run), .text(state.key.entity.rawValue), .text(state.key.id), .optional(state.owner),
                        .blob(try key.seal(body, context: "staged/\(state.key)")),
                    ])
            }
        }
    }

    public func staged(run: String, after key: RecordKey?, limit: Int) async throws -> [RecordState] {
        let rows = try await self.database.read { connection in
            try connection.query(
                """
                SELECT entity, id, owner, body FROM staged
                WHERE run = ? AND (entity > ? OR (entity = ? AND id > ?)) ORDER BY entity, id LIMIT ?
                """,
                [
                    .text(run), .text(key?.entity.rawValue ?? ""), .text(key?.entity.rawValue ?? ""), .text(key?.id ?? ""),
                    .integer(Int64(limit)),
                ])
        }
        return try rows.compactMap { row in
            guard let entity = Entity(rawValue: row.text(0)), let sealed = row.optionalBlob(3) else { return nil }
            let stagedKey = RecordKey(entity, row.text(1))
            return RecordState(
                key: stagedKey, owner: row.optionalText(2), body: try self.key.open(sealed, context: "staged/\(stagedKey)"))
        }
    }

    public func clearStage(run: String?) async throws {
        try await self.database.write { connection in
            if let run {
                try connection.execute("DELETE FROM staged WHERE run = ?", [.text(run)])
            } else {
                try connection.execute("DELETE FROM staged", [])
            }
        }
    }

    public func mark(source: String, entity: String) async throws -> String? {
        try await self.database.read { connection in
            try connection.first("SELECT time FROM mark WHERE source = ? AND entity = ?", [.text(source), .text(entity)])?
                .optionalText(0)
        }
    }

    public func setMark(_ time: String, source: String, entity: String) async throws {
        try await self.database.write { connection in
            try connection.execute(
                """
                INSERT INTO mark (source, entity, time) VALUES (?, ?, ?)
                ON CONFLICT (source, entity) DO UPDATE SET time = excluded.time
                """, [.text(source), .text(entity), .text(time)])
        }
    }
}

extension SQLStore: Vault {
    public func withheldPersons() async throws -> Set<String> {
        let rows = try await self.database.read { try $0.query("SELECT id FROM vault WHERE entity = 'person'", []) }
        return Set(rows.map { $0.text(0) })
    }

    public func holds(_ keys: Set<RecordKey>) async throws -> Set<RecordKey> {
        try await self.database.read { connection in
            try keys.filter { key in
                try connection.first(
                    "SELECT 1 FROM vault WHERE entity = ? AND id = ?", [.text(key.entity.rawValue), .text(key.id)]) != nil
            }
        }
    }

    public func realKey(of opaqueKey: RecordKey) async throws -> RecordKey? {
        let row = try await self.database.read { connection in
            try connection.first(
                "SELECT body FROM vault WHERE entity = ? AND id = ?", [.text(opaqueKey.entity.rawValue), .text(opaqueKey.id)])
        }
        guard let sealed = row?.optionalBlob(0) else { return nil }
        let content = try JSONDecoder().decode(
            VaultContent.self, from: try self.key.open(sealed, context: "vault/\(opaqueKey)"))
        return RecordKey(opaqueKey.entity, content.id)
    }

    public func release(_ opaqueKeys: [RecordKey]) async throws {
        try await self.database.write { connection in
            for key in opaqueKeys {
                try connection.execute(
                    "DELETE FROM vault WHERE entity = ? AND id = ?", [.text(key.entity.rawValue), .text(key.id)])
            }
        }
    }

    public func withheldCounts() async throws -> [Entity: Int] {
        Self.byEntity(
            try await self.database.read { try $0.query("SELECT entity, COUNT(*) FROM vault GROUP BY entity", []) })
    }
}
