public import SchoolRecords

/// What the hub knows of a record and of one system: where it stands, and what stands in its way. No content.
public struct RecordEvidence: Sendable, Hashable {
    /// A state that a system was given.
    public struct Delivered: Sendable, Hashable {
        public let sequence: Int64
        /// When, RFC 3339 in UTC; `nil` for what was given before the hub kept it.
        public let time: String?

        public init(sequence: Int64, time: String?) {
            self.sequence = sequence
            self.time = time
        }
    }

    /// A failed message of the record for the system.
    public struct Failure: Sendable, Hashable {
        public enum State: Sendable, Hashable { case open, replaying, discarded }

        public let message: Int64
        /// The error's stable word.
        public let code: String
        public let state: State

        public init(message: Int64, code: String, state: State) {
            self.message = message
            self.code = code
            self.state = state
        }
    }

    /// The sequence of the record's present state.
    public var sequence: Int64
    public var isDeleted: Bool
    /// The system, or flow, that gave it.
    public var source: String
    /// The id of the school unit that it belongs to.
    public var unit: String?
    /// When the hub took its present state, RFC 3339 in UTC.
    public var time: String
    public var delivered: Delivered?
    /// Records that it waits for in the system.
    public var waits: Set<RecordKey> = []
    public var hasRetry = false
    /// The mass change that it is set aside with.
    public var held: String?
    public var failure: Failure?
    /// Whether a message of it isn't confirmed by the broker yet.
    public var isUnconfirmed = false
    /// Whether what was published after it has reached the system already.
    public var isOvertaken = false
    /// Records that it looked at whose present state the system hasn't been given: on their way, or stopped by a failed message or a
    /// mass change. What they change here follows them.
    public var referencesUnderWay: Set<RecordKey> = []
    public var referencesStopped: Set<RecordKey> = []
    /// When the latest of the records that it looked at was taken or given, RFC 3339 in UTC.
    public var referencesMovedAt: String?

    public init(sequence: Int64, isDeleted: Bool, source: String, unit: String?, time: String) {
        self.sequence = sequence
        self.isDeleted = isDeleted
        self.source = source
        self.unit = unit
        self.time = time
    }

    /// How many states the system is behind; 0 for a record that it was never given.
    public var behind: Int { self.delivered.map { max(0, Int(self.sequence - $0.sequence)) } ?? 0 }

    /// Whether the present state, or its removal, hasn't been given to the system.
    public var isPending: Bool {
        guard let delivered else { return !self.isDeleted }
        return delivered.sequence < self.sequence
    }

    /// Whether anything of it has moved at or after an instant (RFC 3339 in UTC).
    public func moved(since instant: String) -> Bool {
        self.time >= instant || (self.delivered?.time ?? "") >= instant || (self.referencesMovedAt ?? "") >= instant
    }

    /// What stands in its way, the most telling first; `nil` when the system has been given its present state and nothing is on
    /// its way.
    ///
    /// - Parameter instant: when the run began to read, RFC 3339 in UTC.
    public func obstacle(since instant: String) -> Cause? {
        switch self.failure?.state {
        case .open: return .failed
        case .replaying: return .underWay
        default: break
        }
        if self.held != nil { return .held }
        if self.hasRetry { return .retrying }
        if self.isUnconfirmed { return .underWay }
        if !self.waits.isEmpty { return .waiting }
        if self.isPending {
            if self.failure != nil { return .discarded }
            if self.moved(since: instant) { return .moved }
            if !self.isOvertaken { return .underWay }
            return .neverGiven
        }
        if self.moved(since: instant) { return .moved }
        if !self.referencesUnderWay.isEmpty { return .underWay }
        return self.referencesStopped.isEmpty ? nil : .waiting
    }
}
