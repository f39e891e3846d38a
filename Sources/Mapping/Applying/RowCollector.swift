/// Rows in order, each once.
struct RowCollector {
    private struct Identity: Hashable {
        let kind: String
        let key: String
    }

    private(set) var rows: [OutputRow] = []
    private(set) var held: [FutureRow] = []
    private var places: [Identity: Int] = [:]

    /// Returns whether the row is new or was there already just so.
    mutating func add(_ row: OutputRow) -> Bool {
        let identity = Identity(kind: row.kind, key: row.key)
        if let place = self.places[identity] { return self.rows[place].fields == row.fields }
        self.places[identity] = self.rows.count
        self.rows.append(row)
        return true
    }

    mutating func hold(_ row: FutureRow) {
        if !self.held.contains(row) { self.held.append(row) }
    }
}
