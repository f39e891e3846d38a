/// What has become of what somebody handed in, row by row. No value of a row is in it.
public struct UploadReport: Sendable, Hashable {
    public enum Outcome: String, Sendable, CaseIterable {
        /// What could be taken is in the register, and on its way.
        case taken
        /// Nothing was to be taken.
        case dryRun = "dry-run"
        /// A row can't be used, and a whole file is taken as a whole: nothing was.
        case refused
        /// So much would change that somebody must look at it: nothing was taken.
        case held
    }

    public struct Row: Sendable, Hashable {
        public enum Outcome: String, Sendable, CaseIterable {
            case created, updated, unchanged
            /// It says that a record is gone, or the mapping leaves out what was there.
            case deleted
            /// The mapping leaves it out.
            case excluded
            case failed
        }

        public let number: Int
        public let line: Int?
        public let outcome: Outcome
        public let problem: UploadProblem?
    }

    public let source: String
    public let entity: String
    public let isComplete: Bool
    public var outcome = Outcome.taken
    public var rows: [Row] = []
    /// Records of the source that aren't in a whole file.
    public var missing = 0
    /// The mass change that waits for somebody.
    public var held: String?

    init(source: String, entity: String, isComplete: Bool) {
        self.source = source
        self.entity = entity
        self.isComplete = isComplete
    }

    public func count(_ outcome: Row.Outcome) -> Int { self.rows.count { $0.outcome == outcome } }
}
