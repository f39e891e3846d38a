import ConnectorKit
@testable import Connectors
import Foundation
import SchoolRecords
import Testing

@Suite("SCIM's forms")
struct SCIMFormTests {
    @Test(arguments: [
        ("e1@edu.example", #""e1@edu.example""#), (#"a" or id pr"#, #""a\" or id pr""#), (#"a\"#, #""a\\""#),
        ("å\n\u{1}", "\"å\\u000a\\u0001\""),
    ])
    func `a value in a filter can't end it`(_ value: String, _ quoted: String) {
        #expect(SCIMFilter.equals("externalId", value) == "externalId eq \(quoted)")
        #expect((try? JSONValue(parsing: Data(quoted.utf8))) == .string(value))
    }

    @Test func `a patch adds, replaces and removes what differs, also within a schema's own part`() {
        let urn = "urn:scim:schemas:extension:sis:school:1.0:User"
        let before: JSONValue = [
            "displayName": "A", "title": "B", "list": [["value": "1"], ["value": "2", "year": 1], ["value": "3"]],
            "types": ["GR"], "urn:scim:schemas:extension:sis:school:1.0:User": ["civicNo": "x", "enrolments": [["value": "1"]]],
        ]
        let after: JSONValue = [
            "displayName": "C", "list": [["value": "1"], ["value": "2", "year": 2], ["value": "4"]], "types": ["GR", "FKLASS"],
            "urn:scim:schemas:extension:sis:school:1.0:User": ["enrolments": [["value": "2"]]], "new": ["value": "5"],
        ]
        let body = SCIMPatch.body(from: before, to: after, filled: after)
        let expected: [JSONValue] = [
            ["op": "replace", "path": "displayName", "value": "C"],
            ["op": "remove", "path": #"list[value eq "2"]"#], ["op": "remove", "path": #"list[value eq "3"]"#],
            ["op": "add", "path": "list", "value": [["value": "2", "year": 2], ["value": "4"]]],
            ["op": "add", "path": "new", "value": ["value": "5"]], ["op": "remove", "path": "title"],
            ["op": "replace", "path": "types", "value": ["GR", "FKLASS"]],
            ["op": "remove", "path": .string("\(urn):civicNo")],
            ["op": "remove", "path": .string("\(urn):enrolments[value eq \"1\"]")],
            ["op": "add", "path": .string("\(urn):enrolments"), "value": [["value": "2"]]],
        ]
        #expect(body?["Operations"] == .array(expected))
        #expect(SCIMPatch.body(from: after, to: after, filled: after) == nil)
    }

    @Test func `settings that can't be are told all at once`() throws {
        let settings: JSONValue = [
            "connection": ["base_url": "egil", "authorization": "api_key", "api_key": "open", "api_key_header": "X Key"],
            "update": "post",
            "resources": [
                [
                    "kind": "a", "path": "Users?x", "schemas": [], "body": ["externalId": "{id}", "name": "{na me}"],
                    "lists": [["kind": "a", "of": "x", "key": ["y"], "path": ["l"], "body": ["value": "{x}"]]],
                ]
            ],
        ]
        let error = #expect(throws: SettingsError.self) {
            try SCIMTargetConnector.make(system: "egil", settings: settings, logger: ServerUnderTest.silent)
        }
        let paths = Set((error?.problems ?? []).map(\.path))
        for path in [
            "connection.base_url", "connection.api_key", "connection.api_key_header", "update", "resources[0].path",
            "resources[0].schemas",
            "resources[0].body", "resources[0].lists[0].key", "resources[0].lists[0].body", "resources[0].kind",
        ] { #expect(paths.contains(path), "\(path): \(paths)") }
        #expect(!"\(String(describing: error))".contains("open"))
    }
}
