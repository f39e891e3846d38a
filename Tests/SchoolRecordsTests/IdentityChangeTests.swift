import SchoolRecords
import Testing

@Suite("IdentityChange")
struct IdentityChangeTests {
    private func person(_ id: Int, _ number: String?, nationality: String? = nil) throws -> Person {
        var record = Samples.person
        record["id"] = .string(Samples.id(id))
        record["civicNo"] = number.map { ["value": .string($0), "nationality": nationality.map(JSONValue.string) ?? .null] }
        return try Person(json: record)
    }

    @Test func `another number of the same person is a change that names both`() throws {
        let before = try self.person(20, "20130101TF01")
        let after = try self.person(20, "20130101TF02")
        let change = try #require(
            IdentityChange(id: "c", from: before, to: after, date: CalendarDate(year: 2026, month: 8, day: 17)))
        #expect(change.changeType == .numberChanged)
        #expect(change.person.id == Samples.id(20))
        #expect(change.formerCivicNo?.value == "20130101TF01")
        #expect(change.civicNo?.value == "20130101TF02")
        #expect(change.formerPerson == nil)
        #expect(try SchoolRecord.validate(.identityChange, change.json) == change.json)
        #expect(SchoolRecord.subject(.identityChange, change.json) == RecordKey(.person, Samples.id(20)))
        #expect(
            RecordReferences.of(.identityChange, change.json).map(\.path) == ["person"])
    }

    @Test func `another spelling, a first number and a lost one are no change`() throws {
        let before = try self.person(20, "20130101TF01")
        for after in [
            try self.person(20, "20130101-tf01"), try self.person(20, "20130101TF01", nationality: "SE"),
            try self.person(20, nil), try self.person(21, "20130101TF02"),
        ] {
            #expect(IdentityChange(id: "c", from: before, to: after) == nil)
        }
        #expect(IdentityChange(id: "c", from: try self.person(20, nil), to: before) == nil)
        #expect(IdentityChange(id: "c", from: before, to: try self.person(20, "20130101TF01", nationality: "NO")) != nil)
    }

    @Test func `a merge names who goes and who stays`() throws {
        let former = try self.person(20, "20130101TF01")
        let remaining = try self.person(21, "20130101TF02")
        let change = try #require(IdentityChange(id: "c", merging: former, into: remaining))
        #expect(change.changeType == .personsMerged)
        #expect(change.person.id == remaining.id)
        #expect(change.formerPerson?.id == former.id)
        #expect(IdentityChange(id: "c", merging: former, into: former) == nil)
        #expect(RecordReferences.of(.identityChange, change.json).map(\.path) == ["formerPerson", "person"])
    }
}
