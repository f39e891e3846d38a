import SchoolRecords

/// The values of one statement's `IN (…)`.
struct SQLChunk {
    /// Place-holders for all values: `?, ?, ?`.
    let marks: String
    let values: [SQLValue]

    /// How many values a statement may have: few widths, so that each statement is prepared once. What is missing to
    /// a width is made up by the last value, which changes nothing in an `IN`.
    private static let widths = [1, 8, 64, 500]
    private static let marks = Self.widths.map { Array(repeating: "?", count: $0).joined(separator: ", ") }

    static func of(_ values: [SQLValue]) -> [SQLChunk] {
        var chunks: [SQLChunk] = []
        var rest = values[...]
        while let last = rest.prefix(500).last {
            let part = rest.prefix(500)
            rest = rest.dropFirst(500)
            let index = self.widths.firstIndex { $0 >= part.count } ?? self.widths.count - 1
            let filling = Array(repeating: last, count: self.widths[index] - part.count)
            chunks.append(SQLChunk(marks: self.marks[index], values: part + filling))
        }
        return chunks
    }
}

extension SQLConnection {
    /// Goes through many records by a few statements: each key once, together with others of its entity.
    func inChunks(
        _ keys: some Sequence<RecordKey>, _ body: (_ entity: SQLValue, _ ids: SQLChunk) throws -> Void
    ) throws {
        for (entity, keys) in Dictionary(grouping: Set(keys), by: \.entity) {
            for chunk in SQLChunk.of(keys.map { .text($0.id) }) { try body(.text(entity.rawValue), chunk) }
        }
    }
}

extension SQLRow {
    /// A record's key from the columns of its entity and its id.
    func key(_ entity: Int, _ id: Int) -> RecordKey? {
        guard let id = self.optionalText(id) else { return nil }
        return Entity(rawValue: self.text(entity)).map { RecordKey($0, id) }
    }
}

extension RecordKey {
    /// The two columns that name a record.
    var columns: [SQLValue] { [.text(self.entity.rawValue), .text(self.id)] }
}
