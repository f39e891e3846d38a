import Hub
import Provisioning

extension HubConfiguration {
    static let roleKeys = [
        "roles.schedule.weeks_before", "roles.schedule.daily", "roles.schedule.hour", "roles.schedule.remind_days",
        "roles.schedule.daily_steps", "roles.schedule.daily_unit_steps", "roles.schedule.ready_percent",
    ]

    /// Reads the keys `roles.schedule.*`, and what of them is for the alarms, which have been read by then.
    ///
    /// - Returns: what is wrong.
    mutating func readRoleSchedule(_ text: (String) -> String?) -> [String] {
        var problems: [String] = []
        func number(_ key: String, _ range: ClosedRange<Int>) -> Int? {
            guard let written = text("roles.schedule.\(key)") else { return nil }
            if let number = Int(written), range.contains(number) { return number }
            problems.append(
                "roles.schedule.\(key): \"\(written)\" is no whole number from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        var schedule = RoleSchedule()
        schedule.weeksBefore = number("weeks_before", 0...26)
        schedule.hour = number("hour", 0...23) ?? schedule.hour
        schedule.remindDays = number("remind_days", 1...90) ?? schedule.remindDays
        schedule.dailySteps = number("daily_steps", 0...1000) ?? schedule.dailySteps
        schedule.dailyUnitSteps = number("daily_unit_steps", 0...1000) ?? schedule.dailyUnitSteps
        schedule.readyPercent = number("ready_percent", 1...100)
        switch text("roles.schedule.daily") {
        case nil, "false": break
        case "true": schedule.isDaily = true
        case .some(let other): problems.append("roles.schedule.daily: \"\(other)\" is neither true nor false.")
        }
        self.roleSchedule = schedule
        self.alarms.rules.roleReminderDays = schedule.remindDays
        self.alarms.rules.rolesReadyPercent = schedule.readyPercent
        return problems
    }
}
