public import SchoolRecords

/// What a reading of a source came to, by entity.
public struct IntakeReport: Sendable, Hashable, Codable {
    public struct Part: Sendable, Hashable, Codable {
        /// Records that the source gave.
        public var read = 0
        public var created = 0
        public var updated = 0
        public var deleted = 0
        public var unchanged = 0
        /// Protected persons' records, kept in the vault.
        public var withheld = 0
        /// Records that the mapping's `when` leaves out.
        public var excluded = 0
        /// Records that a flow made and the hub wrote to the source: given back by it, and not taken as its own.
        public var echoes = 0
        /// Of what the hub wrote to the source: changed or removed there, and given to it again.
        public var putRight = 0
        /// Records that couldn't be used; each is a failed message.
        public var failed = 0
        /// Set when the changes wait for approval; nothing of this entity was taken then.
        public var held: HeldChange?
        /// Held changes whose approval this reading has carried out.
        public var applied: [String] = []
        /// Held changes that were approved and don't apply any more: the source has moved on.
        public var lapsed: [String] = []

        public init() {}
    }

    public let source: String
    /// `full` or `changes`.
    public let mode: String
    /// Entity name → what it came to.
    public var parts: [String: Part] = [:]
    /// Entity name → the entities that other sources have to be read for first: nothing of it was read.
    public var waiting: [String: [String]] = [:]
    public var seconds = 0.0

    public init(source: String, mode: String) {
        self.source = source
        self.mode = mode
    }

    /// Records that went on to the outbox.
    public var changed: Int { self.parts.values.reduce(0) { $0 + $1.created + $1.updated + $1.deleted } }
    public var held: [HeldChange] { self.parts.values.compactMap(\.held) }
    /// Whether everything was read and can be used.
    public var isWhole: Bool { self.held.isEmpty && self.failed == 0 && self.waiting.isEmpty }
    public var failed: Int { self.parts.values.reduce(0) { $0 + $1.failed } }
}

/// Told while a source is read, for people who wait.
public struct IntakeProgress: Sendable, Hashable {
    public enum Step: String, Sendable { case reading, comparing, taking }
    public let entity: Entity
    public let step: Step
    /// Records so far in this step.
    public let count: Int
}
