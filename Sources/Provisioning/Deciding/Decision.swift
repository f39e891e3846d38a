import Mapping
public import SchoolRecords

/// What the policy says of one grant: a rule gives it, and whether something is in the way.
public struct WantedGrant: Sendable, Hashable {
    public let key: GrantKey
    /// The school or unit that it concerns: where it holds, or that of the record that a role for the whole system follows from.
    public let unit: String?
    /// In the order of the rules.
    public let reasons: [GrantReason]
    public let first: CalendarDate?
    /// Inclusive.
    public let last: CalendarDate?
    public let block: BlockReason?
    /// Nobody works here: a pupil's or guardian's role.
    public let isStaff: Bool
    let precedence: Int
    let order: Int

    /// The grant as it is given.
    public var grant: RoleGrant {
        let reason = self.reasons.first
        return self.key.grant(
            duty: reason?.duty, rule: reason.map { $0.place?.description ?? $0.rule }, from: self.first, to: self.last)
    }
}

/// Everything that the policy says of one person, held against what is held.
struct PersonDecision {
    let person: String
    let isProtected: Bool
    let isDeceased: Bool
    /// In the order of their keys.
    var wanted: [WantedGrant] = []
    /// What systems hold, by key.
    var held: [GrantKey: RoleGrant] = [:]
    /// Held, wanted by no rule, and none of the policy's business.
    var unruled: Set<GrantKey> = []
}
