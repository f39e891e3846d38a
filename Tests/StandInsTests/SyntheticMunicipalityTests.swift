import Foundation
import SchoolRecords
import StandIns
import Testing

@Suite struct `A synthetic municipality` {
    static let today = "2026-10-01"

    static func small(seed: UInt64 = 7) throws -> SyntheticMunicipality {
        try SyntheticMunicipality(scale: .small, seed: seed, today: Self.today)
    }

    @Test func `the same seed gives the same people, byte for byte`() throws {
        let first = try Self.small()
        #expect(try Self.small().fingerprint == first.fingerprint)
        #expect(try Self.small(seed: 8).fingerprint != first.fingerprint)
        let later = try SyntheticMunicipality(scale: .small, seed: 7, today: "2026-10-02")
        #expect(later.fingerprint != first.fingerprint)
    }

    @Test func `the numbers of people do not depend on the seed`() throws {
        for seed: UInt64 in [1, 2, 3, 99] {
            let census = try Self.small(seed: seed).census
            #expect(census.children == 120, "seed \(seed)")
            #expect(census.staff == 30, "seed \(seed)")
            #expect(census.preschools == 1 && census.compulsorySchools == 1 && census.upperSecondarySchools == 1)
            #expect(census.protectedPersons == 4, "seed \(seed)")
            #expect(census.afterSchoolPlacements > 0 && census.preschoolPlacements == 30)
            #expect(census.listedNumbers == 0)
            #expect(census.temporaryNumbers == census.children + census.staff + census.guardians)
        }
    }

    @Test func `a scale of one's own keeps the proportions and the exact number of children`() throws {
        for children in [3, 10, 1000, 3001] {
            let census = try SyntheticMunicipality(scale: .custom(children: children), seed: 5, today: Self.today)
                .census
            #expect(census.children == children)
        }
        #expect(
            try SyntheticMunicipality(scale: .custom(children: -4), seed: 5, today: Self.today).census.children == 3)
    }

    @Test(arguments: ["2026-02-30", "i dag", "20261001", "2026-1-1", ""])
    func `a day that is none is refused`(day: String) throws {
        #expect(throws: StandInError.self) { try SyntheticMunicipality(scale: .small, seed: 1, today: day) }
    }

    @Test func `a protected person is called as nobody else is`() throws {
        let municipality = try Self.small()
        let protected = Set(municipality.protectedPersons.map(\.id))
        var markings: Set<String> = []
        for document in try municipality.documents(of: .person) {
            let marking = document["securityMarking"]?.stringValue ?? ""
            let id = document["id"]?.stringValue ?? ""
            #expect((marking != "Ingen") == protected.contains(id))
            if marking != "Ingen" { markings.insert(marking) }
            #expect((document["familyName"]?.stringValue?.hasPrefix("Sekretskog") ?? false) == protected.contains(id))
        }
        #expect(markings == ["Sekretessmarkering", "Skyddad folkbokföring"])
    }
}
