public import SchoolRecords

/// What has gone between the hub and the systems, in figures.
public struct InteropFacts: Sendable, Hashable {
    /// One system and entity.
    public struct Place: Sendable, Hashable {
        public let system: String
        public let entity: Entity

        public init(_ system: String, _ entity: Entity) {
            self.system = system
            self.entity = entity
        }
    }

    /// How many, and when the last time was: RFC 3339 in UTC.
    public struct Count: Sendable, Hashable {
        public let records: Int
        public let last: String?

        public init(records: Int, last: String?) {
            self.records = records
            self.last = last
        }
    }

    /// Live records by the source that gave them.
    public var taken: [Place: Count] = [:]
    /// Records of which a system has something.
    public var given: [Place: Count] = [:]
    /// Open failures on the way in and out.
    public var failedIn: [Place: Int] = [:]
    public var failedOut: [Place: Int] = [:]

    public init() {}
}

/// A run of the probe that has begun and not been cleaned up after, or the last one.
public struct ProbeRun: Sendable, Hashable, Codable {
    public let id: String
    public let by: String
    /// RFC 3339 in UTC.
    public let startedAt: String
    /// `nil` while its records may be anywhere.
    public var finishedAt: String?
    /// System → entities whose probe records it is given; others get nothing of them.
    public let scope: [String: Set<Entity>]
    /// What it found, as JSON.
    public var report: String?

    public init(id: String, by: String, startedAt: String, scope: [String: Set<Entity>]) {
        self.id = id
        self.by = by
        self.startedAt = startedAt
        self.scope = scope
    }
}

/// Figures of what went where, and runs of the probe.
public protocol InteropBook: Sendable {
    func interopFacts() async throws -> InteropFacts

    /// Keeps a run in place of what was kept of it. The last 50 are kept.
    func keep(_ run: ProbeRun) async throws

    /// The run that was started last.
    func lastProbeRun() async throws -> ProbeRun?
}
