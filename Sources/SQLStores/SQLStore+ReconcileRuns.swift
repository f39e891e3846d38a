public import Foundation
public import Hub
public import Reconciliation
public import SchoolRecords

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

    // MARK: What has changed

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
