import Mapping
import SchoolRecords
import Testing

@Suite("Examples in mapping files")
struct ExampleTests {
    private static let outbound = """
        rows:
          - kind: k
            key: id
            fields:
              id: {from: id, required: true}
              name: givenName
          - kind: g
            each: {responsible: responsibles}
            key: x
            fields: {x: {from: responsible.person->civicNo.value, required: row}}
        examples:

        """

    private func outbound(_ example: String) throws -> ExampleResult {
        let set = Files.outbound(Self.outbound + example)
        let results = try #require(set.set, "\(set.lines)").runExamples()
        return try #require(results.first)
    }

    @Test(
        arguments: [
            ("- {input: {id: p, givenName: Prov, familyName: P}, output: [{k: {id: p, name: Prov}}]}", nil),
            (
                "- {input: {id: p, givenName: Prov, familyName: P}, output: [{k: {id: p, name: Nej}}]}",
                "row 1 (k): name: expected \"Nej\", found \"Prov\""
            ),
            (
                "- {input: {id: p, givenName: Prov, familyName: P}, output: [{k: {id: p}}]}",
                "row 1 (k): name: expected nothing, found \"Prov\""
            ),
            ("- {input: {id: p, givenName: Prov, familyName: P}, output: []}", "expected 0 rows, found 1: k"),
            ("- {input: {id: p, givenName: Prov, familyName: P}, output: [{g: {x: 1}}]}", "row 1: expected g, found k"),
            (
                "- {input: {id: p, givenName: Prov, familyName: P}, failure: mandatory-missing}",
                "gave rows, and the failure mandatory-missing was expected"
            ),
            ("- {input: {id: p}, output: []}", "the example's input is no valid record: The person's givenName is missing."),
            (
                "- {input: {id: p, givenName: Prov, familyName: P, responsibles: [{person: {id: g}}]}, output: []}",
                "needs person/g; give them under looked_up, or say missing or withheld there"
            ),
            (
                "- {input: {id: p, givenName: Prov, familyName: P, responsibles: [{person: {id: g}}]}, looked_up: {person/g: missing}, waits_for: [], output: [{k: {id: p, name: Prov}}]}",
                "expected to wait for nothing, waits for person/g"
            ),
            (
                "- {input: {id: p, givenName: Prov, familyName: P, responsibles: [{person: {id: g}}]}, looked_up: {person/g: withheld}, withheld: [person/g], output: [{k: {id: p, name: Prov}}]}",
                nil
            ),
        ] as [(String, String?)])
    func `an example of rows passes or says what differs`(example: String, difference: String?) throws {
        let result = try self.outbound(example)
        #expect(result.difference == difference)
        #expect(result.passed == (difference == nil))
        #expect(result.file == "out/person.yaml" && result.line == 12)
    }

    @Test(
        arguments: [
            (
                "{input: {id: g, n: 7A, at: s}, output: {id: g, displayName: 7A, groupType: Klass, organisation: {id: s}, startDate: 2026-01-01}}",
                nil
            ),
            (
                "{input: {id: g, n: 7A, at: s}, output: {id: g, displayName: 7B, groupType: Klass, organisation: {id: s}, startDate: 2026-01-01}}",
                "displayName: expected \"7B\", found \"7A\""
            ),
            ("{input: {id: g, at: s}, failure: mandatory-missing}", nil),
            (
                "{input: {id: g, at: s}, failure: bad-value}",
                "failed with mandatory-missing, not bad-value: in/group.yaml:3: displayName is required and has no value."
            ),
            (
                "{input: {id: g, n: 7A, at: s, t: Nej}, output: {id: g, displayName: 7A, groupType: Nej, organisation: {id: s}, startDate: 2026-01-01}}",
                "the result is no valid record: The group's groupType is no value of GroupTypesEnum."
            ),
        ] as [(String, String?)])
    func `an example of a record is held against the model too`(example: String, difference: String?) throws {
        let load = Files.inbound(
            """
            fields:
              id: {from: id, required: true}
              displayName: {from: n, required: true}
              groupType: {from: t, default: Klass}
              organisation.id: {from: at, required: true}
              startDate: {constant: 2026-01-01}
            examples:
              - \(example)
            """, entity: .group)
        let set = try #require(load.set, "\(load.lines)")
        #expect(set.runExamples().map(\.difference) == [difference])
    }
}
