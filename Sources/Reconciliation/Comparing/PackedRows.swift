/// Rows in the form in which they are sorted, set aside and compared: many in one block of memory, each as
/// `length (4) · length of kind and key (2) · kind · 0 · key · length of fields (4) · fields · giver`, numbers with the high byte first.
/// Fields come in the order of their names, so that equal rows have equal bytes; empty ones are left out.
public struct PackedRows: Sendable {
    public private(set) var bytes: [UInt8] = []
    /// How many rows there are.
    public private(set) var count = 0

    public init() {}

    /// - Parameter giver: what is told with the row, e.g. the record that gives it; it doesn't count in comparisons.
    public mutating func append(kind: String, key: String, fields: [String: String], giver: String = "") {
        let start = self.bytes.count
        self.bytes.append(contentsOf: [0, 0, 0, 0, 0, 0])
        self.bytes.append(contentsOf: kind.utf8)
        self.bytes.append(0)
        self.bytes.append(contentsOf: key.utf8)
        self.put(self.bytes.count - start - 6, at: start + 4, width: 2)
        let fieldsStart = self.bytes.count
        self.bytes.append(contentsOf: [0, 0, 0, 0])
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where !value.isEmpty {
            self.bytes.append(contentsOf: name.utf8)
            self.bytes.append(0)
            self.bytes.append(contentsOf: value.utf8)
            self.bytes.append(0)
        }
        self.put(self.bytes.count - fieldsStart - 4, at: fieldsStart, width: 4)
        self.bytes.append(contentsOf: giver.utf8)
        self.put(self.bytes.count - start - 4, at: start, width: 4)
        self.count += 1
    }

    /// Adds a row as it is.
    public mutating func append(_ row: PackedRow) {
        self.bytes.append(contentsOf: row.bytes)
        self.count += 1
    }

    public mutating func append(contentsOf rows: PackedRows) {
        self.bytes.append(contentsOf: rows.bytes)
        self.count += rows.count
    }

    /// Empties it, and keeps its memory.
    public mutating func removeAll() {
        self.bytes.removeAll(keepingCapacity: true)
        self.count = 0
    }

    private mutating func put(_ number: Int, at place: Int, width: Int) {
        for index in 0..<width { self.bytes[place + index] = UInt8(truncatingIfNeeded: number >> (8 * (width - 1 - index))) }
    }

    /// Where each row begins, in the order of kinds and keys.
    public func sortedPlaces() -> [Int] {
        var places: [(rank: UInt64, second: UInt64, place: Int)] = []
        places.reserveCapacity(self.count)
        var kinds: [ArraySlice<UInt8>: UInt64] = [:]
        var place = 0
        var lastKind: ArraySlice<UInt8> = []
        var lastRank: UInt64 = 0
        // Kinds are few: ranks are given once all are known.
        var entries: [(kind: UInt64, prefix: UInt64, place: Int)] = []
        entries.reserveCapacity(self.count)
        while place < self.bytes.count {
            let row = PackedRow.Layout(self.bytes, at: place)
            let kind = self.bytes[row.key.lowerBound..<row.kindEnd]
            if kind != lastKind {
                lastRank = kinds[kind] ?? UInt64(kinds.count)
                kinds[kind] = lastRank
                lastKind = kind
            }
            var prefix: UInt64 = 0
            var index = row.kindEnd + 1
            for _ in 0..<8 {
                prefix <<= 8
                if index < row.key.upperBound { prefix |= UInt64(self.bytes[index]) }
                index += 1
            }
            entries.append((lastRank, prefix, place))
            place = row.end
        }
        var ranks = [UInt64](repeating: 0, count: kinds.count)
        for (rank, kind) in kinds.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }).enumerated() {
            ranks[Int(kind.value)] = UInt64(rank)
        }
        for entry in entries { places.append((ranks[Int(entry.kind)], entry.prefix, entry.place)) }
        places.sort { left, right in
            if left.rank != right.rank { return left.rank < right.rank }
            if left.second != right.second { return left.second < right.second }
            let (first, second) = (PackedRow.Layout(self.bytes, at: left.place), PackedRow.Layout(self.bytes, at: right.place))
            let (a, b) = (self.bytes[first.key], self.bytes[second.key])
            if a.lexicographicallyPrecedes(b) { return true }
            if b.lexicographicallyPrecedes(a) { return false }
            return left.place < right.place
        }
        return places.map(\.place)
    }

    /// Goes through all rows as they were added.
    public func forEach(_ body: (PackedRow) throws -> Void) rethrows {
        var place = 0
        while place < self.bytes.count {
            let row = self.row(at: place)
            try body(row)
            place += row.bytes.count
        }
    }

    /// The row that begins at a place.
    public func row(at place: Int) -> PackedRow {
        PackedRow(Array(self.bytes[place..<PackedRow.Layout(self.bytes, at: place).end]))
    }
}

/// One row of ``PackedRows``.
public struct PackedRow: Sendable, Hashable {
    let bytes: [UInt8]
    private let layout: Layout

    /// Where the parts of a row stand.
    struct Layout: Sendable, Hashable {
        let key: Range<Int>
        let kindEnd: Int
        let fields: Range<Int>
        let end: Int

        init(_ bytes: [UInt8], at start: Int) {
            func number(_ place: Int, _ width: Int) -> Int {
                var value = 0
                for index in 0..<width { value = value << 8 | Int(bytes[place + index]) }
                return value
            }
            self.end = start + 4 + number(start, 4)
            self.key = start + 6..<start + 6 + number(start + 4, 2)
            self.kindEnd = bytes[self.key].firstIndex(of: 0) ?? self.key.upperBound
            let fieldsStart = self.key.upperBound + 4
            self.fields = fieldsStart..<fieldsStart + number(self.key.upperBound, 4)
        }
    }

    /// - Parameter bytes: one whole row.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        self.layout = Layout(bytes, at: 0)
    }

    /// Kind and key, by which rows are sorted.
    public var identity: ArraySlice<UInt8> { self.bytes[self.layout.key] }
    var kindBytes: ArraySlice<UInt8> { self.bytes[self.layout.key.lowerBound..<self.layout.kindEnd] }
    var fieldBytes: ArraySlice<UInt8> { self.bytes[self.layout.fields] }

    public var kind: String { String(decoding: self.kindBytes, as: UTF8.self) }

    public var key: String {
        String(
            decoding: self.bytes[min(self.layout.kindEnd + 1, self.layout.key.upperBound)..<self.layout.key.upperBound],
            as: UTF8.self)
    }

    /// See ``PackedRows/append(kind:key:fields:giver:)``.
    public var giver: String { String(decoding: self.bytes[self.layout.fields.upperBound...], as: UTF8.self) }

    public var fields: [String: String] {
        var fields: [String: String] = [:]
        self.forEachField { name, value in
            fields[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        return fields
    }

    /// Names and values as UTF-8.
    public func forEachField(_ body: (_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Void) {
        var rest = self.fieldBytes
        while let nameEnd = rest.firstIndex(of: 0), let valueEnd = rest[(nameEnd + 1)...].firstIndex(of: 0) {
            body(rest[rest.startIndex..<nameEnd], rest[(nameEnd + 1)..<valueEnd])
            rest = rest[(valueEnd + 1)...]
        }
    }

    /// A number that differs where kind, key or fields do; the same in every process (FNV-1a).
    public var digest: UInt64 {
        var value: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in self.bytes[self.layout.key.lowerBound..<self.layout.fields.upperBound] {
            value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return value
    }

    /// Whether it comes before another in the order of kinds and keys. Kinds are compared first: a 0 ends them, and is below
    /// everything.
    public static func isBefore(_ left: PackedRow, _ right: PackedRow) -> Bool {
        left.identity.lexicographicallyPrecedes(right.identity)
    }
}
