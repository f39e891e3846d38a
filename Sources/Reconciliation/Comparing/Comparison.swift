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

/// Compares what a system should hold with what it holds, both of them in memory.
public enum Comparison {
    /// - Parameter report: called for each difference, in the order of kinds and keys.
    /// - Returns: rows that are equal on both sides.
    @discardableResult
    public static func run(
        expected: some Sequence<HeldRow>, actual: some Sequence<HeldRow>, report: (Difference) -> Void
    ) -> Int {
        var comparison = PackedComparison(expected: Self.sorted(expected), held: Self.sorted(actual))
        func tell(_ kind: Difference.Kind, _ row: PackedRow?, _ fields: [String] = []) {
            if let row { report(Difference(kind: kind, row: row.kind, key: row.key, fields: fields)) }
        }
        // Rows in memory are always read.
        while let difference = try? comparison.next() {
            switch difference {
            case .missing(let rows): tell(.missing, rows.first)
            case .unexpected(let row): tell(.unexpected, row)
            case .twice(let row): tell(.duplicate, row)
            case .different(let rows, let row):
                let fields = FieldDifference.all(expected: rows.first?.fields ?? [:], held: row.fields)
                tell(.different, row, fields.map(\.name))
            }
        }
        return comparison.tallies.values.reduce(0) { $0 + $1.equal }
    }

    private static func sorted(_ rows: some Sequence<HeldRow>) -> SortedPackedRows {
        var packed = PackedRows()
        for row in rows { packed.append(kind: row.kind, key: row.key, fields: row.fields) }
        return SortedPackedRows(packed)
    }
}
