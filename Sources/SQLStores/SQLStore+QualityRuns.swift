import Foundation
public import Hub
public import Reconciliation
import SchoolRecords

extension SQLStore: QualityRuns {
    public func beginQualityRun(time: String) async throws -> QualityRun {
        try await self.database.write { connection in
            let row = try connection.first("INSERT INTO quality_run (time) VALUES (?) RETURNING number", [.text(time)])
            return QualityRun(number: row?.integer(0) ?? 0, time: time)
        }
    }

    public func keep(qualityFindings findings: [QualityFinding], of run: QualityRun) async throws {
        guard !findings.isEmpty else { return }
        try await self.database.write { connection in
            let latest = try Self.latestQualityRun(connection)
            for finding in findings {
                let columns: [SQLValue] = [.text(finding.rule.rawValue)] + finding.key.columns + [.text(finding.related ?? "")]
                let known = try connection.first(
                    "SELECT since FROM quality_finding WHERE run = ? AND rule = ? AND entity = ? AND id = ? AND related = ?",
                    [.integer(latest)] + columns)
                try connection.execute(
                    """
                    INSERT INTO quality_finding (run, rule, entity, id, related, unit, field, since)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, rule, entity, id, related) DO NOTHING
                    """,
                    [.integer(run.number)] + columns + [
                        .optional(finding.unit), .optional(finding.field), .text(known?.text(0) ?? run.time),
                    ])
            }
        }
    }

    public func end(qualityRun run: QualityRun, counts: [QualityCount]) async throws {
        let content = String(decoding: try JSONEncoder().encode(run), as: UTF8.self)
        try await self.database.write { connection in
            let latest = try Self.latestQualityRun(connection)
            if latest < run.number {
                try connection.execute(
                    "UPDATE quality_run SET content = ? WHERE number = ?", [.text(content), .integer(run.number)])
                for count in counts {
                    try connection.execute(
                        "INSERT INTO quality_count (run, rule, unit, examined, found) VALUES (?, ?, ?, ?, ?)",
                        [
                            .integer(run.number), .text(count.rule.rawValue), .text(count.unit ?? ""),
                            .integer(Int64(count.examined)), .integer(Int64(count.found)),
                        ])
                }
            }
            let last = max(latest, run.number)
            try connection.execute("DELETE FROM quality_finding WHERE run < ?", [.integer(last)])
            try connection.execute("DELETE FROM quality_run WHERE content IS NULL AND number < ?", [.integer(last)])
            try Self.forgetGoneFindings(connection)
        }
    }

    /// What has gone while the run went on, in the register or to the vault, isn't told of.
    private static func forgetGoneFindings(_ connection: any SQLConnection) throws {
        try connection.execute(
            """
            DELETE FROM quality_finding WHERE NOT EXISTS (
                SELECT 1 FROM record WHERE record.entity = quality_finding.entity AND record.id = quality_finding.id
                    AND record.operation = 'upserted')
            """, [])
        let shared: [QualityRule] = [.identityNumberShared, .userNameShared, .schoolEmailShared]
        try connection.execute(
            """
            DELETE FROM quality_finding WHERE rule IN (?, ?, ?) AND NOT EXISTS (
                SELECT 1 FROM record WHERE record.entity = 'person' AND record.id = SUBSTR(quality_finding.related, 8)
                    AND record.operation = 'upserted')
            """, shared.map { .text($0.rawValue) })
    }

    public func qualityRuns(limit: Int) async throws -> [QualityRun] {
        let rows = try await self.database.read { connection in
            try connection.query(
                "SELECT content FROM quality_run WHERE content IS NOT NULL ORDER BY number DESC LIMIT ?",
                [.integer(Int64(max(0, limit)))])
        }
        return try rows.map { try JSONDecoder().decode(QualityRun.self, from: Data($0.text(0).utf8)) }
    }

    public func qualityCounts(of run: Int64) async throws -> [QualityCount] {
        let rows = try await self.database.read { connection in
            try connection.query(
                "SELECT rule, unit, examined, found FROM quality_count WHERE run = ?", [.integer(run)])
        }
        return rows.compactMap { row -> QualityCount? in
            // A later version may have had other rules.
            guard let rule = QualityRule(rawValue: row.text(0)) else { return nil }
            return QualityCount(
                rule, unit: row.text(1).isEmpty ? nil : row.text(1), examined: Int(row.integer(2)), found: Int(row.integer(3)))
        }.sorted { $0.rule == $1.rule ? $0.unit ?? "" < $1.unit ?? "" : $0.rule < $1.rule }
    }

    public func qualityFindings(_ filter: QualityFilter, limit: Int?) async throws -> [KeptQualityFinding] {
        try await self.database.read { connection in
            var found: [KeptQualityFinding] = []
            let latest = try Self.latestQualityRun(connection)
            for rule in QualityRule.allCases where filter.rules?.contains(rule) ?? true {
                try connection.forEach(
                    """
                    SELECT entity, id, related, unit, field, since FROM quality_finding WHERE run = ? AND rule = ?
                    ORDER BY unit, entity, id, related
                    """, [.integer(latest), .text(rule.rawValue)]
                ) { row in
                    guard limit.map({ found.count < $0 }) ?? true, let key = row.key(0, 1),
                        filter.has(rule, row.optionalText(3))
                    else { return }
                    let finding = QualityFinding(
                        rule, key, unit: row.optionalText(3), field: row.optionalText(4),
                        related: row.text(2).isEmpty ? nil : row.text(2))
                    found.append(KeptQualityFinding(finding, since: row.text(5)))
                }
            }
            return found
        }
    }

    @discardableResult
    public func thinQualityRuns(before time: String) async throws -> Int {
        try await self.database.write { connection in
            let runs = try connection.query(
                "SELECT number, time FROM quality_run WHERE content IS NOT NULL AND time < ? ORDER BY number DESC", [.text(time)])
            var weeks: Set<Int> = []
            // 1970-01-01 was a Thursday; weeks begin on Mondays.
            let old = runs.filter { row in
                guard let day = CalendarDate(row.text(1).prefix(10)) else { return false }
                return !weeks.insert((day.daysSinceEpoch + 3) / 7).inserted
            }
            let latest = try Self.latestQualityRun(connection)
            for row in old where row.integer(0) != latest {
                try connection.execute("DELETE FROM quality_count WHERE run = ?", [.integer(row.integer(0))])
                try connection.execute("DELETE FROM quality_run WHERE number = ?", [.integer(row.integer(0))])
            }
            return old.count { $0.integer(0) != latest }
        }
    }

    /// The number of the latest run that has ended; 0 for none.
    private static func latestQualityRun(_ connection: any SQLConnection) throws -> Int64 {
        try connection.first("SELECT MAX(number) FROM quality_run WHERE content IS NOT NULL", [])?.integer(0) ?? 0
    }

    /// Removes findings about records that are gone, or have gone to the vault.
    static func forgetFindings(_ entity: SQLValue, _ ids: SQLChunk, _ connection: any SQLConnection) throws {
        try connection.execute(
            "DELETE FROM quality_finding WHERE entity = ? AND id IN (\(ids.marks))", [entity] + ids.values)
        guard case .text(let name) = entity else { return }
        let related = ids.values.map { value -> SQLValue in
            if case .text(let id) = value { return .text("\(name)/\(id)") }
            return value
        }
        try connection.execute("DELETE FROM quality_finding WHERE related IN (\(ids.marks))", related)
    }
}
