public import SchoolRecords

/// A record's rows in a receiving system.
public struct Projection: Sendable, Hashable {
    /// In the order of the rules in the file; each row once.
    public let rows: [OutputRow]
    /// Rows that are made already and not given before their day.
    public let held: [FutureRow]
    /// Every other record that was looked at: when one of them changes, the rows may change.
    public let references: Set<RecordKey>
    /// Records without which rows were left out, and that may still come.
    public let missing: Set<RecordKey>
    /// Records that this system doesn't get, so that rows were left out for good.
    public let withheld: Set<RecordKey>
}
