/// A rule of the role policy: from what a person is to roles in systems.
public struct RoleRule: Sendable, Hashable {
    /// A role that the rule gives.
    public struct Gift: Sendable, Hashable {
        public let name: RoleName
        public let scope: RoleScope
        public let place: RulePlace

        public init(_ name: RoleName, _ scope: RoleScope, place: RulePlace) {
            self.name = name
            self.scope = scope
            self.place = place
        }
    }

    public let name: String
    public let base: RoleBase
    /// All of them must pass, in the order of the file: `when`, then `unless`.
    public let conditions: [RoleCondition]
    public let gifts: [Gift]
    /// So many days before the record's start the role begins.
    public let daysBefore: Int
    /// So many days after the record's end the role ends.
    public let daysAfter: Int
    /// Where roles must not meet, the higher one is kept.
    public let precedence: Int
    /// Its number in the file, from 0.
    public let order: Int
    public let place: RulePlace

    public init(
        name: String, base: RoleBase, conditions: [RoleCondition], gifts: [Gift], daysBefore: Int = 0, daysAfter: Int = 0,
        precedence: Int = 0, order: Int, place: RulePlace
    ) {
        self.name = name
        self.base = base
        self.conditions = conditions
        self.gifts = gifts
        self.daysBefore = daysBefore
        self.daysAfter = daysAfter
        self.precedence = precedence
        self.order = order
        self.place = place
    }
}

/// Who must not have a role, whatever other rules say.
public struct RoleDenial: Sendable, Hashable {
    public let name: String
    public let base: RoleBase
    public let conditions: [RoleCondition]
    /// The roles; a role `*` is every role of the system.
    public let roles: Set<RoleName>
    public let within: RoleReach
    public let place: RulePlace

    public init(
        name: String, base: RoleBase, conditions: [RoleCondition], roles: Set<RoleName>, within: RoleReach = .anywhere,
        place: RulePlace
    ) {
        self.name = name
        self.base = base
        self.conditions = conditions
        self.roles = roles
        self.within = within
        self.place = place
    }

    public func names(_ role: RoleName) -> Bool {
        self.roles.contains(role) || self.roles.contains(RoleName(system: role.system, role: "*"))
    }
}

/// Roles of which one person must never have two.
public struct RoleExclusion: Sendable, Hashable {
    public let name: String
    public let roles: Set<RoleName>
    public let within: RoleReach
    public let place: RulePlace

    public init(name: String, roles: Set<RoleName>, within: RoleReach = .anywhere, place: RulePlace) {
        self.name = name
        self.roles = roles
        self.within = within
        self.place = place
    }
}

/// How far a denial or an exclusion reaches.
public enum RoleReach: String, Sendable, Hashable, CaseIterable {
    /// Wherever the roles hold.
    case anywhere
    /// Only at the same school or unit; what holds in the whole system holds at every unit.
    case unit
}
