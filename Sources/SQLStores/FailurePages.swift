public import Hub
import SchoolRecords

/// Finding some of very many failures. Groups are few and known by their counts; within one the indexes lead to the first row
/// of a page, however deep it is.
extension SQLStore {
    static func condition(_ filter: FailureFilter) -> (sql: String, arguments: [SQLValue]) {
        var parts: [String] = []
        var arguments: [SQLValue] = []
        func isOneOf(_ column: String, _ values: [SQLValue]) {
            guard let last = values.last else { return }
            // Few widths, so that few statements are kept prepared.
            var width = 1
            while width < values.count { width *= 2 }
            parts.append("\(column) IN (\(Array(repeating: "?", count: width).joined(separator: ", ")))")
            arguments += values + Array(repeating: last, count: width - values.count)
        }
        let state = filter.isOfSingleRecords ? FailureCount.state : "state"
        isOneOf(state, filter.states.map(\.rawValue).sorted().map(SQLValue.text))
        isOneOf("id", filter.ids.map(SQLValue.integer))
        isOneOf("fingerprint", filter.fingerprint.map { [.text($0)] } ?? [])
        isOneOf("system", filter.system.map { [.text($0)] } ?? [])
        let entities = filter.entity.map { [$0] } ?? (filter.record == nil ? [] : Entity.allCases)
        isOneOf("entity", entities.map { .text($0.rawValue) })
        isOneOf("record_id", filter.record.map { [.text($0)] } ?? [])
        isOneOf("code", filter.code.map { [.text($0)] } ?? [])
        func compare(_ comparison: String, _ value: SQLValue?) {
            guard let value else { return }
            parts.append("\(comparison) ?")
            arguments.append(value)
        }
        compare("last_at >=", filter.since.map(SQLValue.text))
        compare("last_at <", filter.until.map(SQLValue.text))
        if !filter.isByTime { compare("id >", filter.after.map(SQLValue.integer)) }
        return (parts.isEmpty ? "" : "WHERE " + parts.joined(separator: " AND "), arguments)
    }

    public func groups(_ filter: FailureFilter) async throws -> [FailureGroup] {
        let rows = try await self.database.read { connection in
            if filter.isOfSingleRecords { return try Self.groupsOfSingleRecords(filter, connection) }
            let counts = Dictionary(grouping: try FailureCount.all(filter, connection), by: \.fingerprint)
            return try counts.compactMap { fingerprint, counts in
                try filter.isWholeGroups
                    ? Self.group(
                        fingerprint, states: counts.map(\.state), number: counts.reduce(0) { $0 + $1.number }, connection)
                    : Self.part(of: fingerprint, filter, connection)
            }
        }
        return rows.sorted { ($1.integer(8), $0.text(0)) < ($0.integer(8), $1.text(0)) }.map { row in
            FailureGroup(
                fingerprint: row.text(0), system: row.text(1), entity: Entity(rawValue: row.text(2)), kind: row.text(3),
                code: row.text(4), field: row.optionalText(5), place: row.optionalText(6), message: row.text(7),
                count: Int(row.integer(8)), firstAt: row.text(9), lastAt: row.text(10))
        }
    }

    /// A group's row for its failures within some time.
    private static func part(
        of fingerprint: String, _ filter: FailureFilter, _ connection: any SQLConnection
    ) throws -> SQLRow? {
        var own = FailureFilter()
        (own.states, own.fingerprint) = (filter.states, fingerprint)
        (own.since, own.until, own.after) = (filter.since, filter.until, filter.after)
        let (condition, arguments) = Self.condition(own)
        let row = try connection.first(
            "SELECT COUNT(*), MIN(first_at), MAX(last_at), MAX(id) FROM failure \(condition)", arguments)
        guard let row, row.integer(0) > 0 else { return nil }
        return try Self.groupRow(
            row.integer(3), number: row.integer(0), first: row.optionalText(1), last: row.optionalText(2), connection)
    }

    private static func groupsOfSingleRecords(_ filter: FailureFilter, _ connection: any SQLConnection) throws -> [SQLRow] {
        let (condition, arguments) = Self.condition(filter)
        let rows = try connection.query(
            """
            SELECT COUNT(*), MIN(first_at), MAX(last_at), MAX(id) FROM failure \(condition) GROUP BY fingerprint
            """, arguments)
        return try rows.compactMap { row in
            try Self.groupRow(
                row.integer(3), number: row.integer(0), first: row.optionalText(1), last: row.optionalText(2), connection)
        }
    }

    public func list(_ filter: FailureFilter) async throws -> [FailedMessage] {
        let rows = try await self.database.read { connection in
            guard let limit = filter.limit, limit > 0, !filter.isOfSingleRecords else {
                let (condition, arguments) = Self.condition(filter)
                let order = filter.isByTime ? "last_at, id" : "id"
                return try connection.query(
                    "SELECT \(Self.columns) FROM failure \(condition) ORDER BY \(order) LIMIT ?",
                    arguments + [.integer(Int64(max(0, filter.limit ?? .max)))])
            }
            let ids = try Self.page(filter, limit: limit, connection)
            var rows: [Int64: SQLRow] = [:]
            for chunk in SQLChunk.of(ids.map(SQLValue.integer)) {
                try connection.forEach(
                    "SELECT \(Self.columns) FROM failure WHERE id IN (\(chunk.marks))", chunk.values
                ) { rows[$0.integer(0)] = $0 }
            }
            return ids.compactMap { rows[$0] }
        }
        return try rows.compactMap { try self.failedMessage($0, withBody: false) }
    }

    /// The numbers on a page: the first of each group, in their order together.
    private static func page(_ filter: FailureFilter, limit: Int, _ connection: any SQLConnection) throws -> [Int64] {
        let cursor = try filter.after.flatMap { id in
            try connection.first("SELECT last_at FROM failure WHERE id = ?", [.integer(id)]).map { (time: $0.text(0), id: id) }
        }
        var found: [(time: String, id: Int64)] = []
        for count in try FailureCount.all(filter, connection) {
            var own = FailureFilter()
            own.states = Set([FailedMessage.State(rawValue: count.state)].compactMap { $0 })
            (own.fingerprint, own.since, own.until, own.after) = (count.fingerprint, filter.since, filter.until, filter.after)
            var (condition, arguments) = Self.condition(own)
            if filter.isByTime, let cursor {
                condition += " AND (last_at, id) > (?, ?)"
                arguments += [.text(cursor.time), .integer(cursor.id)]
            }
            let order = filter.isByTime ? "last_at, id" : "id"
            let time = filter.isByTime ? "last_at" : "''"
            try connection.forEach(
                "SELECT \(time), id FROM failure \(condition) ORDER BY \(order) LIMIT ?", arguments + [.integer(Int64(limit))]
            ) { found.append(($0.text(0), $0.integer(1))) }
        }
        return found.sorted { ($0.time, $0.id) < ($1.time, $1.id) }.prefix(limit).map(\.id)
    }
}
