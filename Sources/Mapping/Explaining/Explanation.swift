/// Where everything in the result of a mapping comes from, and why what isn't there isn't.
///
/// Holds values of the record unless ``withoutValues()`` was asked for.
public struct Explanation: Sendable, Hashable, Codable {
    public enum Outcome: String, Sendable, Hashable, Codable {
        /// There is a result: rows, possibly none, or a record.
        case result
        /// The file's `when` says that the record isn't for this system.
        case notForSystem = "not-for-system"
        /// The record fails; see ``failure``.
        case failed
    }

    public let system: String
    public let entity: String
    /// Of the mapping, relative to the mappings' directory.
    public let file: String
    /// The day that `today` meant, `yyyy-MM-dd`.
    public let today: String
    public internal(set) var outcome = Outcome.result
    /// The condition of the file that doesn't hold.
    public internal(set) var reason: Reason?
    public internal(set) var failure: Failure?
    /// What `let` named.
    public internal(set) var names: [ExplainedField] = []
    /// For a target: every row that was made or tried, in the order of the rules.
    public internal(set) var rows: [ExplainedRow] = []
    /// For a source: every field of the record that has a rule.
    public internal(set) var fields: [ExplainedField] = []
    /// Records that rows wait for, as `entity/id`.
    public internal(set) var waitsFor: [String] = []
    /// Records that this system doesn't get, as `entity/id`.
    public internal(set) var withheld: [String] = []

    /// Why something isn't there.
    public struct Reason: Sendable, Hashable, Codable {
        /// `when`: a condition doesn't hold · `empty-list`: nothing to go through · `no-value`: a value that a row can't
        /// be without · `waits`: for another record · `withheld`: about a record that the system doesn't get · `future`:
        /// it has yet to begin.
        public let code: String
        /// The condition, the path, the field, the record or the day, as the code says.
        public let what: String
        /// `file:line`
        public let place: String
    }

    /// A failure as ``MappingFailure`` tells it.
    public struct Failure: Sendable, Hashable, Codable {
        public let code: String
        public let field: String
        /// `file:line:column`
        public let place: String
        public let message: String
        /// Where the remedy is written.
        public let runbook: String
    }

    /// The same with every value of the record replaced by `•••`.
    public func withoutValues() -> Explanation {
        var copy = self
        copy.names = self.names.map { $0.withoutValues() }
        copy.fields = self.fields.map { $0.withoutValues() }
        copy.rows = self.rows.map { $0.withoutValues() }
        return copy
    }

    static let hidden = "•••"
}
