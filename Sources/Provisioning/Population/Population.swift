public import SchoolRecords

/// Everything that roles follow from, as the hub knows it. The order of records doesn't matter.
public struct Population: Sendable {
    public var organisations: [Organisation] = []
    public var persons: [PersonFacts] = []
    public var groups: [Group] = []
    public var duties: [Duty] = []
    public var placements: [Placement] = []
    public var decisions: [ManualDecision] = []
    /// System → person → account, for systems that tell of all their accounts: who isn't there has none.
    public var accounts: [String: [String: AccountState]] = [:]
    /// Ids that systems name for the whole municipality as if it were a school, beside those of organisations of type Huvudman.
    public var wholes: Set<String> = []

    public init() {}
}

/// The roles that systems hold.
public struct HeldRoles: Sendable {
    /// The systems that have told all of their roles; nothing is planned for others.
    public var systems: Set<String>
    public var grants: [RoleGrant]

    public init(systems: Set<String>, grants: [RoleGrant] = []) {
        self.systems = systems
        self.grants = grants
    }
}
