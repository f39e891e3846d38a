import SchoolRecords

/// A repair: which differences of a run the hub is to mend, and who said so.
public struct RepairOrder: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Hashable, Codable {
        /// So much that somebody else has to approve it.
        case waiting
        /// Its messages are in the systems' queues.
        case sent
        /// A later run has looked at it.
        case verified
        case rejected
    }

    /// Rows of one kind in one system, by what is done to them.
    public struct Part: Sendable, Hashable, Codable {
        public let system: String
        public let kind: String
        public var creates = 0
        public var updates = 0
        public var deletes = 0
        /// What is more than the system's limits let through, in the limits' words: `deletes 120 > 20`.
        public var excess: [String] = []

        public init(system: String, kind: String) {
            self.system = system
            self.kind = kind
        }
    }

    public let id: String
    public let run: String
    public var state: State
    /// The findings' numbers in their run.
    public let findings: [Int]
    public let parts: [Part]
    public let madeBy: String
    /// RFC 3339 in UTC.
    public let madeAt: String
    public var decidedBy: String?
    public var decidedAt: String?
    public var reason: String?
    /// Records that were sent again.
    public var records = 0
    /// Of the rows that it was sent for, how many differed still in the run that looked at them, and which run that was.
    public var left: Int?
    public var verifiedBy: String?
    /// Records that had moved since the run, and were left alone.
    public var moved = 0

    public init(
        id: String, run: String, state: State, findings: [Int], parts: [Part], madeBy: String, madeAt: String
    ) {
        self.id = id
        self.run = run
        self.state = state
        self.findings = findings
        self.parts = parts
        self.madeBy = madeBy
        self.madeAt = madeAt
    }

    public var needsApproval: Bool { self.parts.contains { !$0.excess.isEmpty } }
}
