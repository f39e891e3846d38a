public import Provisioning
public import SchoolRecords

/// A role plan that somebody wants to have made.
public struct RolePlanRequest: Sendable, Hashable {
    /// E.g. `HT2026`; with neither term nor day it is today's plan.
    public var term: String?
    public var date: CalendarDate?
    /// Empty = all that the policy knows.
    public var systems: Set<String> = []
    /// The id of a school or unit; `nil` = all of them.
    public var unit: String?

    public init() {}
}

/// Somebody's question why a person has roles, or doesn't have one.
public struct RoleExplanationRequest: Sendable, Hashable {
    /// The person's id.
    public var person: String
    /// `nil` = all.
    public var system: String?
    /// The role that is missing, in ``system``.
    public var whyNot: String?
    /// `nil` = today.
    public var date: CalendarDate?
    /// Why somebody asks, for the audit log.
    public var reason: String

    public init(person: String, reason: String) {
        self.person = person
        self.reason = reason
    }
}

/// The answer.
public enum RolesTold: Sendable, Hashable {
    /// The person's identity is protected: nothing is told.
    case protected
    /// - `heading`: what it comes to; `nil` when it is the roles that tell.
    case roles(heading: String?, [ToldRole])
}
