/// Which values in the Register a code table has rows for, and which not.
public struct CodeCoverage: Sendable, Hashable, Codable {
    /// One place where a table is looked in.
    public struct Use: Sendable, Hashable, Codable {
        public let system: String
        /// `file:line`
        public let rule: String
        public let field: String
        public let table: String
        public let find: String
        public let give: String
        /// What happens to a value without a row: `fail`, `nothing`, `keep` or `value`.
        public let otherwise: String
        /// Different values that have a row, and how often they came.
        public internal(set) var found = 0
        public internal(set) var foundCount = 0
        /// Values without a row, the most frequent first.
        public internal(set) var missing: [Missing] = []
    }

    /// A value without a row.
    public struct Missing: Sendable, Hashable, Codable {
        /// `nil` for what doesn't look like a code and wasn't asked for.
        public let value: String?
        public let count: Int
    }

    public internal(set) var uses: [Use] = []

    /// Whether a record fails for want of a row.
    public var hasFailures: Bool { self.uses.contains { $0.otherwise == "fail" && !$0.missing.isEmpty } }
}

/// What of an entity's records gets lost on the way to a system.
public struct LostFields: Sendable, Hashable, Codable {
    public let system: String
    public let entity: String
    /// `source` or `target`.
    public let direction: String
    /// The fields that nothing of the system carries.
    public let fields: [Field]
    /// Those that it carries and that can't be read back from what it is given.
    public let changed: [Field]

    /// One of them.
    public struct Field: Sendable, Hashable, Codable {
        /// e.g. `emails.type`
        public let path: String
        /// How many live records have it; `nil` without a Register.
        public internal(set) var records: Int?
    }
}
