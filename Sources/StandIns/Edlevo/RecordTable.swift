import SchoolRecords

/// One entity's records as the server keeps them: in the order they were made, as bytes.
///
/// A deleted record leaves a hole, so that the places of the others, which page tokens name, never move.
struct RecordTable {
    private(set) var entries: [SyntheticRecord?]
    private var places: [String: Int]
    private(set) var count: Int

    init(_ records: [SyntheticRecord]) {
        self.entries = records
        self.count = records.count
        self.places = Dictionary(
            records.enumerated().map { ($1.key.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func record(_ id: String) -> SyntheticRecord? {
        guard let place = self.places[id] else { return nil }
        return self.entries[place]
    }

    mutating func put(_ record: SyntheticRecord) {
        if let place = self.places[record.key.id] {
            if self.entries[place] == nil { self.count += 1 }
            self.entries[place] = record
        } else {
            self.places[record.key.id] = self.entries.count
            self.entries.append(record)
            self.count += 1
        }
    }

    mutating func remove(_ id: String) {
        guard let place = self.places[id], self.entries[place] != nil else { return }
        self.entries[place] = nil
        self.count -= 1
    }

    var records: [SyntheticRecord] { self.entries.compactMap { $0 } }
}
