import Mapping
import SchoolRecords

/// Whether the staff of a unit have every role that they need.
public struct UnitReadiness: Sendable, Hashable {
    /// A role that somebody lacks.
    public struct Missing: Sendable, Hashable {
        public enum Why: Sendable, Hashable {
            /// Planned, and not yet applied.
            case planned
            /// On its way, or failed: what the hub says of the message.
            case message(String)
            case blocked(BlockReason)
            /// Nothing follows from the duty: its title code is in no table and no rule.
            case nothingFollows(String?)
        }

        public let person: String
        /// `nil` when no role is known.
        public let key: GrantKey?
        public let why: Why
    }

    /// The id of the school or unit.
    public let unit: String
    public let staff: Int
    /// Those who have every role that they need here.
    public let ready: Int
    /// Those to whom the policy gives nothing, which is right: counted as ready.
    public let withoutRoles: Int
    /// In the order of persons and roles.
    public let missing: [Missing]

    /// 0-1; 1 for a unit without staff.
    public var share: Double { self.staff == 0 ? 1 : Double(self.ready) / Double(self.staff) }
}

extension RolePlanner {
    /// How ready each unit is, in the order of their ids.
    ///
    /// - Parameters:
    ///   - systems: only what is to be had in these; `nil` = all in which the policy gives roles.
    ///   - messages: grant id → what the hub says of its message, for grants that are on their way or have failed.
    public func readiness(
        units: Set<String>? = nil, systems: Set<String>? = nil, messages: [String: String] = [:]
    ) -> [UnitReadiness] {
        struct Tally {
            var staff = 0
            var ready = 0
            var withoutRoles = 0
            var missing: [UnitReadiness.Missing] = []
        }
        var tallies: [String: Tally] = [:]
        for person in self.everybody where self.index.isStaff(person) {
            let decision = self.decision(person)
            guard !decision.isDeceased else { continue }
            let duties = Dictionary(grouping: self.index.duties(of: person, on: self.date)) { $0.dutyAt.id }
            guard !duties.isEmpty else { continue }
            let entries = self.entries(decision).filter {
                $0.isStaff && systems?.contains($0.key.name.system) ?? true && $0.action != .revoke
                    && !decision.unruled.contains($0.key)
            }
            for (unit, own) in duties where units?.contains(unit) ?? true {
                let needed = entries.filter { entry in
                    entry.unit == unit || entry.reasons.contains { reason in own.contains { $0.id == reason.duty } }
                }
                var missing = needed.compactMap { self.missing($0, messages) }
                if needed.isEmpty, let duty = own.first(where: self.isUnknown) {
                    missing.append(
                        .init(
                            person: person, key: nil, why: .nothingFollows(RolePolicy.titleCode(in: duty.description))))
                }
                var tally = tallies[unit] ?? Tally()
                tally.staff += 1
                if missing.isEmpty { tally.ready += 1 }
                if needed.isEmpty, missing.isEmpty { tally.withoutRoles += 1 }
                tally.missing += missing
                tallies[unit] = tally
            }
        }
        return tallies.sorted { $0.key < $1.key }.map { unit, tally in
            UnitReadiness(
                unit: unit, staff: tally.staff, ready: tally.ready, withoutRoles: tally.withoutRoles, missing: tally.missing)
        }
    }

    /// Whether nobody knows what a duty is: its title code is in no table, or it has none and must have one.
    private func isUnknown(_ duty: Duty) -> Bool {
        guard let code = RolePolicy.titleCode(in: duty.description) else { return self.policy.missingTitles == .block }
        return self.policy.vocabulary.titleCodes[code] == nil
    }

    private func missing(_ entry: PlanEntry, _ messages: [String: String]) -> UnitReadiness.Missing? {
        switch entry.action {
        case .keep: nil
        case .block: .init(person: entry.key.person, key: entry.key, why: entry.block.map { .blocked($0) } ?? .planned)
        case .grant, .revoke:
            .init(person: entry.key.person, key: entry.key, why: messages[entry.id].map { .message($0) } ?? .planned)
        // The role is there; only its days are other ones.
        case .change: nil
        }
    }
}
