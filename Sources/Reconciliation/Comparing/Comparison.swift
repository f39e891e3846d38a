/// One place where a receiving system doesn't hold what it should.
public struct Difference: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Should be there and isn't.
        case missing
        /// Is there and shouldn't be.
        case unexpected
        /// Is there with other fields; their names are in ``Difference/fields``.
        case different
        /// One side holds two rows of one kind and key.
        case duplicate
    }

    public let kind: Kind
    public let row: String
    /// The row's key: personal data, for the eyes of people who may see it; never for logs.
    public let key: String
    /// Names of the fields that differ, in order.
    public let fields: [String]
}

/// Two sides that aren't in order can't be compared by merging.
public struct UnsortedRows: Error, Sendable, CustomStringConvertible {
    public let side: String
    public var description: String { "the \(self.side) rows don't come in the order of kind and key" }
}

/// Compares what a system should hold with what it holds, by one pass over two sorted streams: memory doesn't grow
/// with their length.
public enum Comparison {
    /// - Parameters:
    ///   - expected: in the order of ``HeldRow/isBefore(_:_:)``.
    ///   - actual: likewise.
    ///   - report: called for each difference, in order.
    /// - Returns: rows that are equal on both sides.
    /// - Throws: ``UnsortedRows`` as soon as a side is seen to be out of order.
    @discardableResult
    public static func run(
        expected: some Sequence<HeldRow>, actual: some Sequence<HeldRow>, report: (Difference) -> Void
    ) throws(UnsortedRows) -> Int {
        var left = OrderedRows(expected.makeIterator(), side: "expected")
        var right = OrderedRows(actual.makeIterator(), side: "held")
        var equal = 0
        var wanted = try left.next(report)
        var held = try right.next(report)
        while true {
            switch (wanted, held) {
            case (nil, nil): return equal
            case (let row?, nil):
                report(Difference(kind: .missing, row: row.kind, key: row.key, fields: []))
                wanted = try left.next(report)
            case (nil, let row?):
                report(Difference(kind: .unexpected, row: row.kind, key: row.key, fields: []))
                held = try right.next(report)
            case (let first?, let second?):
                if HeldRow.isBefore(first, second) {
                    report(Difference(kind: .missing, row: first.kind, key: first.key, fields: []))
                    wanted = try left.next(report)
                } else if HeldRow.isBefore(second, first) {
                    report(Difference(kind: .unexpected, row: second.kind, key: second.key, fields: []))
                    held = try right.next(report)
                } else {
                    let names = Set(first.fields.keys).union(second.fields.keys)
                    let differing = names.filter { first.fields[$0] != second.fields[$0] }.sorted()
                    if differing.isEmpty {
                        equal += 1
                    } else {
                        report(Difference(kind: .different, row: first.kind, key: first.key, fields: differing))
                    }
                    wanted = try left.next(report)
                    held = try right.next(report)
                }
            }
        }
    }
}

/// Checks the order on the way and reports doubles, of which the first counts.
private struct OrderedRows<Rows: IteratorProtocol<HeldRow>> {
    private var rows: Rows
    private let side: String
    private var last: HeldRow?

    init(_ rows: Rows, side: String) {
        self.rows = rows
        self.side = side
    }

    mutating func next(_ report: (Difference) -> Void) throws(UnsortedRows) -> HeldRow? {
        while let row = self.rows.next() {
            if let last = self.last {
                if HeldRow.isBefore(row, last) { throw UnsortedRows(side: self.side) }
                if !HeldRow.isBefore(last, row) {
                    report(Difference(kind: .duplicate, row: row.kind, key: row.key, fields: []))
                    continue
                }
            }
            self.last = row
            return row
        }
        return nil
    }
}
