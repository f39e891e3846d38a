import Mapping
public import SchoolRecords

/// What has to be done so that systems hold the roles that the policy gives. A value: shown, stored, compared, refused.
public struct RolePlan: Sendable, Hashable {
    /// What was asked for.
    public struct Request: Sendable, Hashable {
        /// The day that the plan is for.
        public let date: CalendarDate
        /// The term that was named.
        public let term: String?
        /// `nil` = all.
        public let systems: Set<String>?
        /// Ids of schools and units; `nil` = all.
        public let units: Set<String>?

        public init(date: CalendarDate, term: String? = nil, systems: Set<String>? = nil, units: Set<String>? = nil) {
            self.date = date
            self.term = term
            self.systems = systems
            self.units = units
        }
    }

    public let request: Request
    /// Of ``RolePolicy/version``.
    public let policyVersion: String
    /// A hash of what the policy made of the population, and of what systems hold.
    public let stateVersion: String
    /// In the order in which they are taken, see ``PlanOrder``.
    public let steps: [PlanEntry]
    /// What is held and stays, in the order of the keys.
    public let kept: [PlanEntry]
    /// What a rule gives and something is in the way of, in the order of the keys.
    public let blocked: [PlanEntry]
    /// Systems in which the policy gives roles and whose roles nobody has read.
    public let unread: [String]
    /// The plan that this one undoes.
    public let undoes: String?

    init(
        request: Request, policyVersion: String, stateVersion: String, steps: [PlanEntry], kept: [PlanEntry] = [],
        blocked: [PlanEntry] = [], unread: [String] = [], undoes: String? = nil
    ) {
        self.request = request
        self.policyVersion = policyVersion
        self.stateVersion = stateVersion
        self.steps = steps
        self.kept = kept
        self.blocked = blocked
        self.unread = unread
        self.undoes = undoes
    }

    /// The plan's id: the same for the same plan.
    public var id: String {
        var print = ContentHash()
        print.add(self.request.date.description)
        print.add(self.request.term)
        for list in [self.request.systems, self.request.units] { print.add(list.map { $0.sorted().joined(separator: ",") }) }
        print.add(self.policyVersion)
        print.add(self.stateVersion)
        print.add(self.undoes)
        for step in self.steps { print.add("\(step.action.rawValue) \(step.id)") }
        return "plan-\(print.text)"
    }

    /// Whether nothing is to be done.
    public var isEmpty: Bool { self.steps.isEmpty }

    /// Whether it covers everything that was asked for.
    public var isComplete: Bool { self.unread.isEmpty }

    /// Steps, kept and blocked, in the order of the keys.
    public var entries: [PlanEntry] { (self.steps + self.kept + self.blocked).sorted { $0.key < $1.key } }
}

extension RolePlan {
    /// What systems hold when steps have been taken.
    ///
    /// - Parameters:
    ///   - held: by key, as ``PlanEntry/before`` and ``PlanEntry/after`` have it.
    ///   - count: only the first so many steps.
    public func applied(to held: [GrantKey: RoleGrant], first count: Int? = nil) -> [GrantKey: RoleGrant] {
        var held = held
        for step in self.steps.prefix(count ?? self.steps.count) { held[step.key] = step.after }
        return held
    }

    /// The plan that takes everything back: the opposite steps in the opposite order, so that the roles walk the same way back,
    /// and no moment of it has roles that meet which didn't meet on the way there.
    ///
    /// - Parameter whole: the id of the plan that this one is a part of; `nil` for the plan itself.
    public func undo(of whole: String? = nil) -> RolePlan {
        var waiting: [String: [String]] = [:]
        for step in self.steps {
            for other in step.waitsFor { waiting[other, default: []].append(step.id) }
        }
        let id = whole ?? self.id
        var steps = self.steps.reversed().map { step in
            let action: PlanEntry.Action =
                switch step.action {
                case .grant: .revoke
                case .revoke: .grant
                case .change, .keep, .block: .change
                }
            return PlanEntry(
                key: step.key, action: action, unit: step.unit, before: step.after, after: step.before, reasons: step.reasons,
                cause: action == .revoke ? .undone(id) : nil, marks: step.marks.subtracting([.manyRevocations]),
                isStaff: step.isStaff, id: step.id, waitsFor: (waiting[step.id] ?? []).sorted())
        }
        // What was given to very many is taken from very many.
        RevocationLimit.standard.mark(&steps, self.kept)
        return RolePlan(
            request: self.request, policyVersion: self.policyVersion, stateVersion: self.stateVersion, steps: steps, undoes: id)
    }
}
