import TestChance
import Foundation
import Mapping
import SchoolRecords
import Testing

@Suite("Explanations")
struct ExplainTests {
    private func explanation(
        _ yaml: String, of record: JSONValue = OutboundTests.person, _ lookedUp: [RecordKey: LookedUp] = [:],
        others: [String: String] = [:]
    ) throws -> Explanation {
        let explained = try Files.outbound(yaml, others: others).outbound().explain(record, today: today, lookedUp: lookedUp)
        guard case .explanation(let explanation) = explained else { throw Unexpected("the mapping needs other records") }
        return explanation
    }

    @Test func `a field is explained by path, place in the record, transforms, table row and rule`() throws {
        let explanation = try self.explanation(
            """
            rows:
              - kind: user
                key: id
                fields:
                  id: {from: id, required: true}
                  mail: {from: "emails[type = Skola elev].value", transform: [upper, {limit: 2}]}
                  form:
                    from: enrolments[current].schoolType
                    lookup: {table: forms, find: code, give: name}
            """, others: ["codes/forms.csv": "code,name\nFS,förskola\nGR,grundskola\n"])
        let row = try #require(explanation.rows.first)
        #expect(row.outcome == .made && row.key == "p1" && row.rule == "out/person.yaml:2")
        let mail = row.fields[1]
        #expect(mail.source == "emails[type = Skola elev].value" && mail.found == ["emails[1].value"])
        #expect(mail.steps.map(\.rule) == ["upper", "limit: 2"] && mail.steps.map(\.value) == ["E1@ELEV.EXAMPLE", "E1"])
        #expect(mail.value == "E1" && mail.rule == "out/person.yaml:6:7")
        let form = row.fields[2]
        #expect(form.found == ["enrolments[1].schoolType"] && form.value == "grundskola")
        #expect(form.steps.map(\.row) == ["codes/forms.csv:3"])
    }

    @Test func `what isn't there is explained by the condition, the list or the record that is the cause`() throws {
        let explanation = try self.explanation(
            """
            let:
              word: {constant: staff}
            rows:
              - {kind: a, key: id, when: [id exists, word = pupil], fields: {id: {from: id, required: true}}}
              - {kind: b, key: id, each: {place: "addresses[type = Folkbokföring]"}, fields: {id: {from: id, required: true}}}
              - kind: c
                key: [from, to]
                each: {responsible: "responsibles[relationType = Vårdnadshavare]"}
                fields:
                  from: {from: responsible.person->civicNo.value, required: row}
                  to: {from: id, required: true}
              - {kind: d, key: id, fields: {id: {from: middleName, required: row}}}
            """, [RecordKey(.person, "g1"): .missing, RecordKey(.person, "g2"): .withheld])
        #expect(explanation.names.map(\.value) == ["staff"])
        #expect(explanation.rows.map(\.kind) == ["a", "b", "c", "c", "d"])
        #expect(explanation.rows.allSatisfy { $0.outcome == .leftOut })
        #expect(explanation.rows.map { $0.reason?.code } == ["when", "empty-list", "waits", "withheld", "no-value"])
        #expect(
            explanation.rows.map { $0.reason?.what }
                == ["word = pupil", "addresses[type = Folkbokföring]", "person/g1", "person/g2", "id"])
        #expect(explanation.rows[2].at == ["responsible": "responsibles[0]"])
        #expect(explanation.waitsFor == ["person/g1"] && explanation.withheld == ["person/g2"])
    }

    @Test func `a record that isn't for the system is explained by the file's condition`() throws {
        let explanation = try self.explanation(
            """
            when: givenName = Annan
            rows: [{kind: a, key: id, fields: {id: {from: id, required: true}}}]
            """)
        #expect(explanation.outcome == .notForSystem)
        #expect(explanation.reason?.code == "when" && explanation.reason?.what == "givenName = Annan")
        #expect(explanation.reason?.place == "out/person.yaml:1")
    }

    @Test func `a failure is explained up to the field that fails`() throws {
        let explanation = try self.explanation(
            """
            rows:
              - kind: user
                key: id
                fields:
                  id: {from: id, required: true}
                  middle: {from: middleName, required: true}
            """)
        #expect(explanation.outcome == .failed && explanation.failure?.code == "mandatory-missing")
        #expect(explanation.failure?.place == "out/person.yaml:6:7")
        #expect(explanation.rows.first?.fields.map(\.name) == ["id", "middle"])
    }

    @Test func `a source's document is explained with the elements of its lists`() throws {
        let mapping = try Files.inbound(
            """
            fields:
              id: {from: number, required: true}
              givenName: {from: first, required: true}
              familyName: {from: last, required: true}
              emails:
                each: {mail: mails}
                fields: {value: {from: mail, required: row}}
            """
        ).inbound()
        let explanation = mapping.explain(
            ["number": "7", "first": "Prov", "last": "Provsson", "mails": ["a@post.example", "b@post.example"]], today: today)
        #expect(explanation.fields.map(\.name) == ["id", "givenName", "familyName", "emails.value", "emails.value"])
        #expect(explanation.fields.map(\.found) == [["number"], ["first"], ["last"], ["mails[0]"], ["mails[1]"]])
    }

    /// The explanation is told by the evaluation that makes the rows: it can't say anything else.
    @Test func `explanations and results are the same for any record`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let set = try #require(MappingSet.load(directory: Files.directory).set)
        for round in 0..<2_000 {
            let entity = Entity.allCases[round % Entity.allCases.count]
            guard let mapping = set.outbound(system: "unikum", entity: entity) else { continue }
            let record = RandomDocument.of(.object(entity.shape), &random)
            var lookedUp: [RecordKey: LookedUp] = [:]
            while true {
                let explained = mapping.explain(record, today: today, lookedUp: lookedUp)
                do {
                    switch (try mapping.apply(record, today: today, lookedUp: lookedUp), explained) {
                    case (.needs(let left), .needs(let right)):
                        #expect(left == right, "seed \(seed)")
                        for key in left {
                            lookedUp[key] = [.missing, .withheld, .found(RandomDocument.of(.object(key.entity.shape), &random))]
                                .randomElement(using: &random)
                        }
                        continue
                    case (.rows(let projection), .explanation(let explanation)):
                        let made = explanation.rows.filter { $0.outcome == .made }
                        #expect(made.map(\.kind) == projection.rows.map(\.kind), "seed \(seed)")
                        #expect(made.map(\.key) == projection.rows.map(\.key), "seed \(seed)")
                        for (row, explained) in zip(projection.rows, made) {
                            let values = explained.fields.compactMap { field in field.value.map { (field.name, $0) } }
                            #expect(Dictionary(values) { first, _ in first } == row.fields, "seed \(seed)")
                        }
                        #expect(explanation.failure == nil, "seed \(seed)")
                        let hidden = try String(decoding: JSONEncoder().encode(explanation.withoutValues()), as: UTF8.self)
                        let ids = Set(lookedUp.keys.map(\.id))
                        let secrets = RandomDocument.texts(in: record).filter { !ids.contains($0) }
                        #expect(!secrets.contains(where: hidden.contains), "seed \(seed)")
                    default: Issue.record("the results are of different kinds; seed \(seed)")
                    }
                } catch let error as MappingFailure {
                    guard case .explanation(let explanation) = explained else {
                        Issue.record("the failure isn't explained; seed \(seed)")
                        break
                    }
                    #expect(explanation.failure?.message == error.message, "seed \(seed)")
                }
                break
            }
        }
    }
}
