import SchoolRecords

/// A day named by where it stands to the day of the run: `today + 30 days`, `school_year_end`.
struct RelativeDay: Sendable, Hashable {
    enum Base: String, Sendable, CaseIterable {
        case today
        /// July 1, on or before the day: the Swedish school year runs to June 30 (Skolförordningen 3 kap. 2 §).
        case schoolYearStart = "school_year_start"
        /// June 30, on or after the day.
        case schoolYearEnd = "school_year_end"
    }

    let base: Base
    /// Days after it; before it when negative.
    let days: Int

    static let today = RelativeDay(base: .today, days: 0)

    func date(on today: CalendarDate) -> CalendarDate {
        let base =
            switch self.base {
            case .today: today
            case .schoolYearStart: today.schoolYear.start
            case .schoolYearEnd: today.schoolYear.end
            }
        return self.days == 0 ? base : base.adding(days: self.days)
    }
}

extension RelativeDay {
    /// `today`, `school_year_end`, either with `+ 30 days` or `- 1 day` after it; `nil` for any other text.
    init?(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        guard let base = words.first.flatMap(Base.init(rawValue:)) else { return nil }
        if words.count == 1 {
            self.init(base: base, days: 0)
            return
        }
        guard words.count == 4, words[1] == "+" || words[1] == "-", words[3] == "days" || words[3] == "day",
            let count = Int(words[2]), (0...100_000).contains(count)
        else { return nil }
        self.init(base: base, days: words[1] == "+" ? count : -count)
    }
}

extension CalendarDate {
    /// The school year that the day lies in.
    var schoolYear: (start: CalendarDate, end: CalendarDate) {
        let first = self.month >= 7 ? self.year : self.year - 1
        return (CalendarDate(year: first, month: 7, day: 1), CalendarDate(year: first + 1, month: 6, day: 30))
    }

    /// So many days later; held within the years 0 to 9999.
    func adding(days: Int) -> CalendarDate { CalendarDate(daysSinceEpoch: self.daysSinceEpoch + days) }
}
