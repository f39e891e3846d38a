public import Foundation
import Hub
public import SchoolRecords

/// What systems held, in short, and what has moved since: see ``ReconcileRuns``.
extension SQLStore {
    public func keepDigest(_ digest: Data, of system: String, run: String) async throws {
        let sealed = try self.seals.seal(digest, context: "reconcile-digest/\(system)")
        try await self.database.write { connection in
            try connection.execute(
                """
                INSERT INTO reconcile_digest (system, run, body) VALUES (?, ?, ?)
                ON CONFLICT (system) DO UPDATE SET run = excluded.run, body = excluded.body
                """, [.text(system), .text(run), .blob(sealed)])
        }
    }

    public func digest(of system: String) async throws -> (run: String, data: Data)? {
        let row = try await self.database.read {
            try $0.first("SELECT run, body FROM reconcile_digest WHERE system = ?", [.text(system)])
        }
        guard let row, let sealed = row.optionalBlob(1) else { return nil }
        return (row.text(0), try self.seals.open(sealed, context: "reconcile-digest/\(system)"))
    }

    public func givers(inBuckets buckets: Set<Int>, of system: String) async throws -> Set<RecordKey> {
        try await self.database.read { connection in
            var found: Set<RecordKey> = []
            for bucket in buckets {
                // The hash begins with the bucket's four digits; after them `~` is above every digit.
                let digits = String(bucket, radix: 16)
                let start = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
                try connection.forEach(
                    "SELECT entity, id FROM delivery_row WHERE system = ? AND row_hash >= ? AND row_hash < ?",
                    [.text(system), .text(start), .text(start + "~")]
                ) { row in
                    if let key = row.key(0, 1) { found.insert(key) }
                }
            }
            return found
        }
    }

    public func moved(since instant: String, in system: String) async throws -> Set<RecordKey> {
        try await self.database.read { connection in
            var found: Set<RecordKey> = []
            try connection.forEach(
                """
                SELECT entity, id FROM record WHERE time >= ? UNION
                SELECT entity, id FROM delivery WHERE system = ? AND time >= ?
                """, [.text(instant), .text(system), .text(instant)]
            ) { row in
                if let key = row.key(0, 1) { found.insert(key) }
            }
            var lookers: Set<RecordKey> = []
            try connection.inChunks(found) { entity, ids in
                let sql = """
                    SELECT entity, id FROM delivery_reference WHERE system = ? AND ref_entity = ? AND ref_id IN (\(ids.marks))
                    """
                try connection.forEach(sql, [.text(system), entity] + ids.values) { row in
                    if let key = row.key(0, 1) { lookers.insert(key) }
                }
            }
            return found.union(lookers)
        }
    }
}
