public import Mapping
public import SchoolRecords

/// Somebody's decision that a person gets a role that no rule gives, or doesn't get one that a rule gives.
public struct ManualDecision: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable { case grant, denial }

    public let id: String
    public let kind: Kind
    public let person: String
    public let role: RoleName
    public private(set) var scope: GrantScope
    /// Why. No personal data.
    public let reason: String
    /// Who decided.
    public let by: String
    public let first: CalendarDate?
    /// Inclusive. A grant must have one: what is given by hand is looked at again.
    public let last: CalendarDate?

    /// - Returns: `nil` for a grant without end.
    public init?(
        id: String, _ kind: Kind, person: String, role: RoleName, scope: GrantScope, reason: String, by: String,
        first: CalendarDate? = nil, last: CalendarDate?
    ) {
        guard kind == .denial || last != nil else { return nil }
        self.id = id
        self.kind = kind
        self.person = person
        self.role = role
        self.scope = scope
        self.reason = reason
        self.by = by
        self.first = first
        self.last = last
    }

    /// The same for another place.
    func at(_ scope: GrantScope) -> ManualDecision {
        var other = self
        other.scope = scope
        return other
    }

    /// Whether it holds on a day.
    public func holds(on date: CalendarDate) -> Bool {
        (self.first.map { $0 <= date } ?? true) && (self.last.map { date <= $0 } ?? true)
    }
}
