public import SchoolRecords

/// What was found when a record was looked up for a mapping.
public enum LookedUp: Sendable, Hashable {
    case found(JSONValue)
    /// It is not for this system: rows that need it are left out, and nothing waits for it.
    case withheld
    /// It isn't there yet: rows that need it are left out until it comes.
    case missing
}

/// What an outbound mapping says of a record.
public enum OutboundResult: Sendable {
    /// These records have to be looked up first; call again with everything looked up so far.
    case needs(Set<RecordKey>)
    case rows(Projection)
}

/// A record's rows in a receiving system.
public struct Projection: Sendable, Hashable {
    /// In the order of the rules in the file; each row once.
    public let rows: [OutputRow]
    /// Every other record that was looked at: when one of them changes, the rows may change.
    public let references: Set<RecordKey>
    /// Records without which rows were left out, and that may still come.
    public let missing: Set<RecordKey>
    /// Records that this system doesn't get, so that rows were left out for good.
    public let withheld: Set<RecordKey>
}

/// One row for a receiving system.
public struct OutputRow: Sendable, Hashable {
    /// The row type in the system's words, e.g. `person`.
    public let kind: String
    /// The system's key of the row; both ends of a relation, joined with `|`.
    public let key: String
    /// Field name → text; a field without value isn't there.
    public let fields: [String: String]
    /// The line of the rule in the mapping file that gave the row.
    public let line: Int

    public init(kind: String, key: String, fields: [String: String], line: Int) {
        self.kind = kind
        self.key = key
        self.fields = fields
        self.line = line
    }
}
