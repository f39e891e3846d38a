import Foundation
import Mapping
import SchoolRecords
import Testing

@Suite("Diagnostics: what is wrong in the files, and where")
struct DiagnosticTests {
    private static let id = "id: {from: id, required: true}"

    @Test(
        arguments: [
            // Keys, kinds, sources
            (
                "rows: []\nrow: []",
                "out/person.yaml:2:1: error: unknown key 'row' in a mapping file of a target; did you mean 'rows'?"
            ),
            ("when: id = 1", "out/person.yaml:1:1: error: 'rows' is missing"),
            ("rows: {}", "out/person.yaml:1:7: error: 'rows' is a list"),
            ("rows: [1]", "out/person.yaml:1:8: error: a row is a mapping with kind, key and fields"),
            ("rows: [{key: id, fields: {}}]", "out/person.yaml:1:8: error: the row has no kind"),
            ("rows:\n  - kind: k\n    key: id\n", "out/person.yaml:2:5: error: the row has no fields"),
            (
                "rows:\n  - kind: k\n    fields:\n      \(id)",
                "out/person.yaml:2:5: error: the row has no key; name the field, or the list of fields, that tells rows apart"
            ),
            (
                "rows:\n  - kind: k\n    key: [id, nam]\n    fields:\n      \(id)\n      name: {constant: 1}",
                "out/person.yaml:3:15: error: unknown field 'nam' in the key of k; did you mean 'name'?"
            ),
            (
                "rows:\n  - {kind: k, key: id, fields: {id: givenName}}",
                "out/person.yaml:2:33: error: 'id' is part of the key and may come out empty; say 'required: true' (the record fails) or 'required: row' (no row is made)"
            ),
            (
                field("{frm: givenName}"),
                "out/person.yaml:6:11: error: unknown key 'frm' in the value of 'x'; did you mean 'from'?"
            ),
            (
                field("{from: givenName, constant: 1}"),
                "out/person.yaml:6:10: error: 'x' has more than one source: from, constant; write one of from, first, constant, template, setting"
            ),
            (field(""), "out/person.yaml:6:9: error: 'x' has nothing to get its value from"),
            (field("[a]"), "out/person.yaml:6:10: error: 'x' must be a path or a mapping, not a list"),
            (field("{first: []}"), "out/person.yaml:6:18: error: 'first' needs a list of values to try"),
            (field("{constant: [1]}"), "out/person.yaml:6:21: error: 'constant' must be a text, a number, true or false"),
            (
                field("{setting: twon}"),
                "out/person.yaml:6:20: error: unknown setting 'twon' of system.yaml; did you mean 'town'?"
            ),
            (field("{template: 'a {givenName'}"), "out/person.yaml:6:24: error: '{' isn't closed"),
            (
                field("{template: 'a {givenNam}'}"),
                "out/person.yaml:6:25: error: unknown field 'givenNam' of the record; did you mean 'givenName'?"
            ),
            (
                field("{from: givenName, required: yes}"),
                "out/person.yaml:6:38: error: 'required' is true, false or row; row: without the value this row isn't made"
            ),
            (
                field("{first: [{from: givenName, default: 1}]}"),
                "out/person.yaml:6:37: error: unknown key 'default' in the value of 'x'; known: concat, constant, count, first, from, holds, join, lookup, setting, template, transform, when, with"
            ),
            // Transforms and tables
            (
                field("{from: givenName, transform: uper}"),
                "out/person.yaml:6:39: error: unknown transform 'uper'; did you mean 'upper'?"
            ),
            (
                field("{from: givenName, transform: [trim, uper]}"),
                "out/person.yaml:6:46: error: unknown transform 'uper'; did you mean 'upper'?"
            ),
            (
                field("{from: givenName, transform: {upper: 1}}"),
                "out/person.yaml:6:40: error: transform 'upper' takes no argument"
            ),
            (
                field("{from: givenName, transform: phone}"),
                "out/person.yaml:6:39: error: transform 'phone' needs an argument; write {phone: …}"
            ),
            (
                field("{from: givenName, transform: {phone: swedish}}"),
                "out/person.yaml:6:47: error: national or international is expected here"
            ),
            (
                field("{from: givenName, transform: {limit: 0}}"),
                "out/person.yaml:6:47: error: a number of characters above 0 is expected here"
            ),
            (
                field("{from: givenName, transform: {date: x}}"),
                "out/person.yaml:6:46: error: a form such as yyyyMMdd is expected here"
            ),
            (
                field("{from: givenName, transform: {parse_date: yyMMdd}}"),
                "out/person.yaml:6:52: error: a form with yyyy, MM and dd is expected here"
            ),
            (
                field("{from: givenName, transform: {identity_number: digits}}"),
                "out/person.yaml:6:57: error: one of digits12, hyphenated12, digits10, hyphenated10 is expected here"
            ),
            (
                field("{from: givenName, lookup: {table: tt, find: a, give: b}}"),
                "out/person.yaml:6:44: error: unknown code table 'tt'; did you mean 't'?"
            ),
            (
                field("{from: givenName, lookup: {table: t, find: aa, give: b}}"),
                "out/person.yaml:6:53: error: unknown column 'aa' of codes/t.csv; did you mean 'a'?"
            ),
            (field("{from: givenName, lookup: {table: t, find: a}}"), "out/person.yaml:6:36: error: 'lookup' needs 'give'"),
            (
                field("{from: givenName, lookup: {table: t, find: a, give: b, otherwise: ignore}}"),
                "out/person.yaml:6:76: error: 'otherwise' is fail, nothing, keep or {value: …}"
            ),
            // Paths
            (field("givenNam"), "out/person.yaml:6:10: error: unknown field 'givenNam' of the record; did you mean 'givenName'?"),
            (
                field("civicNo.valu"),
                "out/person.yaml:6:18: error: unknown field 'valu' of what stands before it; did you mean 'value'?"
            ),
            (
                field("\"civicNo.valu\""),
                "out/person.yaml:6:19: error: unknown field 'valu' of what stands before it; did you mean 'value'?"
            ),
            (
                field("civicNo"),
                "out/person.yaml:6:10: error: 'civicNo' is an object, not a value; name a field of it: nationality, value"
            ),
            (
                field("givenName.first"),
                "out/person.yaml:6:20: error: there is no 'first' here: what stands before it has no fields"
            ),
            (field("givenName->id"), "out/person.yaml:6:19: error: '->' must stand after a reference to another record"),
            (
                field("responsibles.person.civicNo.value"),
                "out/person.yaml:6:30: error: a reference has no field 'civicNo'; write '->' to look up the record"
            ),
            (
                field("responsibles.person->civicNumber"),
                "out/person.yaml:6:31: error: unknown field 'civicNumber' of a person; known: addresses"
            ),
            (
                field("responsibles.person->"),
                "out/person.yaml:6:10: error: 'responsibles.person->' is a record, not a value; name a field of it"
            ),
            (field("emails[type = Privat.value"), "out/person.yaml:6:16: error: '[' isn't closed"),
            (
                field("emails[typ = Privat].value"),
                "out/person.yaml:6:17: error: unknown field 'typ' of the record; did you mean 'type'?"
            ),
            (
                field("emails[type].value"),
                "out/person.yaml:6:17: error: what shall hold for 'type'?; write for example 'type exists' or 'type = value'"
            ),
            (field("emails[type ~ Privat].value"), "out/person.yaml:6:22: error: unknown comparison '~'"),
            (
                field("emails[type =].value"),
                "out/person.yaml:6:22: error: a value is expected after '='; that there is none is written 'missing'"
            ),
            (
                field("emails[current].value"),
                "out/person.yaml:6:17: error: 'current' needs something with a startDate and an endDate"
            ),
            (field("emails[-1].value"), "out/person.yaml:6:17: error: elements are counted from 0"),
            (field(".id"), "out/person.yaml:6:10: error: a path must begin with the name of a field"),
            (
                field("emails value"),
                "out/person.yaml:6:16: error: ' value' can't stand in a path here; fields are separated by '.'"
            ),
            (field("emails..value"), "out/person.yaml:6:17: error: a field's name is expected after '.'"),
            // Conditions
            (
                field("{from: givenName, when: givenNam = x}"),
                "out/person.yaml:6:34: error: unknown field 'givenNam' of the record; did you mean 'givenName'?"
            ),
            (field("{from: givenName, when: {none: [a]}}"), "out/person.yaml:6:35: error: unknown key 'none' in a condition"),
            (field("{from: givenName, when: {any: a}}"), "out/person.yaml:6:40: error: 'any' needs a list of conditions"),
            (field("{from: givenName, when: []}"), "out/person.yaml:6:34: error: the list has no condition"),
            (
                field("{from: givenName, when: id in }"),
                "out/person.yaml:6:37: error: values are expected after 'in'; write for example 'in Klass | Avdelning'"
            ),
            // Names
            (
                "let: {id: givenName}\nrows: []",
                "out/person.yaml:1:7: error: 'id' is a field of the record already; take another name"
            ),
            (
                "rows:\n  - kind: k\n    each: {a: emails, a_: emails, b: givenName}\n    key: id\n    fields: {\(id)}",
                "out/person.yaml:3:38: error: 'givenName' is no list"
            ),
            ("let: [a]\nrows: []", "out/person.yaml:1:6: error: 'let' is a mapping of names to values"),
            // YAML itself
            ("rows: [", "out/person.yaml:2:1: error: the file is no YAML: did not find expected node content"),
            ("rows:\n  - {kind: k, key: id, fields: {id: {constant: 1}, id: {constant: 2}}}", "'id' stands there more than once"),
            ("", "out/person.yaml:1:1: error: the file is empty"),
            ("- 1", "out/person.yaml:1:1: error: a mapping file is a mapping, not a list"),
            (
                "rows: []\nexamples: [{input: {}, output: {}}]",
                "out/person.yaml:2:32: error: 'output' is a list of rows, or the word nothing"
            ),
            ("rows: []\nexamples: [{output: []}]", "out/person.yaml:2:12: error: the example has no input"),
            ("rows: []\nexamples: [{input: {}}]", "out/person.yaml:2:12: error: an example has either 'output' or 'failure'"),
            (
                "rows: []\nexamples: [{input: {}, output: [], today: soon}]",
                "out/person.yaml:2:43: error: 'today' is no date of the form yyyy-MM-dd"
            ),
            (
                "rows: []\nexamples: [{input: {}, output: [], looked_up: {persons/1: missing}}]",
                "out/person.yaml:2:48: error: a record is named entity/id"
            ),
        ] as [(String, String)])
    func `a slip in a mapping file is told with its place`(text: String, expected: String) {
        let load = Files.outbound(text, others: ["codes/t.csv": "a,b\n1,2\n"])
        #expect(load.set == nil)
        #expect(load.lines.contains { $0.contains(expected) }, "\(load.lines)")
    }

    /// A file with one row whose field `x`, on line 6, has this value.
    private static func field(_ value: String) -> String {
        """
        rows:
          - kind: k
            key: id
            fields:
              \(self.id)
              x: \(value)
        """
    }

    @Test(
        arguments: [
            ("fields:\n  id: {from: id, required: true}", "in/placement.yaml:2:3: error: 'child' is mandatory and isn't set"),
            ("fields:\n  idd: id", "in/placement.yaml:2:3: error: unknown field 'idd' of a placement; did you mean 'id'?"),
            (
                "fields:\n  child: child",
                "in/placement.yaml:2:3: error: 'child' is an object; set its fields: child.displayName, child.id, child.securityMarking"
            ),
            ("fields:\n  child.name: child", "in/placement.yaml:2:3: error: unknown field 'name' of child"),
            ("fields:\n  child.displayName: child", "in/placement.yaml:2:3: error: 'child.id' is mandatory and isn't set"),
            ("fields:\n  id.x: child", "in/placement.yaml:2:3: error: 'id' has no fields"),
            ("fields:\n  owners: owners", "in/placement.yaml:2:3: error: 'owners' is a list: it needs 'each' and 'fields'"),
            (
                "fields:\n  owners: {each: {a: x, b: y}, fields: {id: a}}",
                "in/placement.yaml:2:18: error: 'each' is one name with the path of a list"
            ),
            (
                "fields:\n  reason: child->id",
                "in/placement.yaml:2:16: error: '->' can't be used here: only mappings to a system look up other records"
            ),
            ("rows: []", "in/placement.yaml:1:1: error: unknown key 'rows' in a mapping file of a source"),
        ] as [(String, String)])
    func `a slip in a mapping from a source is told with its place`(text: String, expected: String) {
        let load = Files.inbound(text, entity: .placement)
        #expect(load.set == nil)
        #expect(load.lines.contains { $0.hasPrefix(expected) }, "\(load.lines)")
    }

    @Test func `rows and fields are held against what the system's file declares`() {
        let system = """
            connector: delimited_files
            direction: target
            objects:
              rows: {person: [name, number, "", <type>]}
              required: {person: [number, name]}
            relations: {types: [guardian_for]}
            """
        let load = Files.outbound(
            """
            rows:
              - kind: persn
                key: x
                fields: {x: {constant: 1}}
              - kind: person
                key: number
                fields:
                  number: {from: id, required: true}
                  nam: givenName
              - kind: person
                key: name
                fields: {name: {constant: x}}
              - kind: guardian_for
                key: [from, to]
                fields:
                  from: {from: id, required: true}
                  to: givenName
            """, system: system)
        #expect(
            load.lines == [
                "out/person.yaml:2:11: error: unknown row kind 'persn' for this system; did you mean 'person'?",
                "out/person.yaml:8:7: error: 'name' of person is mandatory and isn't set",
                "out/person.yaml:9:7: error: unknown field 'nam' of person; did you mean 'name'?",
                "out/person.yaml:12:13: error: 'number' of person is mandatory and isn't set",
                "out/person.yaml:17:7: error: 'to' is part of the key and may come out empty; say 'required: true' (the record fails) or 'required: row' (no row is made)",
                "out/person.yaml:17:7: error: 'to' of guardian_for is mandatory and may come out empty; say 'required: true' (the record fails) or 'required: row' (no row is made)",
            ])
    }

    @Test func `everything wrong in all files is told at once`() {
        let load = Files.load([
            "a/system.yaml": "connector: x\ndirection: sideways", "b/system.yaml": "direction: source",
            "c/person.yaml": "rows: []",
            "d/system.yaml": Files.target, "d/people.yaml": "rows: []", "d/person.yaml": "rows: {}", "codes/x.csv": "a,a\n1\n",
            "codes/y.csv": "", "codes/z.csv": "a,b\n\"1,2\n", "authority.yaml": "entities: {person: zz, pupil: d}\nfoo: 1",
        ])
        #expect(load.set == nil)
        let expected = [
            "a/system.yaml:2:12: error: unknown direction 'sideways'; known: source, target",
            "authority.yaml:1:20: error: unknown source system 'zz'",
            "authority.yaml:1:24: error: unknown entity 'pupil'",
            "authority.yaml:2:1: error: unknown key 'foo' in authority.yaml",
            "b/system.yaml:1:1: error: 'connector' is missing; name the kind of connector, e.g. ss12000",
            "c/person.yaml:1:1: error: there is no c/system.yaml",
            "codes/x.csv:1:1: error: column 'a' stands there more than once",
            "codes/x.csv:2:1: error: the row has 1 cells, and there are 2 columns",
            "codes/y.csv:1:1: error: the table has no line of column names",
            "codes/z.csv:2:1: error: a quotation mark isn't closed",
            "d/people.yaml:1:1: error: the file is named after no entity",
            "d/person.yaml:1:7: error: 'rows' is a list",
        ]
        for line in expected { #expect(load.lines.contains { $0.hasPrefix(line) }, "\(line) not in \(load.lines)") }
    }

    @Test func `a code that stands for two things is an error at its row`() {
        let load = Files.outbound(
            "rows: [{kind: k, key: id, fields: {id: {from: id, lookup: {table: t, find: a, give: b}, required: true}}}]",
            others: ["codes/t.csv": "a,b\n1,x\n2,y\n1,x\n2,z\n"])
        #expect(
            load.lines == ["codes/t.csv:5:1: error: '2' stands there more than once in column 'a', with different values of 'b'"])
    }

    @Test func `what only looks wrong is a warning`() throws {
        let load = Files.inbound(
            "fields: {id: {from: id, required: true}, displayName: {from: displayNam, required: true}, organisationType: {from: organisationType, required: true}}",
            entity: .organisation, system: "connector: ss12000\ndirection: source", others: ["codes/t.csv": "a,b\n"])
        #expect(load.set != nil)
        #expect(
            load.diagnostics.map(\.description) == [
                "codes/t.csv:1:1: warning: no mapping uses the table",
                "in/organisation.yaml:1:1: warning: the file has no examples; an example shows what goes in and what comes out",
                "in/organisation.yaml:1:62: warning: the standard has no field 'displayNam' here; did you mean 'displayName'?",
            ])
    }

    @Test func `a file that nothing reads is a warning`() {
        let load = Files.load([
            "authorty.yaml": "entities: {}", "s/system.yaml": Files.source, "s/person.yml": "fields: {}", "roles.yaml": "a: 1",
        ])
        #expect(
            load.lines == [
                "authorty.yaml:1:1: warning: the file isn't read; did you mean 'authority.yaml'?",
                "roles.yaml:1:1: warning: the file isn't read", "s/person.yml:1:1: warning: the file isn't read; name it .yaml",
            ])
        #expect(load.set != nil)
    }

    @Test func `the line of a setting is known, or of what is around it`() throws {
        let set = try #require(Files.load(["s/system.yaml": "connector: x\ndirection: source\na:\n  b: 1\n  c: {d: 2}\n"]).set)
        let system = try #require(set.systems["s"])
        #expect(system.line(of: "a.b") == 4)
        #expect(system.line(of: "a.c.d") == 5)
        #expect(system.line(of: "a.x.y") == 3)
        #expect(system.line(of: "zzz") == nil)
        #expect(system.settings["a"]?["c"]?["d"] == 2)
        #expect(system.source?.connector == "x" && system.directions == [.source] && system.file == "s/system.yaml")
    }

    @Test func `a directory that isn't there or has nothing is told`() throws {
        let missing = MappingSet.load(directory: "/nowhere/at/all")
        #expect(missing.set == nil)
        #expect(
            missing.diagnostics.map(\.description) == [
                "/nowhere/at/all:1:1: error: the directory can't be read; check the path and the rights on it"
            ])
        let empty = FileManager.default.temporaryDirectory.appendingPathComponent("mappings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: empty) }
        #expect(MappingSet.load(directory: empty.path).set == nil)
        let system = empty.appendingPathComponent("s")
        try FileManager.default.createDirectory(at: system, withIntermediateDirectories: true)
        try Data([0xFF, 0xFE]).write(to: system.appendingPathComponent("system.yaml"))
        #expect(
            MappingSet.load(directory: empty.path).diagnostics.map(\.description) == [
                "s/system.yaml:1:1: error: the file is no UTF-8; save it as UTF-8"
            ])
    }
}
