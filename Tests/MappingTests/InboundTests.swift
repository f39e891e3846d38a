import Mapping
import SchoolRecords
import Testing

@Suite("Inbound mappings")
struct InboundTests {
    private static let person = """
        when: kind = P
        fields:
          id: {from: key, required: true}
          givenName: {from: name.first, required: true}
          familyName: {from: name.last, required: true}
          birthDate: {from: born, transform: {parse_date: yyyyMMdd}}
          civicNo.value: {from: number, transform: {identity_number: digits12}, required: row}
          civicNo.nationality: {constant: SE}
          eduPersonPrincipalNames:
            each: {login: logins}
            value: {from: login.name, transform: lower}
          emails:
            each: {mail: "mails[ok = true]"}
            fields:
              value: {from: mail.text, required: row}
              type: {constant: Privat}
          enrolments:
            each: {place: places}
            fields:
              enroledAt.id: {from: place.unit, required: true}
              schoolType: {from: place.form, required: true}
              schoolYear: {from: place.year, transform: integer}
              startDate: {from: place.from, required: true}
              cancelled: {from: place.stopped, transform: boolean}
        """

    @Test func `a record of another shape comes out as SS 12000, with the fields named and no other`() throws {
        let document: JSONValue = [
            "kind": "P", "key": "p1", "name": ["first": "Prov", "last": "Provsson", "nick": "P"], "born": "20130102",
            "secret": "x",
            "number": "20130101-TF01", "logins": [["name": "PROV@x"], ["other": 1]],
            "mails": [["text": "a@x", "ok": true], ["text": "b@x", "ok": false], ["ok": true]],
            "places": [["unit": "u1", "form": "GR", "year": "7", "from": "2026-08-01", "stopped": "nej", "teacher": "T"]],
        ]
        let record = try #require(try Files.inbound(Self.person).inbound().apply(document, today: today))
        #expect(
            record == [
                "id": "p1", "givenName": "Prov", "familyName": "Provsson", "birthDate": "2013-01-02",
                "civicNo": ["value": "20130101TF01", "nationality": "SE"], "eduPersonPrincipalNames": ["prov@x"],
                "emails": [["value": "a@x", "type": "Privat"]],
                "enrolments": [
                    [
                        "enroledAt": ["id": "u1"], "schoolType": "GR", "schoolYear": 7, "startDate": "2026-08-01",
                        "cancelled": false,
                    ]
                ],
            ])
        #expect(try SchoolRecord.validate(.person, record) == record)
    }

    @Test func `what isn't there isn't made up`() throws {
        let record = try Files.inbound(Self.person).inbound().apply(
            [
                "kind": "P", "key": "p1", "name": ["first": "Prov", "last": "Provsson"], "mails": [], "born": .null,
                "places": .null,
            ], today: today)
        #expect(record == ["id": "p1", "givenName": "Prov", "familyName": "Provsson"])
    }

    @Test func `what the file's condition leaves out gives nothing`() throws {
        #expect(try Files.inbound(Self.person).inbound().apply(["kind": "X"], today: today) == nil)
    }

    @Test(
        arguments: [
            (["kind": "P", "name": ["first": "a", "last": "b"]], "mandatory-missing", "id", 3),
            (["kind": "P", "key": "p", "name": ["first": ["a": "b"], "last": "b"]], "bad-value", "givenName", 4),
            (
                ["kind": "P", "key": "p", "name": ["first": "a", "last": "b"], "born": "2013-01-02"], "transform-failed",
                "birthDate", 6
            ),
            (
                ["kind": "P", "key": "p", "name": ["first": "a", "last": "b"], "number": "1"], "transform-failed",
                "civicNo.value", 7
            ),
            (
                [
                    "kind": "P", "key": "p", "name": ["first": "a", "last": "b"],
                    "places": [["unit": "u", "from": "2026-08-01"]],
                ],
                "mandatory-missing", "enrolments.schoolType", 21
            ),
        ] as [(JSONValue, String, String, Int)])
    func `a document that can't be translated fails with field and line`(
        document: JSONValue, code: String, field: String, line: Int
    ) throws {
        do {
            _ = try Files.inbound(Self.person).inbound().apply(document, today: today)
            Issue.record("the document was taken")
        } catch let failure as MappingFailure {
            #expect(failure.code == code)
            #expect(failure.field == field)
            #expect(failure.line == line)
            #expect(failure.system == "in" && failure.entity == .person && failure.file == "in/person.yaml")
            #expect(failure.message.hasPrefix("in/person.yaml:\(line): "))
        }
    }

    @Test func `numbers, booleans and texts keep their types`() throws {
        let mapping = try Files.inbound(
            """
            fields:
              id: {from: id, required: true}
              dutyAt.id: {from: at, required: true}
              dutyRole: {from: role, transform: {words: {L: Lärare, R: Rektor}}, required: true}
              startDate: {from: start, transform: {date: yyyy-MM-dd}, required: true}
              dutyPercent: percent
              description: {from: text, default: ingen}
            """, entity: .duty
        ).inbound(.duty)
        let record = try mapping.apply(
            ["id": "d", "at": "s", "role": "L", "start": "2026-08-01T00:00:00", "percent": 80], today: today)
        #expect(
            record == [
                "id": "d", "dutyAt": ["id": "s"], "dutyRole": "Lärare", "startDate": "2026-08-01", "dutyPercent": 80,
                "description": "ingen",
            ])
    }

    @Test func `which numbers count as temporary is set per source`() throws {
        let text = """
            fields:
              id: {from: id, required: true}
              givenName: {from: id, required: true}
              familyName: {from: id, required: true}
              civicNo.value: {from: n, transform: {identity_number: digits12}, required: row}
            """
        let document: JSONValue = ["id": "p", "n": "20130101XYZ1"]
        #expect(throws: MappingFailure.self) { try Files.inbound(text).inbound().apply(document, today: today) }
        let set = Files.inbound(text, system: Files.source + "\nidentity_numbers: {temporary: [AAA9]}")
        #expect(try set.inbound().apply(document, today: today)?["civicNo"]?["value"] == "20130101XYZ1")
    }
}
