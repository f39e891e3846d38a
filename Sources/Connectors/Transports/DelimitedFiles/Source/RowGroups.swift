/// Rows of a file that belong together, e.g. all employments of a person. Pure.
///
/// Their record has the columns by which they are grouped, and the rows in an order that doesn't depend on the file's. Its id is made
/// of the least key among them, so that no text by which they are grouped goes into an id. A row in which a column to group by is
/// empty stands alone.
struct RowGroups {
    private typealias Row = DelimitedFileContent.Row

    private struct Group {
        var shared: [String: String]
        var rows: [(key: [String], row: Row)] = []
    }

    private let columns: [String]
    private let key: [String]
    private var groups: [[String]: Group] = [:]
    private var order: [[String]] = []
    /// Rows that stood there before, word by word.
    private(set) var duplicates = 0

    init(_ file: DelimitedSourceSettings.File) {
        self.columns = file.groupBy
        self.key = file.key
    }

    mutating func add(_ row: DelimitedFileContent.Row) {
        let texts = self.columns.map { row.fields[$0] ?? "" }
        let group = texts.contains("") ? ["", row.id] : texts
        if self.groups[group] == nil {
            self.order.append(group)
            self.groups[group] = Group(shared: row.fields.filter { self.columns.contains($0.key) })
        }
        if self.groups[group]?.rows.contains(where: { $0.row.fields == row.fields }) == true {
            self.duplicates += 1
        } else {
            self.groups[group]?.rows.append((self.key.map { row.fields[$0] ?? "" }, row))
        }
    }

    /// One row for each group, in the order in which they began.
    var rows: [DelimitedFileContent.Row] {
        self.order.compactMap { self.groups[$0] }.compactMap { group in
            let sorted = group.rows.sorted { one, other in
                one.key == other.key
                    ? Self.text(one.row).lexicographicallyPrecedes(Self.text(other.row))
                    : one.key.lexicographicallyPrecedes(other.key)
            }
            guard let first = sorted.first else { return nil }
            return Row(id: first.row.id, fields: group.shared, isDeletion: false, parts: sorted.map(\.row.fields))
        }
    }

    private static func text(_ row: Row) -> [String] {
        row.fields.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    }
}
