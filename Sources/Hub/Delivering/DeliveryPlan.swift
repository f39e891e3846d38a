public import ConnectorKit
import SchoolRecords

/// What a set of messages means for one receiving system: what to write, and how each message ends once it is written.
public struct DeliveryPlan: Sendable, Hashable {
    public var settlements: [Settlement]
    public var writes: [TargetWrite]
    /// What the writes would do, row by row.
    var effects: [RowEffect] = []
    /// Records whose planned state the system hasn't been given yet.
    var news: Set<RecordKey> = []
    /// Records that are planned anew because one that they look at, or waited for, was given.
    var followers: Set<RecordKey> = []
    /// Records that a flow has made of others, which have been looked at.
    var derived: Set<RecordKey> = []
    /// Records whose given state is sent again by a repair, which was looked at as a whole.
    var repairs: Set<RecordKey> = []
    /// Records that were planned before, and refused by the system.
    var triedBefore: Set<RecordKey> = []

    /// Records about protected persons: taking them back never waits for anybody, and nothing of them is shown to who approves.
    var protected: Set<RecordKey> = []

    /// Whether a row only gets back what the system was given before, and has changed or lost since: of what flows made the rows
    /// stay known then, and not what stood in them. Other rows without fields are as they were written.
    func isRestoring(_ effect: RowEffect) -> Bool {
        self.derived.contains(effect.record) && effect.before?.fields.isEmpty == true && effect.after != nil
    }
}

/// The rows of one record before and after.
struct RowChange: Sendable {
    let key: RecordKey
    let sequence: Int64
    let old: [TargetRow]
    let new: [TargetRow]
    var trace: TraceContext?
}

extension TargetRow {
    /// Which row it is.
    public var identity: RowIdentity { RowIdentity(kind: self.kind, key: self.key) }
}

/// Turns rows before and after into what must be written: pure.
///
/// A row that several records give (the enrolment and the after-school placement of a pupil at one school) is set once
/// and taken away only when nobody gives it any more.
struct RowChanges {
    private let changes: [RowChange]

    init(_ changes: [RowChange]) { self.changes = changes }

    /// What the changed records gave before.
    var oldRows: [TargetRow] { self.changes.flatMap(\.old) }

    /// Rows that appear, differ or vanish: those whose other givers must be known.
    var touched: Set<RowIdentity> {
        var touched: Set<RowIdentity> = []
        for change in self.changes {
            let old = Dictionary(change.old.map { ($0.identity, $0) }, uniquingKeysWith: { _, last in last })
            var kept: Set<RowIdentity> = []
            for row in change.new {
                kept.insert(row.identity)
                if old[row.identity] != row { touched.insert(row.identity) }
            }
            for identity in old.keys where !kept.contains(identity) { touched.insert(identity) }
        }
        return touched
    }

    /// - Parameters:
    ///   - others: for touched rows, the states in which records outside of these changes hold them.
    ///   - areWhole: whether a write also carries the rows of its record that stand as they are.
    func writes(others: [RowIdentity: [TargetRow]], areWhole: Bool = false) -> [TargetWrite] {
        var before: [RowIdentity: Set<TargetRow>] = [:]
        var wanted: Set<RowIdentity> = []
        for (identity, rows) in others where !rows.isEmpty {
            before[identity, default: []].formUnion(rows)
            wanted.insert(identity)
        }
        for change in self.changes {
            for row in change.old { before[row.identity, default: []].insert(row) }
            for row in change.new { wanted.insert(row.identity) }
        }
        var done: Set<RowIdentity> = []
        var writes: [TargetWrite] = []
        for change in self.changes {
            var set: [TargetRow] = []
            for row in change.new {
                let wasOwn = change.old.contains(row)
                let stands = wasOwn || before[row.identity]?.contains(row) == true
                if !stands, done.insert(row.identity).inserted { set.append(row) }
            }
            var removed: [TargetRow] = []
            for row in change.old where !wanted.contains(row.identity) {
                if done.insert(row.identity).inserted { removed.append(row) }
            }
            if !set.isEmpty || !removed.isEmpty {
                let changed = Set(set.map(\.identity))
                writes.append(
                    TargetWrite(
                        record: change.key, sequence: change.sequence, set: set, removed: removed,
                        kept: areWhole ? change.new.filter { !changed.contains($0.identity) } : nil, trace: change.trace))
            }
        }
        return writes
    }
}
