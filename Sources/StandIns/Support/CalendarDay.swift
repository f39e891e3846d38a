/// A day of the Gregorian calendar, counted from 1 January 1970; no time, no zone.
struct CalendarDay: Sendable, Hashable, Comparable {
    let number: Int

    init(number: Int) { self.number = number }

    /// The day of a date; a day past the month's end runs on into the next month.
    ///
    /// The arithmetic is Howard Hinnant's `days_from_civil`.
    init(_ year: Int, _ month: Int, _ day: Int) {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        self.number = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Reads `yyyy-MM-dd`; `nil` when it is no day of the calendar.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month),
            (1...31).contains(day)
        else { return nil }
        self.init(year, month, day)
        guard self.parts == (year, month, day) else { return nil }
    }

    /// Year, month and day (Hinnant's `civil_from_days`).
    var parts: (year: Int, month: Int, day: Int) {
        let shifted = self.number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// `yyyy-MM-dd`
    var text: String { self.digits(separator: 0x2D) }

    /// `yyyyMMdd`
    var compactText: String { self.digits(separator: nil) }

    private func digits(separator: UInt8?) -> String {
        let (year, month, day) = self.parts
        var text: [UInt8] = []
        text.reserveCapacity(10)
        for divisor in [1000, 100, 10, 1] { text.append(UInt8(0x30 + (year / divisor) % 10)) }
        for value in [month, day] {
            if let separator { text.append(separator) }
            text.append(UInt8(0x30 + (value / 10) % 10))
            text.append(UInt8(0x30 + value % 10))
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.number < right.number }
    static func + (day: CalendarDay, days: Int) -> CalendarDay { CalendarDay(number: day.number + days) }
    static func - (day: CalendarDay, days: Int) -> CalendarDay { CalendarDay(number: day.number - days) }
}
