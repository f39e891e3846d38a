public import Reconciliation
public import SchoolRecords

/// What a run of the probe did and found.
public struct ProbeReport: Sendable, Hashable, Codable {
    /// How far the probe's records went into a system.
    public enum Reach: String, Sendable, Hashable, Codable {
        /// Written, and read back.
        case system
        /// Mapped; nothing was given to the system.
        case mapping
    }

    /// Why records of an entity weren't given to a system.
    public enum Omission: String, Sendable, Hashable, Codable {
        /// The system can't be asked what it holds.
        case unreadable
        /// The system keeps such rows for good (`--lasting` writes them all the same).
        case lasting
        /// The mapping demands an identity number (`probe.identity_numbers`).
        case needsNumber = "needs-number"
        /// The probe has no records of this kind.
        case noRecords = "no-records"
        /// No role of the system's catalogue holds at a unit without being privileged.
        case noRole = "no-role"
        /// Left out by `--system` or `--entity`.
        case notChosen = "not-chosen"
    }

    /// One entity of one system.
    public struct Part: Sendable, Hashable, Codable {
        public let system: String
        public let entity: Entity
        public let reach: Reach
        public let omission: Omission?
        /// The kinds of row that were looked at.
        public let kinds: [String]
    }

    public let run: String
    public let by: String
    /// RFC 3339 in UTC.
    public let startedAt: String
    public var finishedAt: String
    /// The id of the school unit that the records belonged to.
    public let unit: String?
    public let parts: [Part]
    public var findings: [ProbeFinding]
    /// The fields that came back as they should, new and changed: `kind.field` by system.
    public var proven: [String: Set<String>]
    /// Rows that stay in a system for good, ended: system and kind.
    public var lasting: [String]
    /// Whether everything is gone again: from the register, and from every system that takes rows away.
    public var isClean: Bool
}
