public import Hub

extension FailureFilter {
    /// Whether it takes every failure of a group in the states it names, or none: a group's system, entity and code are the
    /// same for all of its failures.
    var isWholeGroups: Bool {
        !self.isOfSingleRecords && self.since == nil && self.until == nil && self.after == nil
    }

    /// Whether it names messages or records: few, found without their groups.
    var isOfSingleRecords: Bool { !self.ids.isEmpty || self.record != nil }
}

extension SQLStore {
    private static let groupColumns = "fingerprint, system, entity, kind, code, field, place, message"

    /// A group's row: its latest failure's columns, the number, and the first and last time.
    static func group(
        _ fingerprint: String, states: [String], number: Int64, _ connection: any SQLConnection
    ) throws -> SQLRow? {
        var first: String?
        var last: String?
        var newest: Int64 = 0
        for state in states {
            let arguments: [SQLValue] = [.text(state), .text(fingerprint)]
            // Each from the end of an index: not from a walk through the group.
            func end(_ column: String, _ order: String) throws -> SQLRow? {
                try connection.first(
                    "SELECT \(column) FROM failure WHERE state = ? AND fingerprint = ? ORDER BY \(column) \(order) LIMIT 1",
                    arguments)
            }
            if let row = try end("first_at", "ASC") { first = min(first ?? row.text(0), row.text(0)) }
            if let row = try end("last_at", "DESC") { last = max(last ?? row.text(0), row.text(0)) }
            if let row = try end("id", "DESC") { newest = max(newest, row.integer(0)) }
        }
        return try Self.groupRow(newest, number: number, first: first, last: last, connection)
    }

    static func groupRow(
        _ newest: Int64, number: Int64, first: String?, last: String?, _ connection: any SQLConnection
    ) throws -> SQLRow? {
        let row = try connection.first("SELECT \(Self.groupColumns) FROM failure WHERE id = ?", [.integer(newest)])
        guard let row else { return nil }
        return SQLRow(
            (0..<8).map { SQLValue.optional(row.optionalText($0)) } + [.integer(number), .optional(first), .optional(last)])
    }
}

extension SQLStore: FailureHistory {
    /// Keeps one attempt; a number that is there already stands.
    static func remember(
        _ failure: NewFailure, number: Int64, of id: Int64, time: String, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO failure_attempt (failure, number, time, kind, code, field, place, message)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            [
                .integer(id), .integer(number), .text(time), .text(failure.kind), .text(failure.code), .optional(failure.field),
                .optional(failure.place), .text(failure.message),
            ])
    }

    public func attempts(of failure: Int64) async throws -> [FailureAttempt] {
        let rows = try await self.database.read { connection in
            try connection.query(
                """
                SELECT number, time, kind, code, field, place, message FROM failure_attempt WHERE failure = ? ORDER BY number
                """, [.integer(failure)])
        }
        return rows.map { row in
            FailureAttempt(
                number: Int(row.integer(0)), time: row.text(1), kind: row.text(2), code: row.text(3), field: row.optionalText(4),
                place: row.optionalText(5), message: row.text(6))
        }
    }

    public func failures(of groups: [String], since time: String) async throws -> [String: Int] {
        try await self.database.read { connection in
            var numbers: [String: Int] = [:]
            for group in groups {
                let number = try connection.first(
                    "SELECT COUNT(*) FROM failure WHERE state = 'failed' AND fingerprint = ? AND last_at >= ?",
                    [.text(group), .text(time)])?.integer(0)
                if let number, number > 0 { numbers[group] = Int(number) }
            }
            return numbers
        }
    }

    public func failuresByHour(of groups: [String], since time: String) async throws -> [String: [String: Int]] {
        try await self.database.read { connection in
            var numbers: [String: [String: Int]] = [:]
            for group in groups {
                try connection.forEach(
                    """
                    SELECT SUBSTR(last_at, 1, 13), COUNT(*) FROM failure
                    WHERE state = 'failed' AND fingerprint = ? AND last_at >= ? GROUP BY SUBSTR(last_at, 1, 13)
                    """, [.text(group), .text(time)]
                ) { numbers[group, default: [:]][$0.text(0)] = Int($0.integer(1)) }
            }
            return numbers
        }
    }
}
