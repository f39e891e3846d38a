public import SchoolRecords

/// One state of a record on its way: which message it is, and when it passed where. No content.
public struct RecordPassage: Sendable, Hashable {
    public let key: RecordKey
    public let sequence: Int64
    public let source: String
    public let isDeletion: Bool
    /// The message's id; `nil` for states from before the hub kept it.
    public let message: String?
    /// 32 hexadecimal digits; `nil` as for ``message``.
    public let trace: String?
    /// When the reading that gave it began, when the hub took it, when the broker confirmed its message: RFC 3339 in UTC.
    public let readAt: String?
    public let takenAt: String
    public let publishedAt: String?
    /// Whether it is the record's state now.
    public let isPresent: Bool

    public init(
        key: RecordKey, sequence: Int64, source: String, isDeletion: Bool, message: String?, trace: String?, readAt: String?,
        takenAt: String, publishedAt: String?, isPresent: Bool
    ) {
        self.key = key
        self.sequence = sequence
        self.source = source
        self.isDeletion = isDeletion
        self.message = message
        self.trace = trace
        self.readAt = readAt
        self.takenAt = takenAt
        self.publishedAt = publishedAt
        self.isPresent = isPresent
    }
}

/// What a system was last given of a record, without what stands in it.
public struct Arrival: Sendable, Hashable {
    public let system: String
    public let sequence: Int64
    /// RFC 3339 in UTC; `nil` for what was given before the hub kept it.
    public let mappedAt: String?
    public let time: String?
    /// The batch that it was written with; `nil` when nothing had to be written.
    public let batch: String?
    /// Whether the system has anything of it: a mapping may leave a record out.
    public let hasRows: Bool

    public init(system: String, sequence: Int64, mappedAt: String?, time: String?, batch: String?, hasRows: Bool) {
        self.system = system
        self.sequence = sequence
        self.mappedAt = mappedAt
        self.time = time
        self.batch = batch
        self.hasRows = hasRows
    }
}

/// Where a record waits now.
public struct Whereabouts: Sendable, Hashable {
    /// A message that the broker hasn't confirmed.
    public struct Unconfirmed: Sendable, Hashable {
        /// The name of the one queue that it is for; `nil` for the public one.
        public let queue: String?
        /// Why it is sent again.
        public let reason: String?

        public init(queue: String?, reason: String?) {
            self.queue = queue
            self.reason = reason
        }
    }

    /// Another try that is planned.
    public struct Retry: Sendable, Hashable {
        /// Milliseconds since 1970.
        public let due: Int64
        /// The error's code.
        public let reason: String

        public init(due: Int64, reason: String) {
            self.due = due
            self.reason = reason
        }
    }

    public var outbox: [Unconfirmed] = []
    public var arrivals: [Arrival] = []
    /// System → records that it waits for there.
    public var waits: [String: Set<RecordKey>] = [:]
    /// System → what is planned.
    public var retries: [String: Retry] = [:]
    /// System → the mass change that it is set aside with.
    public var held: [String: String] = [:]

    public init() {}
}

/// Records that a question is about.
public struct JourneySearch: Sendable, Hashable {
    /// In the order in which they were taken; at most as many as asked for.
    public var keys: [RecordKey]
    /// How many there are.
    public var total: Int

    public init(keys: [RecordKey] = []) {
        self.keys = keys
        self.total = keys.count
    }
}

/// Where records and messages have been: ids, times and errors, no content.
public protocol Journeys: Sendable {
    /// Records with this id, of whichever kind, deleted ones included.
    func records(withID id: String) async throws -> [RecordKey]

    /// The record that a message was of, while the state is among those that are kept.
    func record(ofMessage id: String) async throws -> RecordKey?

    /// Records with a state that went on with this trace.
    func records(inTrace id: String, limit: Int) async throws -> JourneySearch

    /// Records that were given to a system with a batch, which is found by the trace of its requests.
    func records(inTraceOfBatch id: String, limit: Int) async throws -> JourneySearch

    /// A record's states, the present one last; empty for one never taken.
    func passages(of key: RecordKey) async throws -> [RecordPassage]

    /// Where a record waits, and what these systems were given of it.
    func whereabouts(of key: RecordKey, systems: [String]) async throws -> Whereabouts

    /// Records that flows made of this one.
    func derived(from key: RecordKey) async throws -> [RecordKey]
}
