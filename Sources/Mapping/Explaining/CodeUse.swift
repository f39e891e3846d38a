/// That a value was looked up in a code table.
public struct CodeUse: Sendable, Hashable {
    /// The rule, as `file:line`.
    public let rule: String
    public let field: String
    /// The table's file.
    public let table: String
    public let find: String
    public let give: String
    /// What happens to a value without a row: `fail`, `nothing`, `keep` or `value`.
    public let otherwise: String
    /// The value; may be anything that a source wrote into the field.
    public let text: String
    /// The line of its row in the table, or `nil` when it has none.
    public let row: Int?

    /// Whether the value looks like a code, so that it can be shown to anybody.
    public var looksLikeCode: Bool { Evaluation.isCode(self.text) }
}
