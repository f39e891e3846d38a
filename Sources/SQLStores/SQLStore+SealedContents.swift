import Foundation
public import Hub

extension SQLStore: SealedContents {
    public func useGeneration(_ number: Int) async throws {
        try await self.database.write { connection in
            var state = try KeyState.read(connection)
            state.current = max(state.current, number)
            try state.write(connection)
        }
    }

    public func reseal(after place: ResealPlace?, limit: Int) async throws -> ResealStep {
        let seals = self.seals
        return try await self.database.write { connection in
            let part = place?.part ?? 0
            guard part < SealedColumn.all.count else { return ResealStep(next: nil, looked: 0, resealed: 0) }
            let column = SealedColumn.all[part]
            let rows = try column.rows(after: place?.last ?? [], limit: limit, connection)
            var resealed = 0
            for row in rows where try column.reseal(row, seals: seals, connection) { resealed += 1 }
            let next: ResealPlace?
            if let last = rows.last, rows.count == limit {
                next = ResealPlace(part: part, last: last.key.map(\.words))
            } else {
                next = part + 1 < SealedColumn.all.count ? ResealPlace(part: part + 1, last: []) : nil
            }
            return ResealStep(next: next, looked: rows.count, resealed: resealed)
        }
    }

    public func sealedCounts() async throws -> [Int: Int] {
        try await self.database.read { connection in
            var counts: [Int: Int] = [:]
            for column in SealedColumn.all {
                try connection.forEach(
                    """
                    SELECT CASE WHEN substr(\(column.column), 1, \(HubKey.sealMark.count)) = ?
                        THEN substr(\(column.column), \(HubKey.sealMark.count + 1), 2) END, COUNT(*)
                    FROM \(column.table) WHERE \(column.filter) GROUP BY 1
                    """, [.blob(HubKey.sealMark)]
                ) { row in
                    let number = row.optionalBlob(0).map { $0.reduce(0) { $0 << 8 | Int($1) } } ?? 0
                    counts[number, default: 0] += Int(row.integer(1))
                }
            }
            return counts
        }
    }

    public func closeGenerations(before number: Int) async throws -> Bool {
        try await self.database.write { connection in
            let header = HubKey.header(of: number)
            for column in SealedColumn.all {
                let other = try connection.first(
                    "SELECT 1 FROM \(column.table) WHERE \(column.filter) AND substr(\(column.column), 1, ?) <> ? LIMIT 1",
                    [.integer(Int64(header.count)), .blob(header)])
                if other != nil { return false }
            }
            var state = try KeyState.read(connection)
            state.least = max(state.least, number)
            try state.write(connection)
            return true
        }
    }

    public func purge() async throws -> Bool { try await self.database.purge() }
}

extension SQLValue {
    /// As a place in a walk is kept.
    fileprivate var words: String {
        switch self {
        case .text(let text): text
        case .integer(let number): String(number)
        case .null, .blob: ""
        }
    }
}

extension SealedColumn {
    /// The rows that are sealed with the hub's key.
    var filter: String { "\(self.column) IS NOT NULL" + (self.condition.map { " AND \($0)" } ?? "") }

    struct Row {
        let key: [SQLValue]
        let sealed: Data
        let context: String
    }

    func rows(after last: [String], limit: Int, _ connection: any SQLConnection) throws -> [Row] {
        let names = self.key.joined(separator: ", ")
        let marks = self.key.map { _ in "?" }.joined(separator: ", ")
        let values: [SQLValue] = zip(last, self.keyIsNumber).map { $1 ? .integer(Int64($0) ?? 0) : .text($0) }
        let begin = values.isEmpty ? "" : " AND (\(names)) > (\(marks))"
        return try connection.query(
            """
            SELECT \((self.key + [self.column] + self.extra).joined(separator: ", ")) FROM \(self.table)
            WHERE \(self.filter)\(begin) ORDER BY \(names) LIMIT ?
            """, values + [.integer(Int64(limit))]
        ).map { row in
            let key = self.key.indices.map { row.value($0) }
            let extra = self.extra.indices.map { row.value(self.key.count + 1 + $0) }
            return Row(
                key: key, sealed: row.optionalBlob(self.key.count) ?? Data(), context: self.context((key + extra).map(\.words)))
        }
    }

    /// - Returns: whether it was sealed with an earlier generation.
    func reseal(_ row: Row, seals: Seals, _ connection: any SQLConnection) throws -> Bool {
        guard HubKey.generation(of: row.sealed) != seals.key.generation else { return false }
        var data = try seals.open(row.sealed, context: row.context)
        defer { data.resetBytes(in: 0..<data.count) }
        let place = self.key.map { "\($0) = ?" }.joined(separator: " AND ")
        try connection.execute(
            "UPDATE \(self.table) SET \(self.column) = ? WHERE \(place)",
            [.blob(try seals.seal(data, context: row.context))] + row.key)
        return true
    }
}
