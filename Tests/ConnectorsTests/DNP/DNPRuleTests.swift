import ConnectorKit
import Foundation
import SchoolRecords
import Testing

@testable import Connectors

@Suite("What Skolverket doesn't take isn't sent")
struct DNPRuleTests {
    private static func failure(_ row: TargetRow, sendsNames: Bool = false) -> ConnectorFailure? {
        do throws(ConnectorFailure) {
            try DNPRules(sendsNamesInEPPN: sendsNames).check(row)
            return nil
        } catch { return error }
    }

    private static func changed(_ row: TargetRow, _ field: String, _ value: String?) -> TargetRow {
        var fields = row.fields
        fields[field] = value
        return TargetRow(kind: row.kind, key: row.key, fields: fields)
    }

    @Test(arguments: [
        // The description's own example.
        ("efraimsdotter09@edu.huvudman.se", "Pippilotta", "Efraimsdotter", true),
        ("x1efr9@edu.example", "Pippilotta", "Efraimsdotter", true), ("efpi01@edu.example", "Pippilotta", "Efraimsdotter", true),
        ("ef01@edu.example", "Pippilotta", "Efraimsdotter", false), ("pi01@edu.example", "Pippilotta", "Efraimsdotter", false),
        ("akeost@edu.example", "Åke", "Östlund", true), ("ÖSTLUND@edu.example", "Åke", "Östlund", true),
        ("e1@ostlund.example", "Åke", "Östlund", false), ("liu7@edu.example", "Bo", "Li", false),
        ("libo7@edu.example", "Bo", "Li", true),
        ("fc79e369-18a3-40c4-aa33-d92057bfff65@edu.example", "Prov", "Provsson", false),
    ])
    func `an EPPN with letters of the name is known`(eppn: String, given: String, family: String, isNamed: Bool) {
        #expect(DNPRules.holdsName(eppn, given: given, family: family) == isNamed)
    }

    @Test func `such an EPPN is refused, or sent when somebody says so`() {
        let row = DNPHarness.person(1, eppn: "ake.ostlund@edu.example")
        let failure = Self.failure(row)
        #expect(failure?.code == "eppn-unusable" && failure?.message.contains("3047") == true)
        #expect(Self.failure(row, sendsNames: true) == nil)
    }

    @Test(arguments: [
        "p1", "p1@edu", "@edu.example", "p1@edu.example p2@edu.example", "a@b.example,c@d.example", "a@b@c.example",
    ])
    func `what is no EPPN is refused`(eppn: String) {
        #expect(Self.failure(DNPHarness.person(1, eppn: eppn))?.code == "eppn-unusable")
    }

    @Test(arguments: [
        ("20130101TF01", true), ("20130101TF0X", false), ("20130101XF01", false), ("130101TF01", false), ("20130101-TF01", false),
        ("2013010", false), ("", false),
    ])
    func `numbers have Skolverket's form`(number: String, isGood: Bool) {
        #expect((Self.failure(Self.changed(DNPHarness.person(1), "civicNo", number)) == nil) == isGood)
    }

    @Test(arguments: ["id", "givenName", "familyName", "civicNo", "eppn"])
    func `a person without what is mandatory is refused by the field's name`(field: String) {
        let failure = Self.failure(Self.changed(DNPHarness.person(1), field, nil))
        #expect(failure?.code == "required-field-missing" && failure?.message.contains(field) == true)
    }

    @Test func `enrolments need what their school type needs`() {
        let row = DNPHarness.enrolment(DNPHarness.id(1, "a"))
        #expect(Self.failure(row) == nil)
        #expect(Self.failure(Self.changed(row, "schoolYear", nil))?.code == "required-field-missing")
        #expect(Self.failure(Self.changed(row, "schoolYear", "0"))?.code == "wrong-form")
        #expect(Self.failure(Self.changed(row, "schoolYear", "11"))?.code == "wrong-form")
        #expect(Self.failure(Self.changed(row, "unit", "98765432"))?.code == "wrong-form")
        let key = "\(DNPHarness.id(1, "a"))|\(DNPHarness.unit)|GY"
        var fields = row.fields.merging(["schoolType": "GY"]) { $1 }
        #expect(Self.failure(TargetRow(kind: "enrolment", key: key, fields: fields))?.code == "required-field-missing")
        fields["educationCode"] = "NA25"
        #expect(Self.failure(TargetRow(kind: "enrolment", key: key, fields: fields)) == nil)
        fields["schoolType"] = "FKLASS"
        let other = TargetRow(kind: "enrolment", key: key.replacing("GY", with: "FKLASS"), fields: fields)
        #expect(Self.failure(other)?.code == "wrong-form")
    }

    @Test func `roles, types and kinds are Skolverket's`() {
        #expect(Self.failure(Self.changed(DNPHarness.duty(1), "role", "Förskolechef"))?.code == "wrong-form")
        #expect(Self.failure(DNPHarness.group(1, type: "Mentor"))?.code == "wrong-form")
        #expect(Self.failure(Self.changed(DNPHarness.person(1), "nationality", "FI"))?.code == "wrong-form")
        #expect(Self.failure(TargetRow(kind: "school", key: "1", fields: [:]))?.code == "unknown-row-kind")
        #expect(Self.failure(Self.changed(DNPHarness.person(1), "shoe", "37"))?.code == "unknown-field")
        #expect(Self.failure(TargetRow(kind: "duty", key: "x", fields: DNPHarness.duty(1).fields))?.code == "unusable-key")
    }

    @Test func `calls are as few as can be, in order, and none is too large`() {
        let elements = (1...400).map { number in
            (DNPHarness.id(number, "a"), JSONValue.string(String(repeating: "å", count: 1 + number % 97)))
        }
        let parts = DNPCalls.parts(elements, mostBytes: 1000)
        #expect(parts.flatMap(\.ids) == elements.map(\.0))
        for (part, next) in zip(parts, parts.dropFirst()) {
            #expect(part.body.count <= 1000)
            #expect(part.body.count + 1 + (next.elements.first?.count ?? 0) > 1000, "the next would have had room")
            #expect((try? JSONValue(parsing: Data(part.body)))?["data"]?.arrayValue?.count == part.ids.count)
        }
        let exact = DNPCalls.parts([("a", "12345"), ("b", "12345")], mostBytes: 26)
        #expect(exact.map(\.body.count) == [26])
        #expect(DNPCalls.parts([("a", "12345"), ("b", "12345")], mostBytes: 25).count == 2)
        #expect(DNPCalls.parts([("a", "123456789012345678901234567890")], mostBytes: 25).map(\.ids) == [["a"]])
    }
}
