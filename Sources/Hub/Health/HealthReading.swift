/// A role plan that the hub made by itself and that waits for somebody.
public struct RolePlanWaiting: Sendable, Hashable, Codable {
    public let id: String
    /// The term that it is for; `nil` for a day's.
    public let term: String?
    public let date: String
    public let steps: Int
    /// Days since it was made.
    public let days: Int

    public init(id: String, term: String?, date: String, steps: Int, days: Int) {
        self.id = id
        self.term = term
        self.date = date
        self.steps = steps
        self.days = days
    }
}

/// How the hub and its flows are at one moment; what `knutpunkt health` shows.
public struct HealthReading: Sendable, Hashable, Codable {
    /// A receiving system.
    public struct Target: Sendable, Hashable, Codable {
        public let system: String
        /// When it last took a batch, RFC 3339 in UTC; `nil` = not since the hub started.
        public var lastSuccess: String?
        /// `closed`: it takes what it is given; `open`: it takes nothing now.
        public var breaker = Breaker.State.closed
        /// Seconds that it has been down.
        public var downSeconds = 0.0
        /// Seconds that it has been there again after it had been down; `nil` when it hasn't been down since the hub started.
        public var backSeconds: Double?
        public var code: String?
        public var reason: String?
        /// Where the remedy for the code is written.
        public var runbook: String?
        /// Messages in its queue; `nil` when the broker can't be asked.
        public var queued: Int?
        /// The age in seconds of the oldest message that it hasn't taken.
        public var oldestSeconds = 0.0
        /// Records that wait for another record or for a planned retry.
        public var waiting = 0
        /// Open failed messages.
        public var failed = 0
        /// Messages in the last ``RateWindow/minutes`` minutes.
        public var deliveredLately = 0
        public var failedLately = 0

        public init(system: String) { self.system = system }
    }

    /// A system that is read.
    public struct Source: Sendable, Hashable, Codable {
        public let system: String
        /// When it was last read to its end, RFC 3339 in UTC.
        public var lastRead: String?
        /// Seconds since then; `nil` = never.
        public var silentSeconds: Double?
        public var downSeconds = 0.0
        public var isDown = false
        public var code: String?
        public var reason: String?
        /// Where the remedy for the code is written.
        public var runbook: String?
        /// Open failed messages of its intake.
        public var failed = 0
        /// Files that were rejected and that nobody has dealt with.
        public var rejected: Int?

        public init(system: String) { self.system = system }
    }

    /// A mass change that somebody must look at.
    public struct Held: Sendable, Hashable, Codable {
        public let id: String
        /// The source, the receiving system, or the flow.
        public let system: String
        /// The entity, or `rows` or `mappings` of a receiving system.
        public let entity: String
        /// `held`: nothing of it is taken; `told`: it went through at once.
        public let state: HeldChange.State
        /// Records, or rows, that there are, and what would become of them.
        public let living: Int
        public let creates: Int
        public let updates: Int
        public let deletes: Int
        /// Persons whose protection would end.
        public let releases: Int
        /// When it was found, RFC 3339 in UTC.
        public let since: String

        public init(_ change: HeldChange) {
            self.id = change.id
            self.system = change.system
            self.entity = change.entity
            self.state = change.state
            self.living = change.living
            self.creates = change.creates
            self.updates = change.updates
            self.deletes = change.deletes
            self.releases = change.releases
            self.since = change.firstAt
        }
    }

    /// RFC 3339 in UTC.
    public let time: String
    public var targets: [Target] = []
    public var sources: [Source] = []
    /// Mass changes that wait for somebody, of sources, receiving systems and flows; the latest first.
    public var held: [Held] = []
    /// Whether the broker answers.
    public var isBrokerUp = true
    public var brokerReason: String?
    /// Changes that wait to be published, and the age in seconds of the oldest.
    public var outbox = 0
    public var outboxSeconds = 0.0
    public var publishedLately = 0
    /// Other queues of the hub than those of the receiving systems, with their messages.
    public var queues: [String: Int] = [:]
    /// `source/entity` → the school units that have groups and not one such record.
    public var schoolsWithout: [String: [String]] = [:]
    public var diskFreeMebibytes: Int?
    /// Role plans of the schedule that wait for somebody.
    public var rolePlans: [RolePlanWaiting] = []
    /// How ready the staff is, as it was last looked at.
    public var roles: [RoleReadiness] = []
    /// The latest look at the quality of the sources.
    public var quality: QualityRun?
    /// How many wait to be contacted who have a protected identity, by the system that they have asked in.
    public var contacts: [String: Int]?
    /// The term that begins these days.
    public var termBegins: String?

    public init(time: String) { self.time = time }
}
