import ConnectorKit
import SchoolRecords

/// What writing a plan would do to one row of a receiving system.
struct RowEffect: Sendable, Hashable {
    let record: RecordKey
    /// Of the two, the later.
    let kind: String
    /// As it stands there; `nil` for a new one.
    let before: TargetRow?
    /// As it would be; `nil` for one that goes.
    let after: TargetRow?

    init?(record: RecordKey, before: TargetRow?, after: TargetRow?) {
        guard let kind = (after ?? before)?.kind, before != after else { return nil }
        self.record = record
        self.kind = kind
        self.before = before
        self.after = after
    }

    var change: ChangeKind { self.before == nil ? .creates : self.after == nil ? .deletes : .updates }

    /// A keyed hash of the row as it is and as it would be: the same change again has the same mark.
    func mark(_ key: HubKey) -> UInt64 { key.mark(Self.text(self.before) + "\u{1D}" + Self.text(self.after)) }

    private static func text(_ row: TargetRow?) -> String {
        guard let row else { return "" }
        let fields = row.fields.sorted { $0.key < $1.key }.map { "\($0.key)\u{1F}\($0.value)" }
        return ([row.kind, row.key] + fields).joined(separator: "\u{1E}")
    }
}

extension RowChanges {
    /// What writes would do, row by row.
    ///
    /// - Parameter others: as for ``writes(others:)``.
    func effects(_ writes: [TargetWrite], others: [RowIdentity: [TargetRow]]) -> [RowEffect] {
        guard !writes.isEmpty else { return [] }
        var before = others.compactMapValues(\.first)
        for row in self.oldRows { before[row.identity] = row }
        return writes.flatMap { write in
            write.set.compactMap { RowEffect(record: write.record, before: before[$0.identity], after: $0) }
                + write.removed.compactMap { RowEffect(record: write.record, before: $0, after: nil) }
        }
    }
}
