import Foundation
public import Hub

/// What people decide about what runs found: see ``ReconcileRuns``.
extension SQLStore {
    // MARK: Verdicts

    public func matchMark(system: String, kind: String, keys: (String, String)) -> String {
        self.key.rowMark(system: system, kind: kind, key: [keys.0, keys.1].sorted().joined(separator: "\u{0}"))
    }

    public func matchVerdicts(in system: String) async throws -> [String: Bool] {
        let rows = try await self.database.read {
            try $0.query("SELECT mark, is_same FROM reconcile_match WHERE system = ?", [.text(system)])
        }
        return Dictionary(rows.map { ($0.text(0), $0.integer(1) == 1) }, uniquingKeysWith: { first, _ in first })
    }

    public func keepVerdict(
        isSame: Bool, system: String, kind: String, keys: (String, String), reason: String, by person: String, time: String
    ) async throws {
        let mark = self.matchMark(system: system, kind: kind, keys: keys)
        let key = self.seals.key
        try await self.database.write { connection in
            try connection.execute(
                """
                INSERT INTO reconcile_match (mark, system, kind, is_same, made_by, made_at, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (mark) DO UPDATE SET is_same = excluded.is_same, made_by = excluded.made_by,
                    made_at = excluded.made_at, reason = excluded.reason
                """,
                [
                    .text(mark), .text(system), .text(kind), .integer(isSame ? 1 : 0), .text(person), .text(time), .text(reason),
                ])
            try Self.audit(
                [Deed(action: "reconcile.match", subject: "\(system)/\(mark.prefix(8))", reason: reason)], by: person, time: time,
                key: key, connection)
        }
    }

    // MARK: Repairs

    public func keep(_ repair: RepairOrder) async throws {
        let content = String(decoding: try JSONEncoder().encode(repair), as: UTF8.self)
        let key = self.seals.key
        try await self.database.write { connection in
            try connection.execute(
                """
                INSERT INTO reconcile_repair (id, run, state, made_at, content) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET state = excluded.state, content = excluded.content
                """,
                [.text(repair.id), .text(repair.run), .text(repair.state.rawValue), .text(repair.madeAt), .text(content)])
            // That a run has looked at it is nobody's deed.
            guard repair.state != .verified else { return }
            try Self.audit(
                [
                    Deed(
                        action: "reconcile.repair.\(repair.state.rawValue)", subject: "repair/\(repair.id)", reason: repair.reason
                    )
                ], by: repair.decidedBy ?? repair.madeBy, time: repair.decidedAt ?? repair.madeAt, key: key, connection)
        }
    }

    public func stillDiffering(of repair: RepairOrder, in run: String) async throws -> Int {
        let row = try await self.database.read { connection in
            try connection.first(
                """
                SELECT COUNT(*) FROM reconcile_finding n JOIN reconcile_finding o ON o.mark = n.mark
                WHERE n.run = ? AND o.run = ? AND o.repair = ?
                """, [.text(run), .text(repair.run), .text(repair.id)])
        }
        return Int(row?.integer(0) ?? 0)
    }

    public func repair(_ id: String) async throws -> RepairOrder? {
        try await self.database.read { connection in
            try connection.first("SELECT content FROM reconcile_repair WHERE id = ?", [.text(id)]).map(Self.repair)
        }
    }

    public func repairs(of run: String?) async throws -> [RepairOrder] {
        try await self.database.read { connection in
            let rows =
                if let run {
                    try connection.query(
                        "SELECT content FROM reconcile_repair WHERE run = ? ORDER BY made_at DESC, id", [.text(run)])
                } else {
                    try connection.query("SELECT content FROM reconcile_repair ORDER BY made_at DESC, id", [])
                }
            return try rows.map(Self.repair)
        }
    }

    private static func repair(_ row: SQLRow) throws -> RepairOrder {
        try JSONDecoder().decode(RepairOrder.self, from: Data(row.text(0).utf8))
    }
}
