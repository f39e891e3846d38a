/// Rows in order, each once.
struct RowCollector {
    private struct Identity: Hashable {
        let kind: String
        let key: String
    }

    /// So many rows are quicker to look through than to index.
    private static let few = 16

    private(set) var rows: [OutputRow] = []
    private(set) var held: [FutureRow] = []
    /// Where each row stands; empty as long as there are few.
    private var places: [Identity: Int] = [:]

    /// Returns whether the row is new or was there already just so.
    mutating func add(_ row: OutputRow) -> Bool {
        if let place = self.place(of: row) { return self.rows[place].fields == row.fields }
        if self.rows.isEmpty { self.rows.reserveCapacity(4) }
        self.rows.append(row)
        if self.rows.count == Self.few {
            for (place, row) in self.rows.enumerated() { self.places[Identity(kind: row.kind, key: row.key)] = place }
        } else if self.rows.count > Self.few {
            self.places[Identity(kind: row.kind, key: row.key)] = self.rows.count - 1
        }
        return true
    }

    private func place(of row: OutputRow) -> Int? {
        self.rows.count < Self.few
            ? self.rows.firstIndex { $0.key == row.key && $0.kind == row.kind }
            : self.places[Identity(kind: row.kind, key: row.key)]
    }

    mutating func hold(_ row: FutureRow) {
        if !self.held.contains(row) { self.held.append(row) }
    }
}
