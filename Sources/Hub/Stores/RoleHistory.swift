public import SchoolRecords

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

/// How ready the staff of a unit was when somebody looked, or the hub by itself.
public struct RoleReadiness: Sendable, Hashable, Codable {
    /// The id of the school or unit.
    public let unit: String
    public let staff: Int
    /// Those who have every role that they need.
    public let ready: Int
    /// How many roles are missing, by reason.
    public let missing: [String: Int]
    /// RFC 3339 in UTC.
    public let time: String

    public init(unit: String, staff: Int, ready: Int, missing: [String: Int], time: String) {
        self.unit = unit
        self.staff = staff
        self.ready = ready
        self.missing = missing
        self.time = time
    }
}

/// What became of a plan that was made by itself.
public struct RoleScheduleRun: Sendable, Hashable, Codable {
    /// `day`, `term.HT2026`.
    public let errand: String
    /// RFC 3339 in UTC.
    public let time: String
    /// The plan that is applied by itself, and the one that waits for a person; `nil` where there was nothing to do.
    public let byItself: String?
    public let waiting: String?
    /// Systems that couldn't be read and so are no part of it.
    public let unread: [String]
    /// Steps of the two.
    public let steps: Int

    public init(errand: String, time: String, byItself: String?, waiting: String?, unread: [String], steps: Int) {
        self.errand = errand
        self.time = time
        self.byItself = byItself
        self.waiting = waiting
        self.unread = unread
        self.steps = steps
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

    /// Which state everybody's account in a system has, by the person's id.
    ///
    /// - Returns: `nil` when the accounts were taken by a version that didn't keep this beside the records: read those.
    func accountStates(in system: String) async throws -> [String: AccountState]?

    /// Keeps how ready units are, in place of what was kept before.
    func keep(readiness: [RoleReadiness]) async throws

    /// In the order of the units.
    func roleReadiness() async throws -> [RoleReadiness]

    /// Writes down a run of the schedule, with its entry in the audit log.
    ///
    /// - Parameter rule: by which standing rule.
    func keep(run: RoleScheduleRun, by person: String, rule: String) async throws

    /// The latest first.
    func roleScheduleRuns(limit: Int) async throws -> [RoleScheduleRun]
}
