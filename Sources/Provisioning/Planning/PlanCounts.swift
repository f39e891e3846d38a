import Mapping

/// How much of what a plan has, in one system at one unit.
public struct PlanCounts: Sendable, Hashable {
    /// In which system, and at which unit; `nil` for what concerns no unit.
    public struct Place: Sendable, Hashable, Comparable {
        public let system: String
        public let unit: String?

        public init(system: String, unit: String?) {
            self.system = system
            self.unit = unit
        }

        public static func < (left: Place, right: Place) -> Bool {
            (left.system, left.unit ?? "") < (right.system, right.unit ?? "")
        }
    }

    public var granted = 0
    public var revoked = 0
    public var changed = 0
    public var kept = 0
    public var blocked = 0

    public init() {}

    /// What the system holds there now.
    public var held: Int { self.revoked + self.changed + self.kept }

    mutating func add(_ action: PlanEntry.Action) {
        switch action {
        case .grant: self.granted += 1
        case .revoke: self.revoked += 1
        case .change: self.changed += 1
        case .keep: self.kept += 1
        case .block: self.blocked += 1
        }
    }

    public static func += (left: inout PlanCounts, right: PlanCounts) {
        left.granted += right.granted
        left.revoked += right.revoked
        left.changed += right.changed
        left.kept += right.kept
        left.blocked += right.blocked
    }
}

extension RolePlan {
    /// By system and unit.
    public var counts: [PlanCounts.Place: PlanCounts] {
        var counts: [PlanCounts.Place: PlanCounts] = [:]
        for list in [self.steps, self.kept, self.blocked] {
            for entry in list {
                counts[PlanCounts.Place(system: entry.key.name.system, unit: entry.unit), default: PlanCounts()].add(entry.action)
            }
        }
        return counts
    }

    /// Of everything.
    public var total: PlanCounts {
        var total = PlanCounts()
        for list in [self.steps, self.kept, self.blocked] {
            for entry in list { total.add(entry.action) }
        }
        return total
    }
}

/// How many revocations go through without a second look: a share of what is held there, and a number.
public struct RevocationLimit: Sendable, Hashable {
    /// 0-1.
    public let share: Double
    public let atLeast: Int

    /// 5 %, and at least 20.
    public static let standard = RevocationLimit(share: 0.05, atLeast: 20)

    public init(share: Double, atLeast: Int) {
        self.share = share
        self.atLeast = atLeast
    }

    /// Whether so many revocations are more than the limit lets through.
    public func isExceeded(revoked: Int, held: Int) -> Bool {
        revoked > max(self.atLeast, Int((Double(held) * self.share).rounded(.down)))
    }

    /// Marks revocations where there are too many of them: in a system at a unit, or in a system as a whole.
    func mark(_ steps: inout [PlanEntry], _ kept: [PlanEntry]) {
        var places: [PlanCounts.Place: PlanCounts] = [:]
        var systems: [String: PlanCounts] = [:]
        for list in [steps, kept] {
            for entry in list {
                places[PlanCounts.Place(system: entry.key.name.system, unit: entry.unit), default: PlanCounts()].add(entry.action)
                systems[entry.key.name.system, default: PlanCounts()].add(entry.action)
            }
        }
        for index in steps.indices where steps[index].action == .revoke {
            let system = steps[index].key.name.system
            let place = places[PlanCounts.Place(system: system, unit: steps[index].unit)] ?? PlanCounts()
            let whole = systems[system] ?? PlanCounts()
            if self.isExceeded(revoked: place.revoked, held: place.held)
                || self.isExceeded(revoked: whole.revoked, held: whole.held)
            {
                steps[index].marks.insert(.manyRevocations)
            }
        }
    }
}
