import Foundation
public import Hub
import SchoolRecords

extension SQLStore: InteropBook {
    public func interopFacts() async throws -> InteropFacts {
        try await self.database.read { connection in
            var facts = InteropFacts()
            func places(_ sql: String, _ body: (InteropFacts.Place, SQLRow) -> Void) throws {
                try connection.forEach(sql, []) { row in
                    guard let entity = Entity(rawValue: row.text(1)) else { return }
                    body(InteropFacts.Place(row.text(0), entity), row)
                }
            }
            try places(
                """
                SELECT source, entity, SUM(CASE WHEN operation = 'upserted' THEN 1 ELSE 0 END), MAX(time) FROM record
                GROUP BY source, entity
                """
            ) { facts.taken[$0] = InteropFacts.Count(records: Int($1.integer(2)), last: $1.optionalText(3)) }
            // Who has nothing of a record has no row of it either: a person who is only looked up for others.
            try places(
                """
                SELECT d.system, d.entity, COUNT(*), MAX(d.time) FROM delivery d
                WHERE EXISTS (SELECT 1 FROM delivery_row r WHERE r.system = d.system AND r.entity = d.entity AND r.id = d.id)
                GROUP BY d.system, d.entity
                """
            ) { facts.given[$0] = InteropFacts.Count(records: Int($1.integer(2)), last: $1.optionalText(3)) }
            try places(
                """
                SELECT system, entity, stage, COUNT(*) FROM failure WHERE state IN ('failed', 'replaying') AND entity IS NOT NULL
                GROUP BY system, entity, stage
                """
            ) { place, row in
                if row.text(2) == "intake" {
                    facts.failedIn[place, default: 0] += Int(row.integer(3))
                } else {
                    facts.failedOut[place, default: 0] += Int(row.integer(3))
                }
            }
            return facts
        }
    }

    public func keep(_ run: ProbeRun) async throws {
        let content = String(decoding: try JSONEncoder().encode(run), as: UTF8.self)
        try await self.database.write { connection in
            try connection.execute(
                """
                INSERT INTO probe_run (id, started_at, content) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET content = excluded.content
                """, [.text(run.id), .text(run.startedAt), .text(content)])
            try connection.execute(
                """
                DELETE FROM probe_run WHERE id NOT IN (
                    SELECT id FROM probe_run ORDER BY started_at DESC, id DESC LIMIT \(Self.mostProbeRuns))
                """, [])
        }
    }

    private static let mostProbeRuns = 50

    public func lastProbeRun() async throws -> ProbeRun? {
        let row = try await self.database.read {
            try $0.first("SELECT content FROM probe_run ORDER BY started_at DESC, id DESC LIMIT 1", [])
        }
        return try row.map { try JSONDecoder().decode(ProbeRun.self, from: Data($0.text(0).utf8)) }
    }
}
