import Mapping
public import SchoolRecords

/// Access that somebody has to look at: for certification.
public struct RoleFinding: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Held, and no rule gives the role to anybody: the policy leaves it alone.
        case orphan
        /// Held by somebody who has no record any more that roles follow from.
        case leaver
        /// Held by a substitute whose short duty has ended.
        case expiredSubstitute = "expired-substitute"
        /// Held, and what it followed from has ended otherwise.
        case expired
        /// Held, and no rule gives it to this person.
        case unfounded
        /// Held, though something is in the way.
        case forbidden
        /// Given by hand.
        case byHand = "by-hand"
    }

    public let kind: Kind
    public let key: GrantKey
    public let unit: String?
    public let held: RoleGrant
    public let cause: RevocationCause?
    public let marks: Set<RiskMark>
    /// The last day of what was given by hand.
    public let last: CalendarDate?
}

extension RolePlanner {
    /// Who holds access that no rule gives, or that somebody has given by hand, in the order of persons and roles.
    ///
    /// - Parameter shortDays: a duty of at most so many days is a substitute's.
    public func review(systems: Set<String>? = nil, units: Set<String>? = nil, shortDays: Int = 30) -> [RoleFinding] {
        self.everybody.flatMap { person -> [RoleFinding] in
            let decision = self.decision(person)
            guard !decision.held.isEmpty else { return [] }
            let sources = self.index.sources(of: person)
            let isHere = sources.contains { isWithin(self.date, $0.first, $0.last) || ($0.first.map { $0 > self.date } ?? false) }
            return self.entries(decision).compactMap { entry in
                if let systems, !systems.contains(entry.key.name.system) { return nil }
                if let units, !(entry.unit.map(units.contains) ?? false) { return nil }
                guard let held = entry.before,
                    let kind = self.kind(entry, decision, isHere: isHere, sources, shortDays: shortDays)
                else { return nil }
                return RoleFinding(
                    kind: kind, key: entry.key, unit: entry.unit, held: held, cause: entry.cause, marks: entry.marks,
                    last: kind == .byHand ? entry.reasons.first { $0.place == nil }?.last : nil)
            }
        }
    }

    private func kind(
        _ entry: PlanEntry, _ decision: PersonDecision, isHere: Bool, _ sources: [RoleSource], shortDays: Int
    ) -> RoleFinding.Kind? {
        if self.decider.comesWithRecords(entry.key.name) { return nil }
        if !isHere, decision.isDeceased || entry.reasons.isEmpty { return .leaver }
        switch entry.action {
        case .keep, .change:
            if decision.unruled.contains(entry.key) { return .orphan }
            return entry.reasons.contains { $0.place == nil } ? .byHand : nil
        case .revoke:
            switch entry.cause {
            case .blocked: return .forbidden
            case .ended(let key, _):
                let duty = sources.first { $0.key == key && $0.base == .duty }
                return (duty?.dutyDays ?? .max) <= shortDays ? .expiredSubstitute : .expired
            case .noRule, .deceased, .undone, nil: return .unfounded
            }
        case .grant, .block: return nil
        }
    }
}
