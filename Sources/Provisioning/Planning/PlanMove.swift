import SchoolRecords

/// What differs between a plan and the same plan made now: the world, or the policy, has moved.
public struct PlanMove: Sendable, Hashable {
    public let key: GrantKey
    public let unit: String?
    /// What the plan has; `nil` when it has no step for it and nothing in its way.
    public let before: PlanEntry?
    /// What the plan would have now.
    public let now: PlanEntry?
}

/// Whether a plan may still be applied.
public struct PlanStaleness: Sendable, Hashable {
    public let policyHasMoved: Bool
    /// In the order of the keys. Empty with ``policyHasMoved`` when the policy says the same in other words.
    public let moves: [PlanMove]

    /// Whether applying the plan would do what its reader has not seen.
    public var isStale: Bool { self.policyHasMoved || !self.moves.isEmpty }
}

extension RolePlan {
    /// Holds the plan against one made now for the same request.
    ///
    /// - Parameters:
    ///   - fresh: ``RolePlanner/plan(term:systems:units:)`` of today's population and holdings, for this plan's request and date.
    ///   - taken: ids of steps that this plan has taken already: what they brought about is no move.
    public func staleness(against fresh: RolePlan, taken: Set<String> = []) -> PlanStaleness {
        let old = Self.byKey(self, without: taken)
        let new = Self.byKey(fresh, without: [])
        let done = Set(self.steps.filter { taken.contains($0.id) }.map(\.key))
        let moves = Set(old.keys).union(new.keys).sorted().compactMap { key -> PlanMove? in
            let before = old[key]
            // A role that was revoked since something is in its way is now merely blocked.
            let now = new[key].flatMap { $0.action == .block && done.contains(key) ? nil : $0 }
            guard !Self.isSame(before, now) else { return nil }
            return PlanMove(key: key, unit: (now ?? before)?.unit, before: before, now: now)
        }
        return PlanStaleness(policyHasMoved: self.policyVersion != fresh.policyVersion, moves: moves)
    }

    private static func byKey(_ plan: RolePlan, without taken: Set<String>) -> [GrantKey: PlanEntry] {
        var entries: [GrantKey: PlanEntry] = [:]
        for entry in plan.steps where !taken.contains(entry.id) { entries[entry.key] = entry }
        for entry in plan.blocked where entry.block != .systemNotRead { entries[entry.key] = entry }
        return entries
    }

    /// Whether two entries mean the same for the system, and for whoever approves it: the line of a rule may have moved.
    private static func isSame(_ left: PlanEntry?, _ right: PlanEntry?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        func days(_ entry: PlanEntry) -> [String?] {
            [entry.before, entry.after].flatMap { [$0?.startDate?.description, $0?.endDate?.description] }
        }
        return left.action == right.action && left.unit == right.unit && left.block == right.block
            && (left.before == nil) == (right.before == nil)
            && days(left) == days(right)
    }

    /// The steps of some units alone, for whoever approves those. What waits for a step of another unit is left out: a grant for a
    /// revocation, and the revocation of a role that the person gets at the other unit.
    ///
    /// - Parameter units: ids of schools and units.
    /// - Returns: the steps of these units in their order, and ids of those left out.
    public func steps(of units: Set<String>) -> (steps: [PlanEntry], waiting: [String]) {
        let all = self.steps.filter { $0.unit.map(units.contains) ?? false }
        var chosen = all
        while true {
            let ids = Set(chosen.map(\.id))
            let ready = chosen.filter { ids.isSuperset(of: $0.waitsFor) }
            if ready.count == chosen.count { break }
            chosen = ready
        }
        let ids = Set(chosen.map(\.id))
        return (chosen, all.map(\.id).filter { !ids.contains($0) }.sorted())
    }
}
