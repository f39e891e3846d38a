import Foundation
import SchoolRecords
import Testing

@testable import Hub

@Suite("Fictitious identities can't be guessed and never meet")
struct FictitiousIdentityTests {
    private static let key = HubKey(material: Data(repeating: 1, count: 32))
    private static let other = HubKey(material: Data(repeating: 2, count: 32))

    private func identity(_ person: Int, _ key: HubKey = Self.key, round: Int = 0) -> FictitiousIdentity {
        FictitiousIdentity(
            of: RecordKey(.person, Documents.id(person)), key: key, birthYear: 2013,
            avoiding: CalendarDate(year: 2013, month: 1, day: 1), round: round)
    }

    @Test func `always the same with the same key, and another with another`() {
        var same = 0
        for person in 0..<500 {
            #expect(self.identity(person) == self.identity(person))
            if self.identity(person).number == self.identity(person, Self.other).number { same += 1 }
        }
        // By chance one of 365.
        #expect(same < 12)
    }

    @Test func `never the real birth date, never anybody's number`() throws {
        for person in 0..<2_000 {
            let number = self.identity(person).number
            #expect(!number.hasPrefix("20130101"))
            #expect(number.hasPrefix("2013") && FictitiousNumber.isFictitious(number))
            #expect(throws: (any Error).self) { try PersonalIdentityNumber(number) }
        }
    }

    @Test func `when a number is taken another is chosen, and the name stays`() {
        let first = self.identity(7)
        let second = self.identity(7, round: 1)
        #expect(first.number != second.number)
        #expect(first.givenName == second.givenName && first.familyName == second.familyName)
    }

    @Test func `nobody gets a number that somebody has`() async throws {
        try await TestHub.with { hub in
            var numbers: Set<String> = []
            var kept = 0
            // More than a year has days: choices meet.
            for person in 0..<300 {
                for round in 0..<5_000 {
                    let identity = self.identity(person, hub.key, round: round)
                    guard try await hub.store.keep(identity) else { continue }
                    numbers.insert(identity.number)
                    kept += 1
                    break
                }
            }
            #expect(kept == 300 && numbers.count == 300)
            #expect(try await hub.store.fictitiousIdentities().count == 300)
        }
    }
}
