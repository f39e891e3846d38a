/// Counting days (Howard Hinnant's civil calendar: years begin in March, so that the leap day is a year's last).
extension CalendarDate {
    private static let epoch = 719_468
    private static let daysOfEra = 146_097

    /// Days since 1970-01-01, negative before it.
    public var daysSinceEpoch: Int {
        let year = self.month > 2 ? self.year : self.year - 1
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (self.month + (self.month > 2 ? -3 : 9)) + 2) / 5 + self.day - 1
        return era * Self.daysOfEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - Self.epoch
    }

    /// The day that is so many days after 1970-01-01; held within the years 0 to 9999.
    public init(daysSinceEpoch days: Int) {
        let number = days + Self.epoch
        let era = (number >= 0 ? number : number - Self.daysOfEra + 1) / Self.daysOfEra
        let dayOfEra = number - era * Self.daysOfEra
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        if year < 0 {
            self.init(year: 0, month: 1, day: 1)
        } else if year > 9999 {
            self.init(year: 9999, month: 12, day: 31)
        } else {
            self.init(year: year, month: month, day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        }
    }
}
