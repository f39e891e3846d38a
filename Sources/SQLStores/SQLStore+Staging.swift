import Foundation
public import Hub
public import SchoolRecords

extension SQLStore: Staging {
    public func stage(_ states: [RecordState], run: String) async throws {
        let seals = self.seals
        try await self.database.write { connection in
            for state in states {
                let sealed = try state.body.map { try seals.seal($0, context: "staged/\(state.key)") }
                try connection.execute(
                    """
                    INSERT INTO staged (run, entity, id, owner, body, unit) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (run, entity, id) DO UPDATE SET owner = excluded.owner, body = excluded.body,
                        unit = excluded.unit
                    """, [.text(run)] + state.key.columns + [.optional(state.owner), .optional(sealed), .optional(state.unit)])
            }
        }
    }

    public func staged(run: String, after key: RecordKey?, limit: Int) async throws -> [RecordState] {
        let rows = try await self.database.read { connection in
            var rows: [SQLRow] = []
            // Keys are ordered by their entities' load order, which the database knows nothing of.
            for entity in Entity.allCases.sorted() {
                if let key, entity < key.entity { continue }
                let after = entity == key?.entity ? key?.id ?? "" : ""
                guard rows.count < limit else { break }
                rows += try connection.query(
                    """
                    SELECT entity, id, owner, body, unit FROM staged WHERE run = ? AND entity = ? AND id > ? ORDER BY id LIMIT ?
                    """,
                    [.text(run), .text(entity.rawValue), .text(after), .integer(Int64(limit - rows.count))])
            }
            return rows
        }
        return try rows.compactMap { row in
            guard let key = row.key(0, 1) else { return nil }
            let body = try row.optionalBlob(3).map { try self.seals.open($0, context: "staged/\(key)") }
            return RecordState(key: key, owner: row.optionalText(2), body: body, unit: row.optionalText(4))
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
