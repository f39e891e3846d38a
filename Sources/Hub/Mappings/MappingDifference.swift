/// Who would change if edited mappings went live, over all records of the Register.
public struct MappingDifference: Sendable, Hashable, Codable {
    public enum Change: String, Sendable, Hashable, Codable { case created, updated, deleted }

    /// How many rows of a kind would change in a system.
    public struct Kind: Sendable, Hashable, Codable {
        public let system: String
        public let kind: String
        public internal(set) var created = 0
        public internal(set) var updated = 0
        public internal(set) var deleted = 0
    }

    /// How many records of an entity would change in a system.
    public struct Records: Sendable, Hashable, Codable {
        public let system: String
        public let entity: String
        public internal(set) var examined = 0
        public internal(set) var changed = 0
        /// Mapped now, and failing with the edited files.
        public internal(set) var newlyFailing = 0
        /// Failing now, and mapped with the edited files.
        public internal(set) var noLongerFailing = 0
    }

    /// In how many rows that stay a field would have another value.
    public struct FieldCount: Sendable, Hashable, Codable {
        public let system: String
        public let kind: String
        public let field: String
        public internal(set) var rows = 0
    }

    /// One field of a row; the values only where they were asked for.
    public struct Field: Sendable, Hashable, Codable {
        public let name: String
        public internal(set) var before: String?
        public internal(set) var after: String?
    }

    /// One row that would change.
    public struct Row: Sendable, Hashable, Codable {
        public let change: Change
        public let kind: String
        /// Only where values were asked for.
        public internal(set) var key: String?
        public internal(set) var fields: [Field]
    }

    /// One record that would change.
    public struct Record: Sendable, Hashable, Codable {
        public let system: String
        /// `entity/id`
        public let record: String
        public internal(set) var rows: [Row]
        /// What the record would fail with.
        public internal(set) var failure: String?
    }

    /// The version of the mappings in force, and of the edited ones.
    public let before: String
    public let after: String
    public internal(set) var records: [Records] = []
    public internal(set) var kinds: [Kind] = []
    /// Field by field, of rows that are there before and after.
    public internal(set) var fields: [FieldCount] = []
    /// The first records that would change, by system, entity and id.
    public internal(set) var examples: [Record] = []
    /// Mapping files of sources that differ. What they would change shows when the source is read again: the hub doesn't
    /// keep what a source sent.
    public internal(set) var sourceFiles: [String] = []

    /// Whether nothing would change for anybody.
    public var isEmpty: Bool {
        self.kinds.isEmpty && self.records.allSatisfy { $0.changed + $0.newlyFailing + $0.noLongerFailing == 0 }
    }
}
