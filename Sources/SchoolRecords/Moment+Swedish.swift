/// Swedish time of a moment, whatever offset it was written with.
extension Moment {
    /// The day in Sweden.
    public var swedishDate: CalendarDate { CalendarDate(daysSinceEpoch: Self.floor(self.swedishClock, 86_400)) }

    /// Minutes since that day's midnight by the clock in Sweden, 0 to 1439.
    public var swedishMinutes: Int { (self.swedishClock - Self.floor(self.swedishClock, 86_400) * 86_400) / 60 }

    /// When a clock in Sweden shows this time: the first time of the two in the hour that comes twice, and after the hour that
    /// is left out what would have been in it.
    public init(swedish date: CalendarDate, _ time: TimeOfDay) {
        let day = time.minutes < 1440 ? date : CalendarDate(daysSinceEpoch: date.daysSinceEpoch + 1)
        let clock = TimeOfDay(minutes: time.minutes % 1440)?.description ?? "00:00"
        // A day of the calendar and a time of the clock make a moment; the other branch is never taken.
        self = Moment("\(day)T\(clock)") ?? Self.epoch
    }

    private static let epoch: Moment = {
        guard let moment = Moment("1970-01-01T00:00:00Z") else { preconditionFailure("1970-01-01 is a day") }
        return moment
    }()

    /// Seconds since 1970-01-01T00:00 as the clock in Sweden counts them.
    private var swedishClock: Int {
        // Summer time begins and ends at 01:00 UTC; the year's first and last hours are in winter time in both years.
        let year = CalendarDate(daysSinceEpoch: Self.floor(self.secondsSinceEpoch, 86_400)).year
        let spring = Self.lastSunday(month: 3, year: year) * 86_400 + 3600
        let autumn = Self.lastSunday(month: 10, year: year) * 86_400 + 3600
        return self.secondsSinceEpoch + (self.secondsSinceEpoch >= spring && self.secondsSinceEpoch < autumn ? 7200 : 3600)
    }

    private static func floor(_ value: Int, _ divisor: Int) -> Int {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }
}
