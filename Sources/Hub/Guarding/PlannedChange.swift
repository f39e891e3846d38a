public import SchoolRecords

/// A mass change that somebody has announced: so many of each kind, within these days. It lets through what it covers, and is
/// used up by it.
public struct PlannedChange: Sendable, Hashable, Codable {
    public let id: Int64
    public let direction: HeldChange.Direction
    public let system: String
    /// The entity, or the kind of row.
    public let subject: String
    /// At most so many of each kind; a kind with 0 isn't planned.
    public let bounds: ChangeCounts
    /// How much of it has been used.
    public let used: ChangeCounts
    /// Swedish days, both included, `yyyy-MM-dd`.
    public let from: String
    public let to: String
    public let reason: String
    public let madeBy: String
    /// RFC 3339 in UTC.
    public let madeAt: String
    public let revokedBy: String?
    public let revokedAt: String?

    public init(
        id: Int64, direction: HeldChange.Direction, system: String, subject: String, bounds: ChangeCounts,
        used: ChangeCounts = ChangeCounts(), from: String, to: String, reason: String, madeBy: String, madeAt: String,
        revokedBy: String? = nil, revokedAt: String? = nil
    ) {
        self.id = id
        self.direction = direction
        self.system = system
        self.subject = subject
        self.bounds = bounds
        self.used = used
        self.from = from
        self.to = to
        self.reason = reason
        self.madeBy = madeBy
        self.madeAt = madeAt
        self.revokedBy = revokedBy
        self.revokedAt = revokedAt
    }

    public func isActive(on day: CalendarDate) -> Bool {
        let day = "\(day)"
        return self.revokedAt == nil && self.from <= day && day <= self.to
            && ChangeKind.allCases.contains { self.used[$0] < self.bounds[$0] }
    }

    /// Whether what is left of it takes all changes of these kinds. Kinds that are within the limits need no plan.
    public func covers(_ kinds: Set<ChangeKind>, of counts: ChangeCounts) -> Bool {
        kinds.allSatisfy { counts[$0] <= self.bounds[$0] - self.used[$0] }
    }
}
