import SchoolRecords
import Testing

@Suite("Days of the calendar")
struct CalendarDaysTests {
    @Test func `every day of the calendar has its number, one above the day before`() throws {
        var date = CalendarDate(year: 0, month: 1, day: 1)
        var number = date.daysSinceEpoch
        #expect(CalendarDate(year: 1970, month: 1, day: 1).daysSinceEpoch == 0)
        #expect(CalendarDate(year: 2026, month: 8, day: 17).daysSinceEpoch == 20_682)
        var wrong = 0
        while true {
            if date.daysSinceEpoch != number || CalendarDate(daysSinceEpoch: number) != date { wrong += 1 }
            let next =
                CalendarDate(exactYear: date.year, month: date.month, day: date.day + 1)
                ?? CalendarDate(exactYear: date.year, month: date.month + 1, day: 1)
                ?? CalendarDate(exactYear: date.year + 1, month: 1, day: 1)
            guard let next else { break }
            (date, number) = (next, number + 1)
        }
        #expect(wrong == 0)
        #expect(date == CalendarDate(year: 9999, month: 12, day: 31))
        #expect(CalendarDate(daysSinceEpoch: number + 1) == date)
        #expect(CalendarDate(daysSinceEpoch: -1_000_000) == CalendarDate(year: 0, month: 1, day: 1))
    }
}
