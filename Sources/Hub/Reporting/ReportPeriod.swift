public import SchoolRecords

/// A month of a year, `yyyy-MM`.
public struct YearMonth: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The month's first day.
    public let first: CalendarDate

    /// The month that a day is in.
    public init(of date: CalendarDate) { self.first = CalendarDate(year: date.year, month: date.month, day: 1) }

    /// Reads `yyyy-MM`; `nil` when the text has another form or there is no such month.
    public init?(_ text: some StringProtocol) {
        guard let first = CalendarDate("\(text)-01") else { return nil }
        self.first = first
    }

    /// The month's last day.
    public var last: CalendarDate { CalendarDate(year: self.first.year, month: self.first.month, day: 31) }

    /// The month before.
    public var previous: YearMonth { YearMonth(of: CalendarDate(daysSinceEpoch: self.first.daysSinceEpoch - 1)) }

    /// `yyyy-MM`.
    public var description: String { String(self.first.description.prefix(7)) }

    public static func < (left: YearMonth, right: YearMonth) -> Bool { left.first < right.first }
}

/// The days that a report is about, both inclusive.
public struct ReportPeriod: Sendable, Hashable {
    public let first: CalendarDate
    public let last: CalendarDate

    /// - Returns: `nil` when the last day is before the first, or more than 366 days are asked for.
    public init?(_ first: CalendarDate, _ last: CalendarDate) {
        guard first <= last, last.daysSinceEpoch - first.daysSinceEpoch < 366 else { return nil }
        self.first = first
        self.last = last
    }

    /// A whole month.
    public init(_ month: YearMonth) {
        self.first = month.first
        self.last = month.last
    }

    /// How many days.
    var dayCount: Int { self.last.daysSinceEpoch - self.first.daysSinceEpoch + 1 }

    /// The place of a day in the period, from 0; `nil` for a day outside of it.
    func index(of date: CalendarDate) -> Int? {
        let index = date.daysSinceEpoch - self.first.daysSinceEpoch
        return (0..<self.dayCount).contains(index) ? index : nil
    }

    func day(_ index: Int) -> CalendarDate { CalendarDate(daysSinceEpoch: self.first.daysSinceEpoch + index) }
}
