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
