import Foundation
import Hub
import KnutpunktApp
import Logging
import Messaging
import SchoolRecords
import Testing

/// What a person asks of the mappings, with a Register of a few records behind it.
@Suite("Questions about the mappings")
struct MappingCommandTests {
    private static let day = ["--today", "2026-09-01"]

    /// A data directory with a few records, and a copy of the mappings to edit.
    private func withRegister(_ body: (_ directory: String, _ options: [String]) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let mappings = directory + "/Mappings"
            try FileManager.default.copyItem(atPath: Program.mappings, toPath: mappings)
            try FileManager.default.copyItem(atPath: mappings, toPath: directory + "/edited")
            let configuration = HubConfiguration(dataDirectory: directory + "/data", mappingsDirectory: mappings)
            let context = try await HubContext.open(configuration, logger: Logger(label: "test"))
            let records: [(Entity, JSONValue)] = [
                (.organisation, ["id": "school-1", "displayName": "Exempelskolan", "organisationType": "Skola"]),
                (
                    .person,
                    [
                        "id": "pupil-1", "givenName": "Prov", "familyName": "Provsson", "civicNo": ["value": "20130101TF01"],
                        "enrolments": [["enroledAt": ["id": "school-1"], "schoolType": "GR", "startDate": "2026-08-01"]],
                    ]
                ),
                (
                    .person,
                    ["id": "teacher-1", "givenName": "Lärar", "familyName": "Lärarsson", "civicNo": ["value": "19800101TF04"]]
                ),
                (
                    .duty,
                    [
                        "id": "duty-1", "person": ["id": "teacher-1"], "dutyAt": ["id": "school-1"], "dutyRole": "Lärare",
                        "description": "9998 Simhallsvakt", "startDate": "2026-08-01",
                    ]
                ),
            ]
            let states = try records.map { entity, json in
                let record = try SchoolRecord.validate(entity, json)
                let key = RecordKey(entity, record["id"]?.stringValue ?? "")
                return RecordState(key: key, owner: SchoolRecord.subject(entity, record)?.id, body: record.canonicalData)
            }
            _ = try await context.store.take(states, withheld: [], failures: [], source: "edlevo", time: "2026-08-31T10:00:00Z")
            try await body(directory, ["--data", directory + "/data", "--mappings", mappings, "--lang", "en"])
        }
    }

    private func edit(_ path: String, _ old: String, _ new: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: URL(fileURLWithPath: path))
    }

    @Test func `explain shows the rows of a record, and its values only when asked`() async throws {
        try await self.withRegister { _, options in
            let hidden = try await Program.run(["mapping", "explain", "unikum", "person/pupil-1"] + Self.day + options)
            #expect(hidden.status == 0, "\(hidden.errors)")
            #expect(hidden.output.contains("student_in_school: row") && hidden.output.contains("unikum/person.yaml:"))
            #expect(!hidden.output.contains("Provsson") && !hidden.output.contains("TF01"))
            let shown = try await Program.run(
                ["mapping", "explain", "unikum", "person/pupil-1", "--values"] + Self.day + options)
            #expect(shown.output.contains("efternamn = Provsson") && shown.output.contains("20130101-TF01"))
            let failing = try await Program.run(["mapping", "explain", "unikum", "duty/duty-1"] + Self.day + options)
            #expect(failing.status == 1 && failing.output.contains("value-without-code"))
            let unknown = try await Program.run(["mapping", "explain", "unikum", "person/nobody"] + options)
            #expect(unknown.status == 66)
            let system = try await Program.run(["mapping", "explain", "unicum", "person/pupil-1"] + options)
            #expect(system.status == 66 && system.errors.contains("edlevo, unikum"))
        }
    }

    @Test func `explain reads a source's document from a file`() async throws {
        try await TemporaryDirectory.with { directory in
            let file = directory + "/person.json"
            try Data(#"{"id": "p1", "givenName": "Prov", "familyName": "Provsson"}"#.utf8).write(to: URL(fileURLWithPath: file))
            let options = ["--data", directory + "/none", "--mappings", Program.mappings]
            let outcome = try await Program.run(["mapping", "explain", "edlevo", file, "--json"] + options)
            #expect(outcome.status == 0 && outcome.output.contains("\"givenName\""))
            try Data("{".utf8).write(to: URL(fileURLWithPath: file))
            let broken = try await Program.run(["mapping", "explain", "edlevo", file] + options)
            #expect(broken.status == 66 && broken.errors.contains("person.json"))
            #expect(!FileManager.default.fileExists(atPath: directory + "/none"))
        }
    }

    @Test func `diff says who would change, by entity and kind, and values only when asked`() async throws {
        try await self.withRegister { directory, options in
            let edited = directory + "/edited"
            let same = try await Program.run(["mapping", "diff", edited] + Self.day + options)
            #expect(same.status == 0 && same.output.contains("No record changes."))
            try self.edit(
                edited + "/unikum/person.yaml", "      arskurs: enrol", "      beskrivning: familyName\n      arskurs: enrol")
            try self.edit(edited + "/codes/title_code.csv", "\n2072,", "\n9998,Simhallsvakt,Annan personal,staff\n2072,")
            let outcome = try await Program.run(["mapping", "diff", edited] + Self.day + options)
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("unikum person: 2 of 2 records change"))
            #expect(outcome.output.contains("person: +0 ~2 -0"))
            #expect(outcome.output.contains("unikum duty: 1 of 1 records change, 1 fail no longer"))
            #expect(outcome.output.contains("staff_in_school: +1 ~0 -0"))
            #expect(outcome.output.contains("beskrivning") && !outcome.output.contains("Provsson"))
            let shown = try await Program.run(["mapping", "diff", edited, "--values", "--limit", "1"] + Self.day + options)
            #expect(shown.output.contains("beskrivning: – → Provsson") && !shown.output.contains("Lärarsson"))
            try self.edit(edited + "/unikum/person.yaml", "kind: person", "kind: persn")
            let broken = try await Program.run(["mapping", "diff", edited] + options)
            #expect(broken.status == 78 && broken.errors.contains("/edited/unikum/person.yaml:"))
        }
    }

    @Test func `a row that another record gives all the same hasn't changed`() async throws {
        try await self.withRegister { directory, options in
            // The same row from another rule of the duty's file: nothing is new for Unikum.
            let path = directory + "/edited/unikum/person.yaml"
            try self.edit(
                path, "  - kind: guardian_for",
                """
                  - kind: school
                    key: externt_id
                    each: {enrolment: "enrolments[current]"}
                    fields:
                      externt_id: {from: enrolment.enroledAt->id, required: row}
                      namn: {from: enrolment.enroledAt->displayName, required: row}

                  - kind: guardian_for
                """.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }.joined(separator: "\n"))
            let outcome = try await Program.run(["mapping", "diff", directory + "/edited"] + Self.day + options)
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        }
    }

    @Test func `coverage counts the codes without a row`() async throws {
        try await self.withRegister { _, options in
            let outcome = try await Program.run(["mapping", "coverage"] + Self.day + options)
            #expect(outcome.status == 1 && outcome.output.contains("no row: 9998  1 ×  → fail"))
            let lost = try await Program.run(["mapping", "coverage", "--loss", "--system", "unikum"] + options)
            #expect(lost.status == 0 && lost.output.contains("civicNo.nationality"))
            #expect(lost.output.contains("enrolments.schoolType  1 records have it"))
            let without = try await Program.run(["mapping", "coverage", "--mappings", Program.mappings, "--data", "/nowhere"])
            #expect(without.status == 66)
        }
    }

    @Test(arguments: ["table", "csv", "html", "json"])
    func `the register of processing names fields and purposes`(format: String) async throws {
        let outcome = try await Program.run(
            ["mapping", "fields", "--system", "unikum", "--format", format, "--mappings", Program.mappings, "--lang", "en"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("personnummer") && outcome.output.contains("unikum/person.yaml:"))
        #expect(outcome.output.contains("Accounts, contact details"))
        #expect(!outcome.output.contains("NOT SAID"))
    }
}
