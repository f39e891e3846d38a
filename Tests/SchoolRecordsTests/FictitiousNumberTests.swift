import Testing

@testable import SchoolRecords

@Suite("A fictitious number is nobody's, and never will be")
struct FictitiousNumberTests {
    /// Every day of 130 years.
    private static let days =
        (CalendarDate(year: 1905, month: 1, day: 1)
            .daysSinceEpoch...CalendarDate(
                year: 2034, month: 12, day: 31
            ).daysSinceEpoch)

    @Test func `no number is one that can be issued, in any form it is written in`() throws {
        let today = CalendarDate(year: 2026, month: 11, day: 29)
        var numbers: Set<String> = []
        for day in Self.days {
            let date = CalendarDate(daysSinceEpoch: day)
            let number = FictitiousNumber.on(date)
            numbers.insert(number)
            let written = [
                number, "\(number.prefix(8))-\(number.suffix(4))", "\(number.dropFirst(2))",
                "\(number.prefix(8).dropFirst(2))-\(number.suffix(4))",
            ]
            for text in written {
                // As personnummer, as samordningsnummer and as a temporary number of the forms in use.
                guard (try? PersonalIdentityNumber(text, today: today)) == nil else {
                    Issue.record("a fictitious number of \(date) is read as somebody's")
                    return
                }
            }
            // Birth numbers are issued from 001.
            let isNeverIssued = number.dropFirst(8).prefix(3) == "000" && FictitiousNumber.isFictitious(number)
            guard isNeverIssued else {
                Issue.record("the birth number of \(date) can be issued")
                return
            }
        }
        #expect(numbers.count == Self.days.count, "one a day")
    }

    @Test func `where the hub writes numbers it is taken, and known for what it is`() throws {
        let rules = IdentityNumberRules(allowsFictitious: true)
        for day in stride(from: Self.days.lowerBound, to: Self.days.upperBound, by: 97) {
            let date = CalendarDate(daysSinceEpoch: day)
            let number = try PersonalIdentityNumber(FictitiousNumber.on(date), rules: rules)
            #expect(number.kind == .fictitious)
            #expect(number.birthDate == date)
            #expect(number.formatted(.digits12) == FictitiousNumber.on(date))
        }
    }

    @Test func `what a municipality's people have isn't taken for one`() {
        for text in ["20130101TF01", "20130101-T001", "", "000", "201301010001a"] {
            #expect(!FictitiousNumber.isFictitious(text))
        }
    }
}
