import Mapping
import SchoolRecords

/// Rules by what they can apply to, so that nobody is held against all of them.
struct RuleIndex {
    private var byBase: [RoleBase: [RoleRule]] = [:]
    private var byDutyRole: [RoleBase: [String: [RoleRule]]] = [:]
    private var denials: [RoleBase: [RoleDenial]] = [:]
    private var exclusions: [RoleName: [RoleExclusion]] = [:]

    init(_ policy: RolePolicy) {
        self.byBase = Dictionary(grouping: policy.rules, by: \.base)
        self.denials = Dictionary(grouping: policy.denials, by: \.base)
        for base in RoleBase.allCases where base.isStaff {
            for role in DutyRole.allCases {
                self.byDutyRole[base, default: [:]][role.rawValue] = (self.byBase[base] ?? []).filter { rule in
                    rule.conditions.allSatisfy { $0.fact != .dutyRole || $0.passes(words: [role.rawValue], number: nil) }
                }
            }
        }
        for exclusion in policy.exclusions {
            for role in exclusion.roles { self.exclusions[role, default: []].append(exclusion) }
        }
    }

    /// Rules that can apply to a source, in their order.
    func rules(for source: RoleSource) -> [RoleRule] {
        if let role = source.dutyRole, let rules = self.byDutyRole[source.base]?[role] { return rules }
        return self.byBase[source.base] ?? []
    }

    func denials(_ base: RoleBase) -> [RoleDenial] { self.denials[base] ?? [] }

    func exclusions(_ name: RoleName) -> [RoleExclusion] { self.exclusions[name] ?? [] }
}
