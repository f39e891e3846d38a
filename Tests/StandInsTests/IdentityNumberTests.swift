import Foundation
import SchoolRecords
import StandIns
import Testing

@Suite struct `Identity numbers of synthetic people` {
    /// Made so that they can't be anybody's: birth number 000 is never issued.
    static func list() throws -> [String] {
        let plain = try `A synthetic municipality`.small()
        var dates: [String] = []
        for person in try plain.documents(of: .person) {
            guard let date = person["civicNo"]?["value"]?.stringValue?.prefix(8) else { continue }
            dates.append("\(date)0000")
        }
        return dates
    }

    @Test func `numbers of a list go to people with their birth date and sex, each once`() throws {
        let list = try Self.list()
        let with = try SyntheticMunicipality(
            scale: .small, seed: 7, identityNumbers: list + ["", "  "], today: `A synthetic municipality`.today)
        let without = try `A synthetic municipality`.small()
        var given: Set<String> = []
        for (person, plain) in zip(try with.documents(of: .person), try without.documents(of: .person)) {
            let number = try #require(person["civicNo"]?["value"]?.stringValue)
            #expect(person["id"] == plain["id"] && person["familyName"] == plain["familyName"])
            guard Int(number) != nil else { continue }
            #expect(list.contains(number))
            #expect(given.insert(number).inserted || list.count { $0 == number } > 1)
            #expect(number.prefix(8) == plain["civicNo"]?["value"]?.stringValue?.prefix(8) ?? "")
            // The digit before the last is even: a woman's.
            #expect(person["sex"] != "Man")
        }
        #expect(with.census.listedNumbers > 20)
        #expect(with.census.listedNumbers + with.census.temporaryNumbers == without.census.temporaryNumbers)
    }

    @Test(arguments: ["19900101", "19900101-0000", "199001010000x", "1990010100001"])
    func `a line that is no 12 digits is refused, and named by its place only`(line: String) throws {
        let error = #expect(throws: StandInError.self) {
            try SyntheticMunicipality(scale: .small, seed: 1, identityNumbers: ["", line], today: "2026-10-01")
        }
        #expect(error?.message.contains("line 2") ?? false)
        #expect(!(error?.message.contains("1990") ?? true))
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["KNUTPUNKT_IDENTITY_NUMBERS"] != nil))
    func `of the official list every number used is on the list`() throws {
        let path = try #require(ProcessInfo.processInfo.environment["KNUTPUNKT_IDENTITY_NUMBERS"])
        let list = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        let official = Set(list)
        let municipality = try SyntheticMunicipality(
            scale: .lulea, seed: 3, identityNumbers: list, today: "2026-10-01")
        var used: Set<String> = []
        for number in try Self.numbers(of: municipality) where Int(number) != nil {
            #expect(official.contains(number))
            #expect(used.insert(number).inserted)
        }
        #expect(used.count == municipality.census.listedNumbers)
        #expect(used.count > 3000)
    }

    @Test func `without a list nobody in the whole municipality has 12 digits`() throws {
        let numbers = try Self.numbers(of: lulea.get())
        #expect(numbers.count == (try lulea.get().records(of: .person).count))
        #expect(Set(numbers).count == numbers.count)
        #expect(!numbers.contains { Int($0) != nil })
    }

    /// The numbers as they stand in the documents' text.
    static func numbers(of municipality: SyntheticMunicipality) throws -> [String] {
        let before = Data(#""civicNo":{"value":""#.utf8)
        return try municipality.records(of: .person).map { record in
            let data = record.data
            let range = try #require(data.range(of: before))
            return String(decoding: data[range.upperBound..<range.upperBound + 12], as: UTF8.self)
        }
    }
}
