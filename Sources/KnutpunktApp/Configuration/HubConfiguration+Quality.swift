import Hub

extension HubConfiguration {
    static let qualityKeys = ["quality.daily", "quality.hour", "quality.keep_days", "quality.alarm_blocking"]

    /// Reads the keys `quality.*`, and what of them is for the alarms, which have been read by then.
    ///
    /// - Returns: what is wrong.
    mutating func readQuality(_ text: (String) -> String?) -> [String] {
        var problems: [String] = []
        func number(_ key: String, _ range: ClosedRange<Int>) -> Int? {
            guard let written = text("quality.\(key)") else { return nil }
            if let number = Int(written), range.contains(number) { return number }
            problems.append("quality.\(key): \"\(written)\" is no whole number from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        var schedule = QualitySchedule()
        schedule.hour = number("hour", 0...23) ?? schedule.hour
        schedule.keepDays = number("keep_days", 1...3650) ?? schedule.keepDays
        switch text("quality.daily") {
        case nil, "false": break
        case "true": schedule.isDaily = true
        case .some(let other): problems.append("quality.daily: \"\(other)\" is neither true nor false.")
        }
        self.quality = schedule
        self.alarms.rules.qualityBlocking = number("alarm_blocking", 1...1_000_000)
        return problems
    }
}
