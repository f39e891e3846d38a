import SchoolRecords
import Testing

@Suite("RecordReferences")
struct RecordReferencesTests {
    private func places(_ entity: Entity) -> [String] {
        RecordReferences.of(entity, Samples.record(of: entity)).map { "\($0.path) \($0.key.entity) \($0.key.id.suffix(2))" }
    }

    @Test func `all references of every entity are found`() {
        #expect(self.places(.organisation) == ["parentOrganisation organisation 11"])
        #expect(
            self.places(.person) == [
                "enrolments[0].enroledAt organisation 10", "enrolments[0].programme programme 90",
                "responsibles[0].person person 21",
            ])
        #expect(
            self.places(.group) == [
                "groupMemberships[0].person person 20", "groupMemberships[1].person person 22", "organisation organisation 11",
            ])
        #expect(
            self.places(.duty) == ["assignmentRole[0].group group 30", "dutyAt organisation 11", "person person 23"])
        #expect(
            self.places(.placement) == [
                "child person 24", "group group 31", "owners[0] person 21", "placedAt organisation 10",
            ])
    }

    @Test(arguments: Entity.allCases)
    func `replaced references keep the new id and nothing else`(entity: Entity) throws {
        let record = Samples.record(of: entity)
        let masked = RecordReferences.replacing(record, entity: entity) { $0.entity == .person ? "dold-\($0.id.suffix(2))" : nil }
        for (before, after) in zip(RecordReferences.of(entity, record), RecordReferences.of(entity, masked)) {
            #expect(before.path == after.path)
            #expect(after.key.id == (before.key.entity == .person ? "dold-\(before.key.id.suffix(2))" : before.key.id))
        }
        if entity == .group {
            #expect(masked["groupMemberships"]?.arrayValue?.first?["person"] == ["id": "dold-20"])
            #expect(masked["groupMemberships"]?.arrayValue?.first?["startDate"] == "2026-08-01")
        }
        if entity == .placement { #expect(masked["owners"] == [["id": "dold-21"]]) }
        #expect(try SchoolRecord.validate(entity, masked) == masked)
    }

    @Test(arguments: Entity.allCases)
    func `replacing nothing changes nothing`(entity: Entity) {
        let record = Samples.record(of: entity)
        #expect(RecordReferences.replacing(record, entity: entity) { _ in nil } == record)
    }
}
