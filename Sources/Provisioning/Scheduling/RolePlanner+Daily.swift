import Mapping

/// A day's plan in two: what is applied by itself, and what waits for a person.
public struct DailyPlans: Sendable {
    /// Empty when the day is above the limit as a whole.
    public let byItself: RolePlan
    public let waiting: RolePlan
}

extension RolePlan {
    /// What in a request's units stands for steps that belong to no unit.
    public static let noUnit = ""
}

extension RolePlanner {
    /// Makes the day's plan. By itself goes what is little in all and at its unit, and of which nothing needs a second look: no
    /// privileged role, no protected person, no very many revocations, no title code that tells nothing.
    public func daily(_ schedule: RoleSchedule, systems: Set<String>) -> DailyPlans {
        let whole = self.plan(systems: systems)
        let units = Dictionary(grouping: whole.steps) { $0.unit ?? RolePlan.noUnit }
        let small =
            whole.steps.count > schedule.dailySteps
            ? []
            : Set(units.filter { $0.value.count <= schedule.dailyUnitSteps && $0.value.allSatisfy(\.marks.isEmpty) }.keys)
        // Whatever is left out of one is in the other: what waits for it waits there.
        let byItself = self.plan(systems: systems, units: small)
        let waiting = self.plan(systems: systems, units: Set(units.keys).subtracting(small))
        // Alone it may be much that was little of the whole.
        guard byItself.steps.allSatisfy({ $0.marks.isEmpty }), byItself.steps.count <= schedule.dailySteps else {
            return DailyPlans(byItself: self.plan(systems: systems, units: []), waiting: whole)
        }
        return DailyPlans(byItself: byItself, waiting: waiting)
    }
}
