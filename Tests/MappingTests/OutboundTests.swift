import Mapping
import SchoolRecords
import Testing

@Suite("Outbound mappings")
struct OutboundTests {
    static let person: JSONValue = [
        "id": "p1", "givenName": "Prov", "familyName": "Provsson", "civicNo": ["value": "20130101TF01"],
        "emails": [["value": "hem@post.example", "type": "Privat"], ["value": "e1@elev.example", "type": "Skola elev"]],
        "phoneNumbers": [["value": "1", "type": "Hem", "mobile": false], ["value": "2", "type": "Hem", "mobile": true]],
        "enrolments": [
            ["enroledAt": ["id": "u0"], "schoolType": "GR", "schoolYear": 6, "startDate": "2025-08-01", "endDate": "2026-08-31"],
            ["enroledAt": ["id": "u1"], "schoolType": "GR", "schoolYear": 7, "startDate": "2026-09-01"],
            ["enroledAt": ["id": "u2"], "schoolType": "GR", "schoolYear": 8, "startDate": "2026-09-02"],
        ],
        "responsibles": [
            ["person": ["id": "g1"], "relationType": "Vårdnadshavare"],
            ["person": ["id": "g2"], "relationType": "Vårdnadshavare"],
            ["person": ["id": "g3"], "relationType": "Annan ansvarig"],
        ],
    ]

    /// The one field of the one row that a value gives, or `nil` when it gives none.
    private func value(_ yaml: String, of record: JSONValue = Self.person, system: String = Files.target) throws -> String? {
        let load = Files.outbound(
            """
            rows:
              - kind: k
                key: id
                fields:
                  id: {from: id, required: true}
                  x:
            \(yaml.split(separator: "\n").map { "        \($0)" }.joined(separator: "\n"))
            """, system: system)
        return try load.outbound().rows(record).first?.fields["x"]
    }

    @Test func `a row has the fields that have a value, its key, and its rule's line`() throws {
        let mapping = try Files.outbound(
            """
            rows:
              - kind: user
                key: number
                fields:
                  number: {from: civicNo.value, transform: {identity_number: hyphenated12}, required: true}
                  name: givenName
                  middle: middleName
            """
        ).outbound()
        let expected = OutputRow(
            kind: "user", key: "20130101-TF01", fields: ["number": "20130101-TF01", "name": "Prov"], line: 2)
        #expect(try mapping.rows(Self.person) == [expected])
    }

    @Test(arguments: [
        ("givenName", "Prov"), ("civicNo.value", "20130101TF01"), ("emails[0].value", "hem@post.example"),
        ("emails[1].value", "e1@elev.example"), ("emails[2].value", nil), ("emails.value", "hem@post.example"),
        ("emails[type = Skola elev].value", "e1@elev.example"), ("emails[type=Skola elev].value", "e1@elev.example"),
        ("emails[type = 'Skola elev'].value", "e1@elev.example"), ("emails[type != Privat].value", "e1@elev.example"),
        ("emails[type in Arbete övrigt | Privat].value", "hem@post.example"),
        ("emails[type not in Privat].value", "e1@elev.example"),
        ("phoneNumbers[type = Hem, mobile = true].value", "2"), ("phoneNumbers[type = Hem][mobile = true].value", "2"),
        ("phoneNumbers[mobile exists].value", "1"), ("phoneNumbers[mobile missing].value", nil),
        ("enrolments[current].schoolYear", "7"), ("enrolments[endDate < today].schoolYear", "6"),
        ("enrolments[startDate > today].schoolYear", "8"), ("enrolments[startDate >= 2026-09-01].schoolYear", "7"),
        ("enrolments[schoolYear <= 6].schoolYear", "6"), ("enrolments[schoolYear > 6].schoolYear", "7"),
        ("middleName", nil), ("civicNo.nationality", nil),
    ])
    func `paths lead to the first value that fits`(path: String, expected: String?) throws {
        #expect(try self.value("\"\(path)\"") == expected)
    }

    @Test func `a period includes its first and its last day`() throws {
        func year(_ start: String?, _ end: String?) throws -> String? {
            var enrolment: JSONValue = ["enroledAt": ["id": "u"], "schoolYear": 1]
            enrolment["startDate"] = start.map(JSONValue.string)
            enrolment["endDate"] = end.map(JSONValue.string)
            return try self.value("enrolments[current].schoolYear", of: ["id": "p", "enrolments": [enrolment]])
        }
        #expect(try year("2026-09-01", nil) == "1")
        #expect(try year("2026-09-02", nil) == nil)
        #expect(try year("2020-01-01", "2026-09-01") == "1")
        #expect(try year("2020-01-01", "2026-08-31") == nil)
        #expect(try year(nil, nil) == "1")
        #expect(try year(nil, "9999-12-31") == "1")
    }

    @Test func `the first that gives a value is taken, with what is done to it`() throws {
        let text = """
            first:
              - middleName
              - {from: familyName, when: givenName = Nobody}
              - {from: givenName, transform: upper}
              - familyName
            """
        #expect(try self.value(text) == "PROV")
    }

    @Test func `constants, settings, templates and defaults`() throws {
        #expect(try self.value("{constant: 7}") == "7")
        #expect(try self.value("{constant: false}") == "false")
        #expect(try self.value("{setting: town}") == "Exempelstad")
        #expect(try self.value("{setting: place.name}", system: Files.target + "\nplace: {name: Norr}") == "Norr")
        #expect(try self.value("{template: \"{givenName} {familyName} {{x}}\"}") == "Prov Provsson {x}")
        #expect(try self.value("{template: \"{givenName} {middleName}\"}") == nil)
        #expect(try self.value("{from: middleName, default: inget}") == "inget")
        #expect(try self.value("{from: givenName, when: id = other, default: inget}") == "inget")
        #expect(try self.value("{from: givenName, when: id = other}") == nil)
    }

    @Test func `conditions join with all, any and not`() throws {
        func holds(_ when: String) throws -> Bool { try self.value("{constant: 1, when: \(when)}") != nil }
        #expect(try holds("[givenName = Prov, familyName exists]"))
        #expect(try !holds("[givenName = Prov, familyName missing]"))
        #expect(try holds("{any: [givenName = Nej, familyName = Provsson]}"))
        #expect(try !holds("{any: [givenName = Nej, familyName = Nej]}"))
        #expect(try holds("{not: givenName = Nej}"))
        #expect(try holds("{all: [{not: givenName = Nej}, {any: [id = p1]}]}"))
        #expect(try holds("middleName != something"))
        #expect(try !holds("middleName = something"))
    }

    @Test func `null and empty texts are no values`() throws {
        #expect(try self.value("givenName", of: ["id": "p", "givenName": ""]) == nil)
        #expect(try self.value("givenName", of: ["id": "p", "givenName": .null]) == nil)
        #expect(try self.value("{constant: 1, when: givenName exists}", of: ["id": "p", "givenName": ""]) == nil)
        #expect(
            try self.value("{first: [emails.value, givenName]}", of: ["id": "p", "givenName": "Prov", "emails": []]) == "Prov")
    }

    @Test func `the file's condition and a row's leave rows out`() throws {
        let mapping = try Files.outbound(
            """
            when: familyName = Provsson
            rows:
              - {kind: a, key: id, when: givenName = Prov, fields: {id: {from: id, required: true}}}
              - {kind: b, key: id, when: givenName = Nej, fields: {id: {from: id, required: true}}}
            """
        ).outbound()
        #expect(try mapping.rows(Self.person).map(\.kind) == ["a"])
        #expect(try mapping.rows(["id": "p", "givenName": "Prov", "familyName": "Nej"]).isEmpty)
    }

    @Test func `each goes through lists, one within the other`() throws {
        let mapping = try Files.outbound(
            """
            rows:
              - kind: pair
                each:
                  mail: emails
                  phone: phoneNumbers[mobile = true]
                key: [mail, phone]
                fields:
                  mail: {from: mail.value, required: true}
                  phone: {from: phone.value, required: true}
            """
        ).outbound()
        #expect(try mapping.rows(Self.person).map(\.key) == ["hem@post.example|2", "e1@elev.example|2"])
    }

    @Test func `each goes through a list of texts too`() throws {
        let mapping = try Files.outbound(
            "rows: [{kind: t, each: {type: schoolTypes}, key: type, fields: {type: {from: type, required: true}}}]",
            entity: .organisation
        ).outbound(.organisation)
        #expect(try mapping.rows(["id": "s", "schoolTypes": ["GR", "FTH"]]).map(\.key) == ["GR", "FTH"])
    }

    @Test func `the same row twice is one row, and two different ones under one key fail`() throws {
        let mapping = try Files.outbound(
            "rows: [{kind: t, each: {mail: emails}, key: k, fields: {k: {constant: same}, v: mail.type}}]"
        ).outbound()
        let same: JSONValue = ["id": "p", "emails": [["value": "a", "type": "Privat"], ["value": "b", "type": "Privat"]]]
        #expect(try mapping.rows(same).count == 1)
        do {
            _ = try mapping.rows(Self.person)
            Issue.record("conflicting rows were taken")
        } catch let failure as MappingFailure {
            #expect(failure.code == "conflicting-rows")
            #expect(failure.line == 1)
        }
    }

    @Test func `a required value that is missing fails the record, one required of the row only the row`() throws {
        let mapping = try Files.outbound(
            """
            rows:
              - kind: a
                key: id
                fields:
                  id: {from: id, required: true}
                  name: {from: middleName, required: row}
              - kind: b
                key: id
                fields:
                  id: {from: id, required: true}
                  name:
                    first: [middleName]
                    required: true
            """
        ).outbound()
        var named = Self.person
        named["middleName"] = "Mellan"
        #expect(try mapping.rows(named).map(\.kind) == ["a", "b"])
        do {
            _ = try mapping.rows(Self.person)
            Issue.record("a missing mandatory value was taken")
        } catch let failure as MappingFailure {
            #expect(failure.code == "mandatory-missing")
            #expect(failure.field == "name")
            #expect(failure.file == "out/person.yaml")
            #expect(failure.line == 11)
            #expect(failure.column == 7)
            #expect(failure.message == "out/person.yaml:11: name is required and has no value.")
        }
    }

    @Test func `named values are computed once and used by name`() throws {
        let mapping = try Files.outbound(
            """
            let:
              short: {from: givenName, transform: [lower, {limit: 2}]}
              both: {template: "{short}-{id}"}
            rows:
              - {kind: a, key: x, when: short = pr, fields: {x: {from: both, required: true}}}
            """
        ).outbound()
        #expect(try mapping.rows(Self.person).map(\.key) == ["pr-p1"])
    }
}
