import Mapping
import SchoolRecords
import Testing

@Suite("A mapping as people read it")
struct OutlineTests {
    private static let system = """
        direction: target
        connector: delimited_files
        objects:
          rows: {pupil: [nummer, namn, klass, skola, smeknamn]}
          required: {pupil: [nummer]}
        """
    private static let mapping = """
        purpose: Accounts.
        when: personStatus = Aktiv
        let:
          name:
            first: [{from: givenName, when: sex = Man}, familyName]
            transform: upper
        rows:
          - kind: pupil
            each: {enrolment: "enrolments[current]"}
            when: enrolment.schoolType = GR
            key: nummer
            fields:
              nummer: {from: id, required: true}
              namn: {from: name, default: "?"}
              klass: {template: "{enrolment.schoolYear} {familyName}", when: enrolment.schoolYear exists}
              skola: {from: enrolment.enroledAt->displayName, required: row}
        examples:
          - input: {id: p1, givenName: A, familyName: B, personStatus: Utvandrad}
            output: nothing
        """

    private static func outline(_ text: String = Self.mapping) throws -> MappingOutline {
        let load = MappingSet.load([
            MappingFile(path: "book/system.yaml", text: Self.system), MappingFile(path: "book/person.yaml", text: text),
        ])
        let set = try #require(load.set, "\(load.diagnostics)")
        return try #require(set.outline(system: "book", entity: .person, direction: .target))
    }

    @Test func `each field says what it is made of, under which conditions, and where that stands`() throws {
        let outline = try Self.outline()
        #expect(outline.file == "book/person.yaml" && outline.conditions == ["personStatus = Aktiv"])
        let part = try #require(outline.parts.first)
        #expect(part.kind == "pupil" && part.each == ["enrolment in enrolments[current]"] && part.purpose?.en == "Accounts.")
        #expect(part.conditions == ["enrolment.schoolType = GR"])
        #expect(part.fields.map(\.name) == ["nummer", "namn", "klass", "skola"])
        let (number, name, form, school) = (part.fields[0], part.fields[1], part.fields[2], part.fields[3])
        #expect(number.isKey && number.isMandatory && number.requirement == .record && number.source == "id")
        #expect(number.rule == "book/person.yaml:13:7")
        #expect(name.fallback == "?" && !name.isMandatory && name.requirement == .optional)
        #expect(name.origins.map(\.path) == ["familyName", "givenName"])
        #expect(form.source == "template {enrolment.schoolYear} {familyName}" && form.nature == .derived)
        #expect(form.conditions == ["enrolment.schoolYear exists"])
        #expect(school.requirement == .row && school.origins.map(\.entity) == [.organisation])
    }

    @Test func `names of the file stand by themselves, with the conditions of each alternative`() throws {
        let name = try #require(try Self.outline().names.first)
        #expect(name.name == "name" && name.source == "first givenName when sex = Man | familyName" && name.steps == ["upper"])
    }

    @Test func `places that no rule fills are told, the mandatory ones as such; those of a source by its record`() throws {
        let unset = try Self.outline().unset
        #expect(unset.map(\.name) == ["smeknamn"] && unset.map(\.kind) == ["pupil"] && unset.map(\.isMandatory) == [false])
        let set = try #require(
            MappingSet.load([
                MappingFile(path: "source/system.yaml", text: "direction: source\nconnector: ss12000\n"),
                MappingFile(
                    path: "source/organisation.yaml",
                    text: """
                        fields:
                          id: {from: id, required: true}
                          displayName: {from: name, required: true}
                          organisationType: {constant: Skola}
                        """),
            ]).set)
        let outline = try #require(set.outline(system: "source", entity: .organisation, direction: .source))
        #expect(outline.parts.first?.fields.map(\.isMandatory) == [true, true, true])
        let address = try #require(outline.unset.first { $0.name == "schoolUnitCode" })
        #expect(!address.isMandatory && !outline.unset.contains { $0.name == "displayName" })
        #expect(set.outline(system: "source", entity: .organisation, direction: .target) == nil)
    }
}
