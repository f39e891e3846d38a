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
    /// School units whose own changes are too many, in the order of their ids; the others aren't listed.
    public let units: [HeldUnit]
}

/// A school unit with too many changes for its size.
public struct HeldUnit: Sendable, Hashable, Codable {
    /// The organisation's id.
    public let unit: String
    public let living: Int
    public let updates: Int
    public let deletes: Int
}

/// Changes counted by the school unit that the records belonged to before.
struct UnitChanges {
    private var updates: [String: Int] = [:]
    private var deletes: [String: Int] = [:]

    mutating func count(_ comparison: RecordComparison) {
        guard let unit = comparison.unit else { return }
        switch comparison.difference {
        case .updated: self.updates[unit, default: 0] += 1
        case .deleted: self.deletes[unit, default: 0] += 1
        case .created, .unchanged: break
        }
    }

    func held(by limits: ChangeLimits, living: [String: Int]) -> [HeldUnit] {
        living.keys.sorted().compactMap { unit in
            let held = HeldUnit(
                unit: unit, living: living[unit] ?? 0, updates: self.updates[unit] ?? 0, deletes: self.deletes[unit] ?? 0)
            return limits.holds(living: held.living, updates: held.updates, deletes: held.deletes) ? held : nil
        }
    }
}
