import SchoolRecords
import Testing

@Suite("CalendarDate")
struct CalendarDateTests {
    @Test func `every day of four centuries' turns reads back as itself`() {
        for year in [1899, 1900, 1996, 1999, 2000, 2026, 2100] {
            for month in 1...12 {
                for day in 1...31 {
                    guard let date = CalendarDate(exactYear: year, month: month, day: day) else { continue }
                    #expect(CalendarDate(date.description) == date)
                }
            }
        }
    }

    @Test(arguments: [
        "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-4-01", "20260401", "2026-04-01T", "",
    ])
    func `a day that doesn't exist or another form is refused`(text: String) {
        #expect(CalendarDate(text) == nil)
    }

    @Test func `dates are ordered by time`() throws {
        let dates = try ["2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01"].map { try #require(CalendarDate($0)) }
        #expect(dates == dates.shuffled().sorted())
    }

    @Test func `parts out of range are brought to the nearest day`() {
        #expect(CalendarDate(year: 2026, month: 2, day: 30).description == "2026-02-28")
        #expect(CalendarDate(year: 2024, month: 14, day: 0).description == "2024-12-01")
    }
}
