/// How many changes of one kind may go through without a person (invariant 5).
public struct ChangeLimits: Sendable, Hashable {
    /// Share of the living records, 0-1.
    public var deleteShare = 0.05
    /// Up to this many deletions are let through whatever the share.
    public var deleteFloor = 20
    public var updateShare = 0.20
    public var updateFloor = 50

    public init() {}

    /// Whether updates or deletions are so many that a person must look first. Counted separately, never net.
    ///
    /// - Parameter living: records of the entity before the change; with none it is the first load, which is
    ///   approved by what it is.
    public func holds(living: Int, updates: Int, deletes: Int) -> Bool {
        guard living > 0 else { return false }
        let deleteLimit = max(Double(self.deleteFloor), self.deleteShare * Double(living))
        let updateLimit = max(Double(self.updateFloor), self.updateShare * Double(living))
        return Double(deletes) > deleteLimit || Double(updates) > updateLimit
    }
}

/// A set of changes too large to go through unseen. Approved by its ``id``, which names exactly this set.
public struct HeldChange: Sendable, Hashable, Codable {
    public let id: String
    public let entity: String
    public let living: Int
    public let creates: Int
    public let updates: Int
    public let deletes: Int
}
