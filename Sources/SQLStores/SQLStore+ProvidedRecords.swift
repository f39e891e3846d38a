import Foundation
public import Hub
import Messaging
public import SchoolRecords

extension SQLStore: ProvidedRecords {
    public func provided(
        _ choice: ProvidedChoice, order: ProvidedOrder, after position: ProvidedPosition?, limit: Int
    ) async throws -> (records: [RegisteredRecord], next: ProvidedPosition?) {
        var filter = "r.entity = ? AND r.operation = 'upserted'"
        var arguments: [SQLValue] = [.text(choice.entity.rawValue)]
        for (column, comparison, moment) in [
            ("r.time", ">", choice.modifiedAfter), ("r.time", "<=", choice.modifiedBefore),
            ("COALESCE(r.created, r.time)", ">", choice.createdAfter),
            ("COALESCE(r.created, r.time)", "<=", choice.createdBefore),
        ] {
            guard let moment else { continue }
            filter += " AND \(column) \(comparison) ?"
            arguments.append(.text(moment))
        }
        for terms in choice.terms {
            filter +=
                " AND r.id IN (SELECT t.id FROM record_term t WHERE t.entity = ? AND t.term IN (\(Self.marks(terms.count))))"
            arguments += [.text(choice.entity.rawValue)] + terms.sorted().map(SQLValue.text)
        }
        let sorting: String
        switch order {
        case .identity:
            sorting = "r.id"
            if let position {
                filter += " AND r.id > ?"
                arguments.append(.text(position.id))
            }
        case .latestFirst:
            // Both downwards, so that the index is gone along and nothing sorted.
            sorting = "r.time DESC, r.id DESC"
            if let position {
                filter += " AND r.time <= ? AND (r.time < ? OR r.id < ?)"
                arguments += [.text(position.time), .text(position.time), .text(position.id)]
            }
        }
        let sql = """
            SELECT \(Self.recordColumns) FROM record r LEFT JOIN data_key k ON k.owner = r.owner
            WHERE \(filter) ORDER BY \(sorting) LIMIT ?
            """
        arguments.append(.integer(Int64(limit)))
        let rows = try await self.database.read { [arguments] in try $0.query(sql, arguments) }
        let last = rows.count < limit ? nil : rows.last
        return (
            try rows.compactMap { try self.registered($0) },
            last.map { ProvidedPosition(id: $0.text(1), time: $0.text(7)) }
        )
    }

    public func identities(of entity: Entity, terms: Set<String>, limit: Int) async throws -> [String: [String]] {
        try await self.database.read { connection in
            var found: [String: [String]] = [:]
            var rest = limit
            for chunk in SQLChunk.of(terms.sorted().map(SQLValue.text)) where rest > 0 {
                try connection.forEach(
                    """
                    SELECT term, id FROM record_term WHERE entity = ? AND term IN (\(chunk.marks)) ORDER BY term, id LIMIT ?
                    """, [.text(entity.rawValue)] + chunk.values + [.integer(Int64(rest))]
                ) { row in
                    found[row.text(0), default: []].append(row.text(1))
                    rest -= 1
                }
            }
            return found
        }
    }

    public func deletedRecords(
        of entity: Entity, after moment: String?, position: ProvidedPosition?, limit: Int
    ) async throws -> [DeletedRecord] {
        // A probe's synthetic records were nobody's.
        var filter = "entity = ? AND operation = 'deleted' AND source <> ?"
        var arguments: [SQLValue] = [.text(entity.rawValue), .text(ProbeRecords.source)]
        if let moment {
            filter += " AND time > ?"
            arguments.append(.text(moment))
        }
        if let position {
            filter += " AND time >= ? AND (time > ? OR id > ?)"
            arguments += [.text(position.time), .text(position.time), .text(position.id)]
        }
        let sql = "SELECT entity, id, time FROM record WHERE \(filter) ORDER BY time, id LIMIT ?"
        arguments.append(.integer(Int64(limit)))
        return try await self.database.read { [arguments] connection in
            try connection.query(sql, arguments).compactMap { row in
                row.key(0, 1).map { DeletedRecord(key: $0, time: row.text(2)) }
            }
        }
    }

    public func index(limit: Int) async throws -> Int {
        let rows = try await self.database.read { connection in
            try connection.query(
                """
                SELECT \(Self.recordColumns), u.sequence FROM (SELECT entity, id, sequence FROM unindexed LIMIT ?) u
                JOIN record r ON r.entity = u.entity AND r.id = u.id LEFT JOIN data_key k ON k.owner = r.owner
                """, [.integer(Int64(limit))])
        }
        guard !rows.isEmpty else { return 0 }
        // Opened before the transaction, so that others wait less for it.
        let entries = try rows.compactMap { row -> TermIndex.Entry? in
            guard let key = row.key(0, 1) else { return nil }
            let isLive = row.text(4) == RecordChange.Operation.upserted.rawValue
            var terms: Set<String> = []
            if isLive, let record = try self.registered(row), let json = try? JSONValue(parsing: record.body) {
                terms = RecordTerms.of(key.entity, json, key: self.key)
            }
            return TermIndex.Entry(key: key, sequence: row.integer(10), isLive: isLive, terms: terms)
        }
        try await self.database.write { try TermIndex.keep(entries, $0) }
        return rows.count
    }

    public func changeNumbers() async throws -> [Entity: ChangeNumbers] {
        let rows = try await self.database.read { try $0.query("SELECT entity, upserted, deleted FROM change_number", []) }
        return Dictionary(
            rows.compactMap { row in
                Entity(rawValue: row.text(0)).map { ($0, ChangeNumbers(upserted: row.integer(1), deleted: row.integer(2))) }
            }, uniquingKeysWith: { first, _ in first })
    }

    private static func marks(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }
}
