public import Mapping
public import SchoolRecords

/// How many changes of one kind may go through without a person (invariant 5).
public struct ChangeLimits: Sendable, Hashable {
    /// Share of the living records, 0-1.
    public var deleteShare = 0.05
    /// Up to this many deletions are let through whatever the share.
    public var deleteFloor = 20
    public var updateShare = 0.20
    public var updateFloor = 50
    /// `nil`: new records have no limit.
    public var createShare: Double?
    public var createFloor = 500
    /// Of the persons in the vault, those whose protection may end unseen.
    public var releaseShare = 0.10
    public var releaseFloor = 3
    /// Changes that went through unseen within so many hours are added to those that want to; 0 looks at each reading by itself.
    public var windowHours = 24
    /// Whether a full reading without a single record of a roster's entity is held, however few there were.
    public var holdsEmptied = true

    public init() {}

    /// The limits for an entity of a source.
    ///
    /// A roster hardly shrinks and never doubles from one day to the next, however its changes are spread over the day. What
    /// happens day by day (absences, attendance, lessons) comes and goes: it is looked at reading by reading, and may grow. What a
    /// system says that it holds (roles, accounts) is given to nobody, and must show what was just done: it has the limits of its own
    /// entity alone, and by default none.
    ///
    /// - Parameter rules: what the system's `limits` say.
    public init(for entity: Entity, rules: LimitRules?) {
        if Entity.roster.contains(entity) { self.createShare = 1 } else { self.windowHours = 0 }
        if entity == .roleGrant || entity == .accountStatus {
            (self.updateFloor, self.deleteFloor) = (.max, .max)
        } else {
            self.apply(rules?.common)
        }
        self.apply(rules?.entities[entity.rawValue])
    }

    /// The limits for rows of a kind in a receiving system. New rows have none.
    public init(forRows kind: String, rules: LimitRules?) {
        self.windowHours = 1
        self.apply(rules?.common)
        self.apply(rules?.kinds[kind])
    }

    private mutating func apply(_ part: LimitRules.Part?) {
        guard let part else { return }
        if let bound = part.deletes { (self.deleteShare, self.deleteFloor) = (bound.share, bound.atLeast) }
        if let bound = part.updates { (self.updateShare, self.updateFloor) = (bound.share, bound.atLeast) }
        if let bound = part.creates { (self.createShare, self.createFloor) = (bound.share, bound.atLeast) }
        if part.createsAreFree { self.createShare = nil }
        if let bound = part.releases { (self.releaseShare, self.releaseFloor) = (bound.share, bound.atLeast) }
        if let hours = part.windowHours { self.windowHours = hours }
    }

    /// How many changes of a kind go through unseen; `nil` when there is no limit.
    ///
    /// - Parameter living: records there before; for releases, persons in the vault.
    public func limit(of kind: ChangeKind, living: Int) -> Int? {
        let (share, floor): (Double?, Int) =
            switch kind {
            case .creates: (self.createShare, self.createFloor)
            case .updates: (self.updateShare, self.updateFloor)
            case .deletes: (self.deleteShare, self.deleteFloor)
            case .releases: (self.releaseShare, self.releaseFloor)
            }
        return share.map { max(floor, Int(($0 * Double(living)).rounded(.down))) }
    }

    /// The kinds that are too many, with their limits. With nothing living it is the first load, which is approved by what it is.
    ///
    /// - Parameter withheld: persons in the vault.
    public func excess(living: Int, withheld: Int = 0, _ counts: ChangeCounts) -> [ChangeExcess] {
        ChangeKind.allCases.compactMap { kind in
            let base = kind == .releases ? withheld : living
            guard base > 0, let limit = self.limit(of: kind, living: base), counts[kind] > limit else { return nil }
            return ChangeExcess(kind: kind, count: counts[kind], limit: limit)
        }
    }

    /// Whether updates or deletions are so many that a person must look first. Counted separately, never net.
    ///
    /// - Parameter living: records of the entity before the change; with none it is the first load, which is
    ///   approved by what it is.
    public func holds(living: Int, updates: Int, deletes: Int) -> Bool {
        !self.excess(living: living, ChangeCounts(updates: updates, deletes: deletes)).isEmpty
    }
}

/// A kind of change that is too frequent, and how many would have gone through.
public struct ChangeExcess: Sendable, Hashable, Codable {
    public let kind: ChangeKind
    /// With those of the window before, where one counts.
    public let count: Int
    public let limit: Int

    public init(kind: ChangeKind, count: Int, limit: Int) {
        self.kind = kind
        self.count = count
        self.limit = limit
    }
}
