/// A row that a rule made, or why it made none.
public struct ExplainedRow: Sendable, Hashable, Codable {
    public enum Outcome: String, Sendable, Hashable, Codable {
        case made
        /// The same row as one before it.
        case repeated
        case leftOut = "left-out"
        /// Made, and kept back until its day.
        case held
    }

    public let kind: String
    /// `file:line`
    public let rule: String
    /// The elements that `each` was at: name and place in the record.
    public internal(set) var at: [String: String] = [:]
    public internal(set) var outcome = Outcome.made
    public internal(set) var reason: Explanation.Reason?
    public internal(set) var key: String?
    public internal(set) var fields: [ExplainedField] = []

    func withoutValues() -> ExplainedRow {
        var copy = self
        if self.key != nil { copy.key = Explanation.hidden }
        copy.fields = self.fields.map { $0.withoutValues() }
        return copy
    }
}
