/// A role that a person has given, or denied, somebody by hand.
public struct KeptRoleDecision: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable { case grant, denial }

    /// That it holds no longer, before its last day.
    public struct Withdrawal: Sendable, Hashable, Codable {
        public let by: String
        /// RFC 3339 in UTC.
        public let at: String
        public let reason: String

        public init(by: String, at: String, reason: String) {
            self.by = by
            self.at = at
            self.reason = reason
        }
    }

    /// `decision-<number>`; empty before it is kept.
    public var id: String
    public let kind: Kind
    /// The person's id.
    public let person: String
    public let system: String
    public let role: String
    /// `municipality`, or `unit/…`, `group/…`, `pupil/…` with an id.
    public let scope: String
    public let reason: String
    public let by: String
    /// RFC 3339 in UTC.
    public let at: String
    /// `yyyy-MM-dd`; `nil` = from the day on which it was decided.
    public let first: String?
    /// `yyyy-MM-dd`, inclusive; `nil` = without end, which only a denial has.
    public let last: String?
    public var withdrawal: Withdrawal?

    public init(
        id: String = "", _ kind: Kind, person: String, system: String, role: String, scope: String, reason: String, by: String,
        at: String, first: String? = nil, last: String?, withdrawal: Withdrawal? = nil
    ) {
        self.id = id
        self.kind = kind
        self.person = person
        self.system = system
        self.role = role
        self.scope = scope
        self.reason = reason
        self.by = by
        self.at = at
        self.first = first
        self.last = last
        self.withdrawal = withdrawal
    }
}

/// Decisions about roles by hand. They are kept for good: one that is over tells why somebody had a role.
///
/// Every call that changes something is one transaction with its entry in the audit log.
public protocol RoleDecisions: Sendable {
    /// Keeps a decision under a new id.
    func keep(_ decision: KeptRoleDecision) async throws -> KeptRoleDecision

    /// Withdraws a decision.
    ///
    /// - Parameter time: RFC 3339 in UTC.
    /// - Returns: it as it is now; `nil` when there is no such decision, or it has been withdrawn.
    func withdraw(roleDecision id: String, by person: String, reason: String, time: String) async throws -> KeptRoleDecision?

    /// All decisions, withdrawn ones and those that are over among them, in the order in which they were made.
    ///
    /// - Parameter person: only about this one.
    func roleDecisions(of person: String?) async throws -> [KeptRoleDecision]
}
