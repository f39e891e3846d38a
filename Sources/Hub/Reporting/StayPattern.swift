import SchoolRecords

/// A stay schedule in a small form: which stays it plans on a day.
struct StayPattern: Sendable {
    private struct Entry {
        let week: Int16
        /// 0 for Monday.
        let weekday: Int8
        let start: Int16
        /// Above 1440 when the stay goes past midnight.
        let end: Int16
    }

    let id: String
    let start: CalendarDate
    let end: CalendarDate?
    let isTemporary: Bool
    private let weeks: Int
    private let entries: [Entry]

    /// - Returns: `nil` for a schedule that isn't approved: what its history says last holds, and one without a history does.
    init?(_ schedule: AttendanceSchedule) {
        let latest = schedule.state?.max { $0.registeredAt.secondsSinceEpoch < $1.registeredAt.secondsSinceEpoch }
        guard latest?.state ?? .approved == .approved else { return nil }
        self.id = schedule.id
        self.start = schedule.startDate
        self.end = schedule.endDate
        self.isTemporary = schedule.temporary ?? false
        self.weeks = max(1, schedule.numberOfWeeks)
        self.entries = (schedule.scheduleEntries ?? []).map { entry in
            let (start, end) = (entry.startTime.minutes, entry.endTime.minutes)
            return Entry(
                week: Int16(clamping: entry.weekOffset), weekday: Int8(Weekday.allCases.firstIndex(of: entry.dayOfWeek) ?? 0),
                start: Int16(start), end: Int16(end > start ? end : end + 1440))
        }
    }

    func holds(on day: CalendarDate) -> Bool { self.start <= day && day <= self.end ?? day }

    /// The stays that begin on a day, in minutes since its midnight. The weeks are counted from the Monday of the week in which
    /// the schedule begins.
    func stays(on day: CalendarDate) -> [(start: Int, end: Int)] {
        let weekday = Self.weekday(day)
        let monday = day.daysSinceEpoch - weekday
        let first = self.start.daysSinceEpoch - Self.weekday(self.start)
        let week = (monday - first) / 7 % self.weeks
        return self.entries.filter { Int($0.weekday) == weekday && Int($0.week) == week }
            .map { (Int($0.start), Int($0.end)) }
    }

    /// The one of a place's schedules that holds on a day: a temporary one before the others, then the one that began last.
    static func holding(on day: CalendarDate, among patterns: [StayPattern]) -> StayPattern? {
        patterns.filter { $0.holds(on: day) }.max {
            ($0.isTemporary ? 1 : 0, $0.start, $0.id) < ($1.isTemporary ? 1 : 0, $1.start, $1.id)
        }
    }

    /// 0 for Monday; 1970-01-01 was a Thursday.
    private static func weekday(_ day: CalendarDate) -> Int { ((day.daysSinceEpoch + 3) % 7 + 7) % 7 }
}
