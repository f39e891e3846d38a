import Hub
import SchoolRecords

/// How many failures there are of one group in one state.
struct FailureCount {
    let state: String
    let fingerprint: String
    let number: Int64
}

extension FailureCount {
    /// The state, for statements about one message or record: its own index is the shortest way to it, and this keeps a
    /// database from going through all failures of a state instead.
    static let state = "(state || '')"

    /// Those that a filter's groups and states name.
    static func all(_ filter: FailureFilter, _ connection: any SQLConnection) throws -> [FailureCount] {
        var parts = ["number > 0"]
        var arguments: [SQLValue] = []
        func isOneOf(_ column: String, _ values: [String]) {
            guard !values.isEmpty else { return }
            parts.append("\(column) IN (\(values.map { _ in "?" }.joined(separator: ", ")))")
            arguments += values.map(SQLValue.text)
        }
        isOneOf("state", filter.states.map(\.rawValue).sorted())
        isOneOf("fingerprint", filter.fingerprint.map { [$0] } ?? [])
        isOneOf("system", filter.system.map { [$0] } ?? [])
        isOneOf("entity", filter.entity.map { [$0.rawValue] } ?? [])
        isOneOf("code", filter.code.map { [$0] } ?? [])
        return try connection.query(
            "SELECT state, fingerprint, number FROM failure_count WHERE \(parts.joined(separator: " AND "))", arguments
        ).map { FailureCount(state: $0.text(0), fingerprint: $0.text(1), number: $0.integer(2)) }
    }

    /// Counts a failure of a group in.
    static func add(_ failure: NewFailure, state: String, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO failure_count (state, fingerprint, system, entity, code, number) VALUES (?, ?, ?, ?, ?, 1)
            ON CONFLICT (state, fingerprint) DO UPDATE SET number = failure_count.number + 1
            """,
            [
                .text(state), .text(failure.fingerprint), .text(failure.system), .optional(failure.key?.entity.rawValue),
                .text(failure.code),
            ])
    }

    static func take(_ number: Int64, of fingerprint: String, state: String, _ connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE failure_count SET number = number - ? WHERE state = ? AND fingerprint = ?",
            [.integer(number), .text(state), .text(fingerprint)])
    }

    /// Moves failures to another state, and counts them there: the only way that a state changes.
    ///
    /// - Parameter condition: which, e.g. `id = ?`, with their arguments.
    /// - Returns: how many were moved.
    @discardableResult
    static func move(
        to state: FailedMessage.State, where condition: String, _ arguments: [SQLValue], _ connection: any SQLConnection
    ) throws -> Int {
        let before = try connection.query(
            "SELECT state, fingerprint, COUNT(*) FROM failure WHERE \(condition) GROUP BY state, fingerprint", arguments)
        guard !before.isEmpty else { return 0 }
        if state.isOver {
            // What is over is never sent again as it was.
            try connection.execute(
                "DELETE FROM failure_form WHERE failure IN (SELECT id FROM failure WHERE \(condition))", arguments)
        }
        let moved = try connection.execute(
            "UPDATE failure SET state = ? WHERE \(condition)", [.text(state.rawValue)] + arguments)
        for row in before {
            try connection.execute(
                """
                INSERT INTO failure_count (state, fingerprint, system, entity, code, number)
                SELECT ?, fingerprint, system, entity, code, ? FROM failure_count WHERE state = ? AND fingerprint = ?
                ON CONFLICT (state, fingerprint) DO UPDATE SET number = failure_count.number + excluded.number
                """, [.text(state.rawValue), .integer(row.integer(2)), .text(row.text(0)), .text(row.text(1))])
            try Self.take(row.integer(2), of: row.text(1), state: row.text(0), connection)
        }
        return moved
    }
}
