public import Mapping
public import SchoolRecords

/// A rule that gives a role, and the first of its conditions that a person's record fails.
public struct NearMiss: Sendable, Hashable {
    public enum Failure: Sendable, Hashable {
        /// The person has no record of this kind.
        case noRecord(RoleBase)
        /// A condition, and what the record has instead; `nil` when it has nothing.
        case condition(RoleCondition, found: String?)
        /// The role isn't in force on the day: from when to when it is.
        case outside(first: CalendarDate?, last: CalendarDate?)
        /// The record names nothing that the role could hold for, e.g. a group without pupils.
        case nowhere(RoleScope)
    }

    public let rule: String
    public let place: RulePlace
    /// The record that comes nearest.
    public let source: RecordKey?
    /// How many conditions fail, the days counted as one.
    public let failures: Int
    public let first: Failure
}

/// Why somebody has a role, or doesn't.
public enum RoleAnswer: Sendable, Hashable {
    /// The policy gives it; with what is done about it.
    case given([PlanEntry])
    /// The policy gives it, and something is in the way.
    case blocked([PlanEntry])
    /// No rule gives it to the person; the nearest rules, those first that fail least.
    case notGiven([NearMiss])
    /// The person has died.
    case deceased
    /// No rule of the policy gives the role to anybody.
    case noRule
}
