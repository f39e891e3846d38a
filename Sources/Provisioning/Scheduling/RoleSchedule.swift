/// When role plans are made by themselves, and what of them is applied by itself.
public struct RoleSchedule: Sendable, Hashable, Codable {
    /// So many weeks before a term's first day a plan for it is made; `nil` = none.
    public var weeksBefore: Int?
    /// Whether a plan for the day is made each day.
    public var isDaily = false
    /// From this hour on, 0-23, in Swedish time.
    public var hour = 5
    /// A plan that waits for somebody is told of again after so many days.
    public var remindDays = 7
    /// A day's plan with at most so many steps is applied by itself; 0 = none is.
    public var dailySteps = 20
    /// The same for one unit.
    public var dailyUnitSteps = 5
    /// When fewer of the staff than so many per cent have every role as a term begins, it is an alarm; `nil` = never.
    public var readyPercent: Int?

    public init() {}

    /// Whether anything runs by itself.
    public var isOn: Bool { self.weeksBefore != nil || self.isDaily }

    /// How the standing rule names itself where it approves a part: what it lets through.
    public var rule: String { "roles.schedule: daily_steps=\(self.dailySteps), daily_unit_steps=\(self.dailyUnitSteps)" }
}
