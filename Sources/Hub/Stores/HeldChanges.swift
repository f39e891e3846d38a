public import SchoolRecords

/// Which held changes are meant; empty = all.
public struct HeldFilter: Sendable, Hashable {
    public var direction: HeldChange.Direction?
    public var system: String?
    public var entity: String?
    public var states: Set<HeldChange.State> = []
    public var limit: Int?

    public init() {}

    public init(_ direction: HeldChange.Direction, _ system: String, _ entity: String? = nil, _ states: Set<HeldChange.State>) {
        self.direction = direction
        self.system = system
        self.entity = entity
        self.states = states
    }
}

/// What somebody, or the hub, decides about a held set.
public struct HeldDecision: Sendable, Hashable {
    public let state: HeldChange.State
    public let by: String
    public let reason: String?
    /// RFC 3339 in UTC.
    public let time: String

    public init(_ state: HeldChange.State, by: String, reason: String?, time: String) {
        self.state = state
        self.by = by
        self.reason = reason
        self.time = time
    }

    /// Whether a person decided, not the hub by itself.
    public var isPersons: Bool { self.by != "hub" }
}

/// Mass changes that wait for a person, what has been decided, and what went through unseen.
public protocol HeldChanges: Sendable {
    /// Keeps a set. One of the same id that had been overtaken waits anew; one that waits is only seen again.
    ///
    /// - Parameters:
    ///   - marks: the set's changes (keyed hashes).
    ///   - samples: kept sealed for as long as the set is open.
    ///   - aside: for a receiving system: records that wait with the set. They are sent again when the set is approved or
    ///     overtaken, and wait no more once a state of theirs has been given.
    ///   - earlier: a set that goes up in this one, with all its records.
    /// - Returns: whether it waits from now on.
    @discardableResult
    func hold(
        _ change: HeldChange, marks: [UInt64], samples: [HeldSample], aside: Set<RecordKey>, replacing earlier: String?
    ) async throws -> Bool

    /// Sets records aside for a receiving system with a set that is there already.
    func setAside(_ records: Set<RecordKey>, with id: String) async throws

    /// The records that are set aside with a set.
    func aside(with id: String) async throws -> Set<RecordKey>

    /// Rows that a receiving system has been given, by kind.
    func rowCounts(in system: String) async throws -> [String: Int]

    /// The set has been found once more.
    func seeAgain(_ id: String, time: String) async throws

    /// In the order in which they were found, the latest first.
    func heldChanges(_ filter: HeldFilter) async throws -> [HeldChange]

    func marks(ofHeld id: String) async throws -> [UInt64]

    /// Opened. Records that have gone to the vault, or are gone, have none.
    func samples(ofHeld id: String) async throws -> [HeldSample]

    /// Moves a set to another state and writes that down, a person's decision in the audit log too. Records set aside with it are sent again when it is approved, and
    /// when it is overtaken.
    ///
    /// - Returns: the set as it is then; `nil` when there is none, or its state doesn't allow it.
    @discardableResult
    func decide(_ id: String, _ decision: HeldDecision) async throws -> HeldChange?

    /// Writes down what was done with a set; what a person did, in the audit log too.
    func note(_ event: HeldEvent, ofHeld id: String) async throws

    /// Oldest first.
    func events(ofHeld id: String) async throws -> [HeldEvent]

    /// What went through unseen since an instant (RFC 3339 in UTC; counted by the hour): altogether and by school unit, or by kind
    /// of row for a receiving system (whose `subject` is `rows`).
    func unseen(
        _ direction: HeldChange.Direction, system: String, subject: String, since: String
    ) async throws -> PartedCounts

    /// Adds to what went through unseen.
    func count(
        _ counts: PartedCounts, _ direction: HeldChange.Direction, system: String, subject: String, time: String
    ) async throws

    /// - Returns: the plan with its number.
    func plan(_ plan: PlannedChange) async throws -> PlannedChange

    /// All that were made, the latest first.
    func plans() async throws -> [PlannedChange]

    /// Adds to what has been used of a plan.
    func use(_ counts: ChangeCounts, ofPlan id: Int64) async throws

    /// - Returns: whether there was such a plan, not revoked before.
    func revokePlan(_ id: Int64, by: String, time: String) async throws -> Bool
}

extension HeldChanges {
    /// Keeps a set of a source: nothing is set aside.
    @discardableResult
    public func hold(_ change: HeldChange, marks: [UInt64], samples: [HeldSample]) async throws -> Bool {
        try await self.hold(change, marks: marks, samples: samples, aside: [], replacing: nil)
    }
}
