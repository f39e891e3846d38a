/// How a value came about.
public struct ExplainedField: Sendable, Hashable, Codable {
    public let name: String
    /// `file:line:column`
    public let rule: String
    /// Where the rule looks, as it is written: a path, `constant`, `template`, `first`.
    public let source: String
    /// Where in the record the values were found that were tried, e.g. `emails[1].value`.
    public internal(set) var found: [String] = []
    /// What was done with what was found, in order.
    public internal(set) var steps: [Step] = []
    /// What was tried, for a rule with several sources.
    public internal(set) var tried: [ExplainedField] = []
    /// `nil` without a value.
    public internal(set) var value: String?
    /// Why there is no value, when a condition or another record is the cause.
    public internal(set) var reason: Explanation.Reason?

    /// One transform, code table or default.
    public struct Step: Sendable, Hashable, Codable {
        public let rule: String
        /// `file:line` of the row in the code table.
        public internal(set) var row: String?
        public internal(set) var value: String?
    }

    func withoutValues() -> ExplainedField {
        var copy = self
        if self.value != nil { copy.value = Explanation.hidden }
        copy.steps = self.steps.map { step in
            var step = step
            if step.value != nil { step.value = Explanation.hidden }
            return step
        }
        copy.tried = self.tried.map { $0.withoutValues() }
        return copy
    }
}
