import Foundation
import SchoolRecords
import StandIns
import Testing

/// One municipality of the real size, made once for all its tests.
let lulea = Result { try SyntheticMunicipality(scale: .lulea, seed: 2022, today: "2026-10-01") }

@Suite struct `A municipality of the real size` {
    @Test func `has the children and staff of the report exactly, and everything else in proportion`() throws {
        let census = try lulea.get().census
        #expect(census.preschoolChildren == 3125)
        #expect(census.compulsoryPupils == 8937)
        #expect(census.upperSecondaryPupils == 2341)
        #expect(census.children == 14_403)
        #expect(census.staff == 2750)
        #expect((23_000...25_000).contains(census.guardians))
        #expect((100...1500).contains(census.staffWhoAreGuardians))
        #expect(census.compulsorySchools == 38)
        #expect(census.upperSecondarySchools == 1)
        #expect((1200...1400).contains(census.groups))
        #expect((2900...3300).contains(census.duties))
        #expect(census.preschoolPlacements == 3125)
        #expect((3000...6000).contains(census.afterSchoolPlacements))
        #expect((8...30).contains(census.protectedPersons))
    }
}
