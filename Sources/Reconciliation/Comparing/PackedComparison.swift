/// Rows that come one by one in the order of kinds and keys.
public protocol PackedRowSource {
    /// The next row; `nil` at the end.
    ///
    /// - Throws: when rows that were set aside can't be read back.
    mutating func next() throws -> PackedRow?
}

/// Rows that are all in memory, one by one in their order.
public struct SortedPackedRows: PackedRowSource, Sendable {
    private let rows: PackedRows
    private let places: [Int]
    private var position = 0

    public init(_ rows: PackedRows) {
        self.rows = rows
        self.places = rows.sortedPlaces()
    }

    public mutating func next() -> PackedRow? {
        guard self.position < self.places.count else { return nil }
        self.position += 1
        return self.rows.row(at: self.places[self.position - 1])
    }
}

/// What one step of a comparison found.
public enum PackedDifference: Sendable {
    /// Should be there, as one of these says, and isn't.
    case missing([PackedRow])
    /// Is there and shouldn't be.
    case unexpected(PackedRow)
    /// Should be as one of these says, and is otherwise.
    case different([PackedRow], PackedRow)
    /// The system gave a row of this kind and key before.
    case twice(PackedRow)
}

/// How many rows of a kind there are.
public struct RowTally: Sendable, Hashable, Codable {
    /// Rows that should be there.
    public var expected = 0
    /// Rows that are there.
    public var held = 0
    /// Rows that are there as they should be.
    public var equal = 0

    public init() {}

    public static func += (left: inout RowTally, right: RowTally) {
        left.expected += right.expected
        left.held += right.held
        left.equal += right.equal
    }
}

/// Compares what a system should hold with what it holds by one pass over two sorted streams: memory doesn't grow with them.
///
/// Several records may give one row, and in different ways: any of them is right.
public struct PackedComparison<Expected: PackedRowSource, Held: PackedRowSource> {
    private var expected: Expected
    private var held: Held
    private var wanted: PackedRow?
    private var found: PackedRow?
    private var last: PackedRow?
    private var isBegun = false
    private var kind: ArraySlice<UInt8> = []
    private var tally = RowTally()
    private var counted: [String: RowTally] = [:]
    private let onHeld: (PackedRow) throws -> Void

    /// - Parameter onHeld: called for every row of the system, in order, e.g. for looking at what it names.
    public init(expected: Expected, held: Held, onHeld: @escaping (PackedRow) throws -> Void = { _ in }) {
        self.expected = expected
        self.held = held
        self.onHeld = onHeld
    }

    /// Rows by kind, of what has been gone through.
    public var tallies: [String: RowTally] {
        var tallies = self.counted
        if !self.kind.isEmpty { tallies[String(decoding: self.kind, as: UTF8.self), default: RowTally()] += self.tally }
        return tallies
    }

    /// The next difference, in the order of kinds and keys; `nil` at the end.
    public mutating func next() throws -> PackedDifference? {
        if !self.isBegun {
            self.isBegun = true
            self.wanted = try self.expected.next()
            self.found = try self.held.next()
        }
        while self.wanted != nil || self.found != nil {
            if let row = self.found, let last = self.last, row.identity == last.identity {
                try self.take(row)
                return .twice(row)
            }
            let isWanted = self.wanted.map { row in self.found.map { !PackedRow.isBefore($0, row) } ?? true } ?? false
            let isFound = self.found.map { row in self.wanted.map { !PackedRow.isBefore($0, row) } ?? true } ?? false
            let group = isWanted ? try self.group() : []
            guard isFound, let row = self.found else { return .missing(group) }
            try self.take(row)
            if group.isEmpty { return .unexpected(row) }
            guard group.contains(where: { $0.fieldBytes == row.fieldBytes }) else { return .different(group, row) }
            self.tally.equal += 1
        }
        return nil
    }

    private mutating func take(_ row: PackedRow) throws {
        self.count(row)
        self.tally.held += 1
        try self.onHeld(row)
        self.last = row
        self.found = try self.held.next()
    }

    /// Everything that should be there of the next kind and key.
    private mutating func group() throws -> [PackedRow] {
        guard let first = self.wanted else { return [] }
        var group = [first]
        self.wanted = try self.expected.next()
        while let next = self.wanted, next.identity == first.identity {
            group.append(next)
            self.wanted = try self.expected.next()
        }
        self.count(first)
        self.tally.expected += 1
        return group
    }

    private mutating func count(_ row: PackedRow) {
        guard row.kindBytes != self.kind else { return }
        self.counted = self.tallies
        self.kind = row.kindBytes
        self.tally = RowTally()
    }
}
