/// From when to when a system has said that somebody holds a role.
public struct HeldRoleSpan: Sendable, Hashable, Codable {
    public let system: String
    public let role: String
    /// `municipality`, or `unit/…`, `group/…`, `pupil/…` with an id.
    public let scope: String
    /// When the hub learnt of it: RFC 3339 in UTC.
    public let began: String
    /// When the hub learnt that it is no more; `nil` while the system has it.
    public let ended: String?

    public init(system: String, role: String, scope: String, began: String, ended: String? = nil) {
        self.system = system
        self.role = role
        self.scope = scope
        self.began = began
        self.ended = ended
    }

    /// Whether the system had it at a time.
    ///
    /// - Parameter time: RFC 3339 in UTC, as the span's own.
    public func holds(at time: String) -> Bool { self.began <= time && (self.ended.map { time < $0 } ?? true) }
}

/// What a plan did about one grant.
public struct RoleDeed: Sendable, Hashable, Codable {
    public let plan: String
    /// With its unit, state and time.
    public let step: RoleStepState
    public let madeBy: String
    /// Those who approved the step's part.
    public let approvedBy: [String]
    /// Who had it applied; `nil` when nobody has.
    public let appliedBy: String?

    public init(plan: String, step: RoleStepState, madeBy: String, approvedBy: [String], appliedBy: String?) {
        self.plan = plan
        self.step = step
        self.madeBy = madeBy
        self.approvedBy = approvedBy
        self.appliedBy = appliedBy
    }
}

/// How roles have come and gone.
public protocol RoleHistory: Sendable {
    /// The roles that systems have told of one person, in the order of time.
    ///
    /// - Parameter person: the id.
    func heldRoles(of person: String) async throws -> [HeldRoleSpan]

    /// What plans have done about grants, in the order of the plans.
    ///
    /// - Parameter ids: of grants, see ``SchoolRecords/RoleGrant``.
    func roleDeeds(of ids: Set<String>) async throws -> [String: [RoleDeed]]
}
