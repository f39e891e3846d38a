public import Foundation

/// A role plan as it is kept, with what has been decided about it.
public struct KeptRolePlan: Sendable, Hashable, Codable {
    /// What has become of it.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Waits for approval, or for being applied.
        case open
        /// Its steps are being taken.
        case applying
        /// All its steps have been settled, see ``RoleStepState``.
        case applied
        /// Stopped by a person; what had been taken stays.
        case stopped

        /// The states that are over.
        public var isOver: Bool { self == .applied || self == .stopped }
    }

    /// What it does at one unit.
    public struct Part: Sendable, Hashable, Codable {
        /// The id of the school or unit; `nil` for what concerns all, or nobody knows.
        public let unit: String?
        public let granted: Int
        public let revoked: Int
        public let changed: Int
        /// How many persons must approve it, its maker aside: one, and two for very many revocations (invariant 5).
        public let approvers: Int

        public init(unit: String?, granted: Int, revoked: Int, changed: Int, approvers: Int) {
            self.unit = unit
            self.granted = granted
            self.revoked = revoked
            self.changed = changed
            self.approvers = approvers
        }
    }

    /// Somebody's approval of a part.
    public struct Approval: Sendable, Hashable, Codable {
        public let unit: String?
        public let by: String
        /// RFC 3339 in UTC.
        public let at: String
        public let reason: String

        public init(unit: String?, by: String, at: String, reason: String) {
            self.unit = unit
            self.by = by
            self.at = at
            self.reason = reason
        }
    }

    public let id: String
    /// The term that was named.
    public let term: String?
    /// The day that it is for, `yyyy-MM-dd`.
    public let date: String
    public let madeBy: String
    /// RFC 3339 in UTC.
    public let madeAt: String
    /// The plan that this one undoes.
    public let undoes: String?
    /// In the order of the units.
    public let parts: [Part]
    public var state = State.open
    /// When it got into this state, and by whom: RFC 3339 in UTC.
    public var since: String
    public var stateBy: String
    public var approvals: [Approval] = []
    /// Who had it applied.
    public var appliedBy: String?

    public init(
        id: String, term: String?, date: String, madeBy: String, madeAt: String, undoes: String? = nil, parts: [Part]
    ) {
        self.id = id
        self.term = term
        self.date = date
        self.madeBy = madeBy
        self.madeAt = madeAt
        self.undoes = undoes
        self.parts = parts
        self.since = madeAt
        self.stateBy = madeBy
    }

    /// How many approvals a part lacks.
    public func lacking(_ part: Part) -> Int {
        // Where two must look, two persons must: a rule is none.
        let approvers = Set(
            self.approvals.lazy.filter { approval in
                approval.unit == part.unit && approval.by != self.madeBy
                    && (part.approvers == 1 || approval.by != RolePlanMaker.standingRule)
            }.map(\.by))
        return max(0, part.approvers - approvers.count)
    }

    /// The parts that may be applied.
    public var approved: [Part] { self.parts.filter { self.lacking($0) == 0 } }
}

/// Who makes and approves plans when it is no person.
public enum RolePlanMaker {
    /// The hub's own plans.
    public static let schedule = "schedule"
    /// The rule of the configuration by which small plans are approved: a person has set it.
    public static let standingRule = "standing-rule"
    /// Both: no person's.
    public static let names: Set<String> = [Self.schedule, Self.standingRule]
}

/// How far a step of a plan has come.
public struct RoleStepState: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Its turn hasn't come.
        case waiting
        /// In the register and the outbox.
        case taken
        /// The system has it.
        case delivered
        /// There was nothing to write: the mapping leaves it out, or the role doesn't hold yet.
        case nothing
        /// Among the failed messages, or set aside with a mass change; it goes on from there.
        case failed
        /// Waits for another record, and goes by itself when that comes.
        case dependent
        /// Not taken: the grant had been changed by somebody else, or what must go before it has failed.
        case left

        /// Whether the run has no more to do with it.
        public var isSettled: Bool { self != .waiting && self != .taken }
    }

    /// The grant's id.
    public let id: String
    /// From 0, in the order of the plan.
    public let number: Int
    public let unit: String?
    public var state: State
    /// The record's sequence with the change.
    public var sequence: Int64?
    /// An error's code, a held change's id or the like.
    public var note: String?
    /// What it does: `grant`, `revoke` or `change`.
    public var action: String?
    /// When it got into this state: RFC 3339 in UTC.
    public var at: String?
    /// When it was handed in.
    public var takenAt: String?

    public init(
        id: String, number: Int, unit: String?, state: State = .waiting, sequence: Int64? = nil, note: String? = nil,
        action: String? = nil, at: String? = nil, takenAt: String? = nil
    ) {
        self.id = id
        self.number = number
        self.unit = unit
        self.state = state
        self.sequence = sequence
        self.note = note
        self.action = action
        self.at = at
        self.takenAt = takenAt
    }
}

/// A role plan can't be dealt with as asked.
public struct RolePlanRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Reason: Sendable, Hashable {
        case unknown
        case notAllowed(KeptRolePlan.State)
        /// Nobody approves what they made themselves.
        case ownPlan
        /// No person has a name that is the hub's own, and a rule approves the hub's own plans alone.
        case notAPerson(String)
        /// It has no such unit.
        case unknownUnit(String)
        /// None of its parts has the approvals that it needs.
        case notApproved
        /// Another plan is being applied.
        case busy(String)
    }

    public let plan: String
    public let reason: Reason

    public init(plan: String, reason: Reason) {
        self.plan = plan
        self.reason = reason
    }

    public var description: String {
        switch self.reason {
        case .unknown: "There is no plan \(self.plan). See: knutpunkt roles plans"
        case .notAllowed(let state): "The plan \(self.plan) is \(state.rawValue) and can't do that."
        case .ownPlan: "The plan \(self.plan) must be approved by somebody else than who made it."
        case .notAPerson(let name): "\(name) can't approve the plan \(self.plan): that is a name of the hub's own."
        case .unknownUnit(let unit): "The plan \(self.plan) does nothing at \(unit). See: knutpunkt roles show \(self.plan)"
        case .notApproved:
            "No part of the plan \(self.plan) has the approvals that it needs: knutpunkt roles approve \(self.plan)"
        case .busy(let other): "The plan \(other) is being applied. Wait, or stop it: knutpunkt roles stop \(other)"
        }
    }
}

/// Role plans: what they would do, who approved it, and how far it has come.
///
/// Every call is one transaction, and what a person decides is in the audit log with it.
public protocol RolePlans: Sendable {
    /// Keeps a plan. One that is there already stays as it is.
    ///
    /// - Parameter document: the plan itself, kept sealed.
    func keep(_ plan: KeptRolePlan, document: Data) async throws -> KeptRolePlan

    func rolePlan(_ id: String) async throws -> KeptRolePlan?

    /// The plan itself, as it was kept.
    func rolePlanDocument(_ id: String) async throws -> Data?

    /// Latest first.
    func rolePlans(limit: Int) async throws -> [KeptRolePlan]

    /// Approves parts of an open plan.
    ///
    /// - Parameter units: ids of units; `nil` = all parts. A part that somebody has approved already isn't approved twice by them.
    /// - Throws: ``RolePlanRefusal``.
    @discardableResult
    func approve(
        rolePlan id: String, units: Set<String>?, by person: String, reason: String, time: String
    ) async throws -> KeptRolePlan

    /// Begins to apply an open plan.
    ///
    /// - Parameter steps: those that are to be taken; frozen from now on.
    /// - Throws: ``RolePlanRefusal``, also when another plan is being applied.
    @discardableResult
    func start(rolePlan id: String, steps: [RoleStepState], by person: String, time: String) async throws -> KeptRolePlan

    /// In the order of their numbers.
    func roleSteps(of id: String) async throws -> [RoleStepState]

    /// Writes down how far steps have come.
    func mark(_ steps: [RoleStepState], of id: String) async throws

    /// Ends the applying of a plan.
    ///
    /// - Throws: ``RolePlanRefusal``.
    @discardableResult
    func end(rolePlan id: String, _ state: KeptRolePlan.State, by person: String, time: String) async throws -> KeptRolePlan

    /// The plan that is being applied.
    func applyingRolePlan() async throws -> String?
}
