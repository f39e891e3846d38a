import Foundation
import Hub
import Logging
import SchoolRecords
import Testing

@testable import KnutpunktApp

@Suite("Permissions at the command line")
struct PermissionCommandTests {
    @Test func `what is wrong in permissions is told with its place, all at once`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(
                directory,
                """
                permissions:
                  anna.berg:
                    replay: unicum, vega
                    destroy: "*"
                    edit: unikum,
                    see: [unikum]
                """)
            let outcome = try await Program.run(["permissions", "--config", path, "--set", "permissions.anna.replay=*"])
            #expect(outcome.status == 78)
            for part in [
                "\(path):6:5: permissions.anna.berg.destroy is no key. Known: replay, edit, approve,",
                "\(path):7:5: permissions.anna.berg.edit: write the systems",
                "\(path):8:5: permissions.anna.berg.see: write the systems",
                "--set permissions.anna.replay: permissions stand in the configuration file alone",
            ] { #expect(outcome.errors.contains(part), "\(part)\n\(outcome.errors)") }
            let other = try Program.configuration(directory, "permissions:\n  anna: {replay: unicum}\n")
            let stranger = try await Program.run(["permissions", "--config", other])
            #expect(stranger.status == 78)
            #expect(stranger.errors.contains("\(path):4:10: permissions.anna.replay: there is no system \"unicum\""))
            let empty = try await Program.run(["permissions", "--config", try Program.configuration(directory, "permissions:\n")])
            #expect(empty.status == 78 && empty.errors.contains("\(path):3:1: permissions names nobody"))
        }
    }

    @Test func `a protected person is shown to who is named for it, with the reason in the audit log, and to nobody else`()
        async throws
    {
        try await TemporaryDirectory.with { directory in
            let open = try Program.configuration(directory, "")
            let context = try await HubContext.open(
                try await HubConfiguration.read(file: open, flags: [:]), logger: Logger(label: "test"))
            let key = RecordKey(.person, "hidden-1")
            let opaque = context.key.opaqueKey(for: key)
            let body = Data(#"{"id": "hidden-1", "givenName": "Hemlig", "familyName": "Hemligsson"}"#.utf8)
            _ = try await context.store.take(
                [], withheld: [WithheldRecord(opaqueKey: opaque, key: key, body: body)], failures: [], source: "edlevo",
                time: "2026-08-17T06:00:00.000Z")
            func look(_ config: String, as person: String, _ more: [String] = ["--protected"]) async throws -> Program.Outcome {
                try await Program.run(
                    ["person", "hidden-1", "--reason", "case 4711", "--config", config] + more,
                    environment: ["SUDO_USER": person])
            }
            func looks() async throws -> [String] {
                try await context.store.auditEntries(AuditFilter()).filter { $0.action == "person.protected" }
                    .map { "\($0.person) \($0.subject) \($0.reason ?? "")" }
            }
            // Without permissions everybody may everything, but this.
            let nobody = try await look(open, as: "anna")
            #expect(nobody.status == 77 && !(nobody.output + nobody.errors).contains("Hemlig"), "\(nobody)")
            let named = try Program.configuration(
                directory, "permissions:\n  anna: {see-protected: \"*\"}\n  \"*\": {see: \"*\", see-protected: \"*\"}\n")
            for (person, more) in [("bo", ["--protected"]), ("bo", []), ("bo", ["--json"])] {
                let outcome = try await look(named, as: person, more)
                #expect(!(outcome.output + outcome.errors).contains("Hemlig"), "\(outcome)")
            }
            #expect(try await looks() == [])
            for more in [["--protected"], ["--protected", "--json"]] {
                let outcome = try await look(named, as: "anna", more)
                #expect(outcome.status == 0 && outcome.output.contains("Hemligsson"), "\(outcome)")
            }
            #expect(try await looks() == Array(repeating: "anna \(opaque) case 4711", count: 2))
        }
    }

    @Test func `what isn't allowed is refused, told and noted, and leaves everything as it was`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(
                directory, "permissions:\n  anna: {replay: unikum, discard: unikum, see: unikum}\n  bo: {replay: vega}\n")
            let context = try await HubContext.open(
                try await HubConfiguration.read(file: path, flags: [:]), logger: Logger(label: "test"))
            for system in ["unikum", "vega"] {
                try await context.store.record(
                    [
                        NewFailure(
                            stage: .delivery, system: system, key: RecordKey(.person, "a"), sequence: 1, kind: "rejected",
                            code: "row-refused", field: nil, place: nil, message: "m", body: Data("{}".utf8))
                    ], time: "2026-08-17T06:00:00.000Z")
            }
            func run(_ arguments: [String], as person: String, _ config: String? = nil) async throws -> Program.Outcome {
                try await Program.run(arguments + ["--config", config ?? path], environment: ["SUDO_USER": person])
            }
            let refused: [(String, [String])] = [
                ("bo", ["failed", "replay", "1"]), ("anna", ["failed", "replay", "--all"]),
                ("bo", ["failed", "discard", "1", "--reason", "r"]), ("bo", ["failed", "show", "1", "--body"]),
                ("anna", ["failed", "archive"]), ("anna", ["resend", "unikum"]), ("anna", ["sync", "edlevo"]),
                ("dag", ["failed", "edit", "1", "--field", "a=b", "--reason", "r"]),
                ("bo", ["person", "a", "--system", "unikum", "--reason", "r"]), ("anna", ["person", "a", "--reason", "r"]),
            ]
            for (person, command) in refused {
                let outcome = try await run(command, as: person)
                #expect(outcome.status == 77, "\(command): \(outcome)")
                #expect(outcome.errors.contains("\(person) may not do this") && outcome.errors.contains("#not-allowed"))
                #expect(!outcome.output.contains("{}"))
            }
            #expect(try await context.store.counts() == [.failed: 2])
            #expect(try await context.store.openBatches().isEmpty)
            let entries = try await context.store.auditEntries(AuditFilter())
            #expect(
                entries.map { "\($0.person) \($0.action) \($0.subject)" } == [
                    "bo refused.replay system/unikum", "anna refused.replay system/vega", "bo refused.discard system/unikum",
                    "bo refused.see system/unikum", "anna refused.archive systems", "anna refused.resend system/unikum",
                    "anna refused.sync system/edlevo", "dag refused.edit system/unikum",
                    "bo refused.see system/unikum", "anna refused.see systems",
                ])

            // What isn't for somebody special, and what is allowed.
            for command in [
                ["failed", "list"], ["failed", "show", "1"], ["failed", "replay", "1", "--dry-run"],
                ["failed", "archive", "--dry-run"],
            ] {
                #expect(try await run(command, as: "dag").status == 0, "\(command)")
            }
            #expect(try await run(["failed", "show", "1", "--body"], as: "anna").output.contains("{}"))
            #expect(try await context.store.auditEntries(AuditFilter()).last?.action == "see")
            #expect(try await run(["failed", "discard", "1", "--reason", "r"], as: "anna").status == 0)
            let mine = try await run(["permissions"], as: "anna")
            #expect(
                mine.output.contains(
                    "anna (you)\n    discard: unikum\n    replay: unikum\n    see: unikum\nbo\n    replay: vega\n"))
            #expect(try await run(["permissions"], as: "dag").output.contains("dag (you): nothing"))
        }
    }

    @Test func `the permissions that the hub was started with hold, whatever file a command is given`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(directory, "permissions:\n  bo: {replay: \"*\"}\n")
            let context = try await HubContext.open(
                try await HubConfiguration.read(file: path, flags: [:]), logger: Logger(label: "test"))
            try await context.store.keep(context.configuration.permissions, by: "hub", time: "2026-08-17T06:00:00.000Z")
            _ = try Program.configuration(directory, "permissions:\n  anna: {replay: \"*\", archive: \"*\"}\n")
            let outcome = try await Program.run(["failed", "archive", "--config", path], environment: ["SUDO_USER": "anna"])
            #expect(outcome.status == 77)
            let shown = try await Program.run(["permissions", "--json", "--config", path], environment: ["SUDO_USER": "anna"])
            let json = try JSONValue(parsing: Data(shown.output.utf8))
            #expect(json["you"] == "anna" && json["people"]?["bo"]?["replay"] == ["*"] && json["people"]?["anna"] == nil)
        }
    }
}
