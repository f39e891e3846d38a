import Mapping
import SchoolRecords
import Testing

@Suite("Doubts about mappings, and the register of who gets what")
struct ReviewTests {
    private func warnings(_ yaml: String, entity: Entity = .group, others: [String: String] = [:]) -> [String] {
        Files.outbound("purpose: prov\n" + yaml, entity: entity, others: others).lines
    }

    @Test func `a row whose condition can't hold with the file's is told`() {
        let lines = self.warnings(
            """
            when: groupType in Klass | Avdelning
            rows:
              - {kind: a, key: id, when: groupType = Mentor, fields: {id: {from: id, required: true}}}
            """)
        #expect(
            lines == [
                "out/group.yaml:4:30: warning: this never holds together with 'groupType in Klass | Avdelning', so the rule is never reached"
            ])
    }

    @Test func `an alternative after one that always has a value is told`() {
        let lines = self.warnings(
            """
            rows:
              - kind: a
                key: id
                fields:
                  id: {from: id, required: true}
                  x:
                    first:
                      - {constant: always}
                      - displayName
            """)
        #expect(lines == ["out/group.yaml:10:13: warning: this is never reached: the one before it always has a value"])
    }

    @Test func `a name that nothing uses is told`() {
        let lines = self.warnings(
            """
            let:
              used: {from: displayName}
              spare: {from: displayName}
            rows:
              - {kind: a, key: id, when: used exists, fields: {id: {from: id, required: true}}}
            """)
        #expect(lines == ["out/group.yaml:4:10: warning: nothing uses the name 'spare'"])
    }

    @Test func `a value that the standard doesn't have is told with the nearest`() {
        let lines = self.warnings(
            """
            rows:
              - kind: a
                key: id
                when: groupType = Klas
                fields:
                  id: {from: id, required: true}
            """)
        #expect(
            lines == ["out/group.yaml:5:11: warning: groupType is never 'Klas' in the standard; did you mean 'Klass'?"])
    }

    @Test func `values in filters are held against the standard too`() {
        let lines = self.warnings(
            """
            rows:
              - {kind: a, key: id, fields: {id: {from: id, required: true}, x: "emails[type = Skola elv].value"}}
            """, entity: .person)
        #expect(lines.count == 1 && lines[0].contains("did you mean 'Skola elev'?"))
    }

    @Test func `codes of the standard without a row are listed where a record would fail`() {
        let lines = self.warnings(
            """
            rows:
              - kind: a
                key: id
                fields:
                  id: {from: id, required: true}
                  x: {from: sex, lookup: {table: sexes, find: sex, give: code}}
            """, entity: .person, others: ["codes/sexes.csv": "sex,code\nMan,M\n"])
        #expect(lines.count == 1)
        #expect(lines[0].hasPrefix("out/person.yaml:7:7: warning: codes/sexes.csv has no row in column sex for"))
        #expect(lines[0].contains("Kvinna"))
    }

    @Test func `personal data without a purpose is told, and with one isn't`() {
        let rows = "rows:\n  - {kind: a, key: id, fields: {id: {from: id, required: true}}}\n"
        func lines(_ text: String, _ entity: Entity) -> [String] {
            Files.outbound(text, entity: entity).diagnostics.map(\.message).filter { $0.contains("purpose") }
        }
        #expect(lines(rows, .person) == ["rows of kind a give personal data, and it says no purpose"])
        #expect(lines("purpose: for the tests\n" + rows, .person).isEmpty)
        #expect(lines(rows, .organisation).isEmpty)
        let ofField = "rows:\n  - {kind: a, key: id, fields: {id: {from: id, required: true, purpose: {sv: prov, en: test}}}}\n"
        #expect(lines(ofField, .person).isEmpty)
    }

    @Test func `the register names origin, steps, conditions and purpose of each field`() throws {
        let load = Files.outbound(
            """
            purpose: {sv: för proven, en: for the tests}
            when: personStatus = Aktiv
            rows:
              - kind: link
                key: [from, to]
                each: {responsible: responsibles}
                fields:
                  from: {from: responsible.person->civicNo.value, transform: {identity_number: digits12}, required: row}
                  to: {from: id, required: true, purpose: another}
                  kind: {constant: guardian}
            """)
        let uses = try #require(load.set).fieldUses
        #expect(uses.map(\.field) == ["from", "to", "kind"])
        #expect(uses.map { $0.origins.map(\.path) } == [["civicNo.value"], ["id"], []])
        #expect(uses.map(\.isPersonal) == [true, true, false])
        #expect(uses.map { $0.purpose?.en } == ["for the tests", "another", "for the tests"])
        #expect(uses[0].steps == ["identity_number: digits12"] && uses[0].conditions == ["personStatus = Aktiv"])
        #expect(uses[0].rule == "out/person.yaml:8")
    }

    @Test func `fields that nothing carries are lost, those reached by reference aren't`() throws {
        let load = Files.load([
            "out/system.yaml": Files.target,
            "out/placement.yaml":
                "purpose: p\nrows:\n  - {kind: a, key: n, fields: {n: {from: child->civicNo.value, required: row}}}\n",
            "out/person.yaml": "purpose: p\nrows:\n  - {kind: b, key: n, fields: {n: {from: id, required: true}}}\n",
        ])
        let set = try #require(load.set)
        let lost = set.lostFields(system: "out", entity: .person, direction: .target)
        #expect(!lost.contains("civicNo.value") && !lost.contains("id"))
        #expect(lost.contains("givenName") && lost.contains("emails.value"))
    }
}
