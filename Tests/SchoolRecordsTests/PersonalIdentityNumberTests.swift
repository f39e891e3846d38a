import TestChance
import Foundation
import SchoolRecords
import Testing

@Suite("PersonalIdentityNumber")
struct PersonalIdentityNumberTests {
    static let today = CalendarDate(year: 2026, month: 9, day: 1)
    static let testData = IdentityNumberRules(allowsTestNumbers: true)

    /// Birth number 000, which is never issued: belongs to nobody. The check digit is found by trying.
    static func unissued(_ date: String) throws -> PersonalIdentityNumber {
        let found = (0...9).compactMap { try? PersonalIdentityNumber("\(date)000\($0)", rules: Self.testData) }
        try #require(found.count == 1)
        return found[0]
    }

    @Test func `a temporary number needs no check digit`() throws {
        let number = try PersonalIdentityNumber("20130101TF01")
        #expect(number.kind == .temporary)
        #expect(number.formatted(.digits12) == "20130101TF01")
        #expect(number.formatted(.hyphenated12) == "20130101-TF01")
        #expect(try PersonalIdentityNumber("20130101-tf01") == number)
        #expect(try PersonalIdentityNumber("130101-TF01", today: Self.today) == number)
        #expect(try PersonalIdentityNumber("20130101T001").kind == .temporary)
    }

    @Test func `of a temporary number nothing is held against the calendar or a check digit`() throws {
        for text in ["20131301TF01", "20130231TF99", "20130000T000", "20130160TF01"] {
            #expect(try PersonalIdentityNumber(text).kind == .temporary)
        }
        // A form of digits alone can be set too; then what breaks the national rules is temporary instead.
        let digits = IdentityNumberRules(temporaryForms: ["9999"])
        #expect(try PersonalIdentityNumber("201313010000", rules: digits).kind == .temporary)
        #expect(throws: IdentityNumberError(reason: .date)) { try PersonalIdentityNumber("201313010000") }
    }

    @Test func `which temporary forms count is set per system`() throws {
        #expect(throws: IdentityNumberError(reason: .form)) { try PersonalIdentityNumber("20130101TFAB") }
        let rules = IdentityNumberRules(temporaryForms: ["AAXX"])
        #expect(try PersonalIdentityNumber("20130101TFAB", rules: rules).kind == .temporary)
        #expect(throws: IdentityNumberError.self) { try PersonalIdentityNumber("20130101T001", rules: rules) }
        #expect(IdentityNumberRules.isForm("AA99"))
        #expect(!IdentityNumberRules.isForm("TF99"))
    }

    @Test func `birth number 000 counts only when told that it is test data`() throws {
        let number = try Self.unissued("20130101")
        #expect(number.kind == .personnummer)
        #expect(throws: IdentityNumberError(reason: .birthNumber)) {
            try PersonalIdentityNumber(number.formatted(.digits12))
        }
    }

    @Test func `a wrong check digit is refused`() throws {
        let number = try Self.unissued("20130101").formatted(.digits12)
        let last = try #require(number.last?.wholeNumberValue)
        #expect(throws: IdentityNumberError(reason: .checkDigit)) {
            try PersonalIdentityNumber("\(number.dropLast())\((last + 1) % 10)", rules: Self.testData)
        }
    }

    @Test func `a coordination number isn't held against the calendar, and day 60 is a day`() throws {
        #expect(try Self.unissued("20130160").kind == .coordinationNumber)
        #expect(try Self.unissued("20130291").kind == .coordinationNumber)
        #expect(try Self.unissued("19900661").kind == .coordinationNumber)
    }

    @Test(arguments: ["20130231", "20130132", "20130100", "20131301", "20130192", "20131361", "20130061"])
    func `a day that can't be is refused`(date: String) {
        for digit in 0...9 {
            #expect(throws: IdentityNumberError(reason: .date)) {
                try PersonalIdentityNumber("\(date)000\(digit)", rules: Self.testData)
            }
        }
    }

    @Test func `plus stands from the year when the person turns a hundred`() throws {
        let old = try Self.unissued("19260915")
        #expect(old.formatted(.hyphenated10(today: Self.today)).contains("+"))
        let younger = try Self.unissued("19270101")
        #expect(younger.formatted(.hyphenated10(today: Self.today)).contains("-"))
        for number in [old, younger, try Self.unissued("20260101")] {
            let short = number.formatted(.hyphenated10(today: Self.today))
            #expect(try PersonalIdentityNumber(short, today: Self.today, rules: Self.testData) == number)
        }
    }

    @Test func `ten digits without a day to tell the century by are refused`() {
        #expect(throws: IdentityNumberError(reason: .centuryUnknown)) { try PersonalIdentityNumber("130101-TF01") }
    }

    @Test(arguments: [
        "", "x", "2013", "20130101", "20130101TF1", "20130101/TF01", "2013010ÅTF01", "20130101TF012", "TF01-20130101",
    ])
    func `another form is refused`(text: String) {
        #expect(throws: IdentityNumberError(reason: .form)) { try PersonalIdentityNumber(text, today: Self.today) }
    }

    @Test func `every form of many numbers reads back as the same number`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let date = CalendarDate(
                year: .random(in: 1930...2025, using: &random), month: .random(in: 1...12, using: &random),
                day: .random(in: 1...31, using: &random))
            let compact = date.description.filter { $0 != "-" }
            let temporary = try PersonalIdentityNumber("\(compact)TF\(Int.random(in: 10...99, using: &random))")
            for number in [try Self.unissued(compact), temporary] {
                for format: PersonalIdentityNumber.Format in [
                    .digits12, .hyphenated12, .digits10, .hyphenated10(today: Self.today),
                ] {
                    let again = try PersonalIdentityNumber(number.formatted(format), today: Self.today, rules: Self.testData)
                    #expect(again == number, "seed \(seed)")
                    #expect(again.kind == number.kind, "seed \(seed)")
                }
            }
        }
    }

    @Test func `neither description nor dump nor error shows the number`() throws {
        let number = try PersonalIdentityNumber("20130101TF01")
        var dumped = ""
        dump(number, to: &dumped)
        for text in ["\(number)", String(reflecting: number), dumped, "\([number])"] {
            #expect(!text.contains("TF01") && !text.contains("2013"))
        }
        #expect("\(number)" == "<temporary>")
        do {
            _ = try PersonalIdentityNumber("20130101QQ")
        } catch {
            #expect(!"\(error)".contains("2013"))
        }
    }

    /// The official list of test numbers stays outside of the project; with a path to it, every number on it is tried.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["KNUTPUNKT_IDENTITY_NUMBERS"] != nil))
    func `every officially listed test number is valid in every form`() throws {
        let path = try #require(ProcessInfo.processInfo.environment["KNUTPUNKT_IDENTITY_NUMBERS"])
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline)
        var bad = 0
        var wrongReasons = 0
        for line in lines {
            guard let number = try? PersonalIdentityNumber(line), number.kind == .personnummer,
                number.formatted(.digits12) == String(line),
                (try? PersonalIdentityNumber(number.formatted(.hyphenated12))) == number,
                (try? PersonalIdentityNumber(number.formatted(.hyphenated10(today: Self.today)), today: Self.today)) == number
            else { bad += 1; continue }
            // The same with another last digit is nobody's number.
            let last = line.utf8.last.map { Int($0 - UInt8(ascii: "0")) } ?? 0
            do throws(IdentityNumberError) {
                _ = try PersonalIdentityNumber("\(line.dropLast())\((last + 1) % 10)")
                wrongReasons += 1
            } catch {
                if error.reason != .checkDigit { wrongReasons += 1 }
            }
        }
        print("\(lines.count) listed numbers tried")
        #expect(lines.count > 1000)
        #expect(wrongReasons == 0)
        #expect(bad == 0)
    }
}
