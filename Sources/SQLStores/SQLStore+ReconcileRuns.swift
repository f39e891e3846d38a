import Foundation
public import Hub
public import Reconciliation
import SchoolRecords

extension SQLStore: ReconcileRuns {
    public func keep(_ run: ReconcileRun) async throws {
        let content = String(decoding: try JSONEncoder().encode(run), as: UTF8.self)
        try await self.database.write { connection in
            try connection.execute(
                """
                INSERT INTO reconcile_run (id, state, began_at, content) VALUES (?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET state = excluded.state, content = excluded.content
                """, [.text(run.id), .text(run.state.rawValue), .text(run.beganAt), .text(content)])
        }
    }

    public func reconcileRun(_ id: String) async throws -> ReconcileRun? {
        try await self.database.read { connection in
            try connection.first("SELECT content FROM reconcile_run WHERE id = ?", [.text(id)]).map(Self.run)
        }
    }

    public func reconcileRuns(states: Set<ReconcileRun.State>, limit: Int) async throws -> [ReconcileRun] {
        let states = SQLChunk.of((states.isEmpty ? Set(ReconcileRun.State.allCases) : states).map { .text($0.rawValue) })
        return try await self.database.read { connection in
            guard let chunk = states.first else { return [] }
            return try connection.query(
                "SELECT content FROM reconcile_run WHERE state IN (\(chunk.marks)) ORDER BY began_at DESC, id LIMIT ?",
                chunk.values + [.integer(Int64(max(0, limit)))]
            ).map(Self.run)
        }
    }

    private static func run(_ row: SQLRow) throws -> ReconcileRun {
        try JSONDecoder().decode(ReconcileRun.self, from: Data(row.text(0).utf8))
    }

    public func add(_ findings: [Finding], to run: String, from number: Int, earlier: String?, time: String) async throws {
        let encoder = JSONEncoder()
        var rows: [(mark: String, body: Data)] = []
        for (index, finding) in findings.enumerated() {
            rows.append(
                (
                    self.key.rowMark(system: finding.system, kind: finding.kind, key: finding.key),
                    try self.seals.seal(try encoder.encode(finding), context: "finding/\(run)/\(number + index)")
                ))
        }
        let sealed = rows
        try await self.database.write { connection in
            var first: [String: String] = [:]
            if let earlier {
                for chunk in SQLChunk.of(sealed.map { .text($0.mark) }) {
                    try connection.forEach(
                        "SELECT mark, first_at FROM reconcile_finding WHERE run = ? AND mark IN (\(chunk.marks))",
                        [.text(earlier)] + chunk.values
                    ) { first[$0.text(0)] = $0.text(1) }
                }
            }
            for (index, finding) in findings.enumerated() {
                try connection.execute(
                    """
                    INSERT INTO reconcile_finding (run, number, system, kind, mark, situation, cause, remedy, entity, record_id,
                        unit, first_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        .text(run), .integer(Int64(number + index)), .text(finding.system), .text(finding.kind),
                        .text(sealed[index].mark), .text(finding.situation.rawValue), .text(finding.cause.rawValue),
                        .text(finding.remedy.rawValue), .optional(finding.record?.entity.rawValue),
                        .optional(finding.record?.id), .optional(finding.unit), .text(first[sealed[index].mark] ?? time),
                        .blob(sealed[index].body),
                    ])
            }
        }
    }

    public func lastFinding(of run: String) async throws -> Int {
        let row = try await self.database.read {
            try $0.first("SELECT MAX(number) FROM reconcile_finding WHERE run = ?", [.text(run)])
        }
        return Int(row?.integer(0) ?? 0)
    }

    public func removeFindings(of run: String, system: String) async throws {
        try await self.database.write { connection in
            try connection.execute("DELETE FROM reconcile_finding WHERE run = ? AND system = ?", [.text(run), .text(system)])
        }
    }

    /// Removes what runs found of records, of those that looked at them, and of nobody whom the hub knew: keys and values may be theirs.
    static func forgetDifferences(_ entity: SQLValue, _ ids: SQLChunk, _ connection: any SQLConnection) throws {
        try connection.execute(
            "DELETE FROM reconcile_finding WHERE entity = ? AND record_id IN (\(ids.marks))", [entity] + ids.values)
        // Found by system, as the index has them.
        for row in try connection.query("SELECT DISTINCT system FROM reconcile_finding", []) {
            try connection.execute(
                """
                DELETE FROM reconcile_finding WHERE system = ? AND (record_id IS NULL OR EXISTS (
                    SELECT 1 FROM delivery_reference f WHERE f.system = reconcile_finding.system AND f.ref_entity = ?
                        AND f.ref_id IN (\(ids.marks)) AND f.entity = reconcile_finding.entity
                        AND f.id = reconcile_finding.record_id))
                """, [.text(row.text(0)), entity] + ids.values)
        }
    }

    public func findings(of run: String, _ filter: FindingFilter) async throws -> [KeptFinding] {
        var conditions = ["run = ?", "number > ?"]
        var arguments: [SQLValue] = [.text(run), .integer(Int64(filter.after))]
        func limit(_ column: String, _ values: [String]) {
            let chunks = SQLChunk.of(values.sorted().map { .text($0) })
            guard !chunks.isEmpty else { return }
            conditions.append("(" + chunks.map { "\(column) IN (\($0.marks))" }.joined(separator: " OR ") + ")")
            arguments += chunks.flatMap(\.values)
        }
        limit("system", Array(filter.systems))
        limit("kind", Array(filter.kinds))
        limit("situation", filter.situations.map(\.rawValue))
        limit("cause", filter.causes.map(\.rawValue))
        limit("remedy", filter.remedies.map(\.rawValue))
        limit("entity", filter.entities.map(\.rawValue))
        limit("unit", Array(filter.units))
        if let record = filter.record {
            conditions.append("entity = ? AND record_id = ?")
            arguments += record.columns
        }
        if filter.isReal {
            let passing = Cause.allCases.filter(\.isInFlight).map { "'\($0.rawValue)'" }.joined(separator: ", ")
            conditions.append("situation <> 'withheld' AND (cause NOT IN (\(passing)) OR situation = 'leaked')")
        }
        arguments.append(.integer(Int64(filter.limit ?? .max)))
        let sql = """
            SELECT number, body, first_at, repair FROM reconcile_finding WHERE \(conditions.joined(separator: " AND "))
            ORDER BY number LIMIT ?
            """
        let values = arguments
        let rows = try await self.database.read { try $0.query(sql, values) }
        let decoder = JSONDecoder()
        return try rows.compactMap { row in
            guard let sealed = row.optionalBlob(1) else { return nil }
            let number = Int(row.integer(0))
            return KeptFinding(
                number: number, run: run,
                finding: try decoder.decode(
                    Finding.self, from: try self.seals.open(sealed, context: "finding/\(run)/\(number)")),
                firstAt: row.text(2), repair: row.optionalText(3))
        }
    }

    public func repairedRows(of run: String, in system: String) async throws -> Set<String> {
        try await self.database.read { connection in
            Set(
                try connection.query(
                    "SELECT mark FROM reconcile_finding WHERE run = ? AND system = ? AND (repair IS NOT NULL OR remedy = ?)",
                    [.text(run), .text(system), .text(Remedy.mendInterface.rawValue)]
                ).map { $0.text(0) })
        }
    }

    public func mark(_ numbers: [Int], of run: String, repair: String) async throws {
        try await self.database.write { connection in
            for chunk in SQLChunk.of(numbers.map { .integer(Int64($0)) }) {
                try connection.execute(
                    "UPDATE reconcile_finding SET repair = ? WHERE run = ? AND number IN (\(chunk.marks))",
                    [.text(repair), .text(run)] + chunk.values)
            }
        }
    }

    public func removeRuns(before instant: String) async throws -> Int {
        try await self.database.write { connection in
            let old = "SELECT id FROM reconcile_run WHERE began_at < ? AND state <> 'running'"
            try connection.execute("DELETE FROM reconcile_finding WHERE run IN (\(old))", [.text(instant)])
            try connection.execute("DELETE FROM reconcile_repair WHERE run IN (\(old))", [.text(instant)])
            try connection.execute("DELETE FROM delivery_row_past WHERE time < ?", [.text(instant)])
            return try connection.execute(
                "DELETE FROM reconcile_run WHERE began_at < ? AND state <> 'running'", [.text(instant)])
        }
    }
}
