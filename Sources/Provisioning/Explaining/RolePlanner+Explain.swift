public import Mapping
import SchoolRecords

extension RolePlanner {
    /// What a person has, shall have, and doesn't get, with the chain of each.
    ///
    /// - Parameter system: only this one.
    public func explain(_ person: String, system: String? = nil) -> [PlanEntry] {
        self.entries(self.decision(person)).filter { system == nil || $0.key.name.system == system }
    }

    /// Why somebody has a role, or doesn't.
    public func whyNot(_ person: String, _ name: RoleName) -> RoleAnswer {
        let decision = self.decision(person)
        if decision.isDeceased { return .deceased }
        let entries = self.entries(decision).filter { $0.key.name == name }
        let wanted = Set(decision.wanted.filter { $0.key.name == name }.map(\.key))
        let given = entries.filter { wanted.contains($0.key) && ($0.action != .block && $0.action != .revoke) }
        if !given.isEmpty { return .given(given) }
        let blocked = entries.filter { wanted.contains($0.key) }
        if !blocked.isEmpty { return .blocked(blocked) }
        let rules = self.policy.rules.filter { $0.gifts.contains { $0.name == name } }
        guard !rules.isEmpty else { return .noRule }
        let sources = self.index.sources(of: person)
        return .notGiven(
            rules.map { self.nearest($0, name, sources) }.sorted { left, right in
                left.failures == right.failures ? left.place.line < right.place.line : left.failures < right.failures
            })
    }

    private func nearest(_ rule: RoleRule, _ name: RoleName, _ sources: [RoleSource]) -> NearMiss {
        let misses = sources.filter { $0.base == rule.base }.map { self.miss(rule, name, $0) }
        return misses.min { ($0.failures, $0.source?.description ?? "") < ($1.failures, $1.source?.description ?? "") }
            ?? NearMiss(rule: rule.name, place: rule.place, source: nil, failures: .max, first: .noRecord(rule.base))
    }

    private func miss(_ rule: RoleRule, _ name: RoleName, _ source: RoleSource) -> NearMiss {
        var failures: [NearMiss.Failure] = rule.conditions.filter { !source.passes($0) }.map { condition in
            .condition(condition, found: source.text(condition.fact))
        }
        let (first, last) = source.window(rule)
        if !isWithin(self.date, first, last) { failures.append(.outside(first: first, last: last)) }
        if failures.isEmpty {
            // All passes, and still there is no grant: there is nothing that it could hold for.
            failures.append(.nowhere(rule.gifts.first { $0.name == name }?.scope ?? .unit))
        }
        return NearMiss(
            rule: rule.name, place: rule.place, source: source.key, failures: failures.count,
            first: failures.first ?? .noRecord(rule.base))
    }

    /// Who has, or shall have, a role.
    ///
    /// - Parameter unit: only at this school or unit.
    /// - Returns: kept, granted, changed and revoked ones, and blocked ones, in the order of the persons.
    public func who(_ name: RoleName, unit: String? = nil) -> [PlanEntry] {
        self.everybody.flatMap { person in
            self.entries(self.decision(person)).filter { $0.key.name == name && (unit == nil || $0.unit == unit) }
        }
    }
}
