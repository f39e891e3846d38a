import Mapping
import SchoolRecords
import Testing

@Suite("What systems may fetch is checked like the rest")
struct ProvisionTests {
    private func lines(_ text: String) -> [String] {
        MappingSet.load([MappingFile(path: "library/provide.yaml", text: text)]).diagnostics.map(\.description)
    }

    private static let good = """
        purpose: {sv: Låntagare, en: Borrowers}
        school_types: [GR]
        entities:
          person:
            fields:
              - givenName
              - familyName
              - enrolments.enroledAt
          group:
            purpose: Classes
            fields: [displayName, startDate, groupType, organisation, groupMemberships]
        """

    @Test func `a file gives what it names, and stands in the register of who gets what`() throws {
        #expect(self.lines(Self.good) == [])
        let set = try #require(MappingSet.load([MappingFile(path: "library/provide.yaml", text: Self.good)]).set)
        let provision = try #require(set.provisions["library"])
        #expect(provision.entities == [.person, .group] && provision.isLimited)
        let fields = try #require(provision.fields(of: .person))
        #expect(fields.has("givenName", of: Entity.person.shape) && fields.has("enrolments.enroledAt", of: Entity.person.shape))
        #expect(
            !fields.has("enrolments.startDate", of: Entity.person.shape) && !fields.has("enrolments", of: Entity.person.shape))
        #expect(!fields.has("civicNo", of: Entity.person.shape) && provision.fields(of: .duty) == nil)
        #expect(provision.fields(of: .group)?.has("groupMemberships.person", of: Entity.group.shape) == true)
        let uses = set.fieldUses
        #expect(uses.allSatisfy { $0.direction == FieldUse.provided && $0.system == "library" })
        #expect(uses.map(\.field).contains("enrolments.enroledAt.id"))
        let name = try #require(uses.first { $0.field == "givenName" })
        #expect(name.rule == "library/provide.yaml:6" && name.isPersonal && name.purpose?.sv == "Låntagare")
        #expect(name.conditions == ["school_types in GR"])
        #expect(uses.first { $0.kind == "group" }?.purpose?.en == "Classes")
    }

    @Test(
        arguments: [
            (
                "entities:\n  person: {fields: [givenNam, familyName, givenName], purpose: x}\n",
                "2:21: error: unknown field 'givenNam' of a person; did you mean 'givenName'?"
            ),
            ("entities:\n  persons: {fields: [givenName]}\n", "2:3: error: unknown entity 'persons'"),
            ("entities:\n  rolegrant: {fields: [role]}\n", "2:3: error: unknown entity 'rolegrant'"),
            (
                "entities:\n  person: {field: [givenName]}\n",
                "2:12: error: unknown key 'field' in 'person'; did you mean 'fields'?"
            ),
            ("entities:\n  person: [givenName]\n", "2:11: error: an entity is a mapping with 'fields'"),
            ("entities:\n  person: {fields: []}\n", "error: 'fields' is missing"),
            ("person: {}\n", "1:1: error: unknown key 'person' in provide.yaml"),
            ("purpose: x\n", "error: 'entities' is missing"), ("- x\n", "error: provide.yaml is a mapping, not a list"),
            (
                "school_types: [GRUND]\nentities:\n  group: {fields: [displayName]}\n",
                "1:16: error: unknown school type 'GRUND'"
            ),
            ("school_units: x\nentities:\n  group: {fields: [displayName]}\n", "1:15: error: 'school_units' is a list of texts"),
            (
                "entities:\n  group: {fields: [organisation.displayName]}\n",
                "2:33: error: 'organisation' refers to another record"
            ),
            (
                "purpose: x\nentities:\n  group: {fields: [displayName]}\n",
                "warning: the standard demands groupType, organisation, startDate of every group"
            ),
            (
                "purpose: x\nentities:\n  room: {fields: [displayName, owner, id]}\n",
                "3:39: warning: 'id' is always provided; leave it out"
            ),
            (
                "purpose: x\nentities:\n  person: {fields: [givenName, familyName, enrolments, enrolments.schoolType]}\n",
                "warning: 'enrolments.schoolType' and 'enrolments' name the same field"
            ),
            (
                "entities:\n  person: {fields: [givenName, familyName]}\n",
                "warning: personal data is provided, and the file says no purpose; write purpose: …"
            ),
        ])
    func `what is wrong is told with its place`(_ text: String, _ expected: String) {
        let lines = self.lines(text)
        #expect(lines.contains { $0.hasPrefix("library/provide.yaml:") && $0.contains(expected) }, "\(lines)")
    }
}
