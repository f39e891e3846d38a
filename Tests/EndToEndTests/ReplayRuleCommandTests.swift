import Foundation
import Hub
import KnutpunktApp
import Logging
import SchoolRecords
import Testing

@Suite("Rules in the configuration")
struct ReplayRuleCommandTests {
    @Test func `what is wrong in rules is told with its place, all at once`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(
                directory,
                """
                failed:
                  rules:
                    night:
                      code: value-without-cod
                      after_minutes: soon
                      at_most: 0
                      often: yes
                    Day:
                      entity: pupil
                      at_most: 3
                    empty:
                    wide:
                      after_minutes: 5
                      at_most: 2
                """)
            let outcome = try await Program.run(["failed", "rules", "--config", path])
            #expect(outcome.status == 78)
            for part in [
                "\(path):6:7: failed.rules.night.code: no error has the code",
                "\(path):7:7: failed.rules.night.after_minutes: \"soon\" is no whole number from 1 to 10080",
                "\(path):8:7: failed.rules.night.at_most: \"0\" is no whole number from 1 to 100",
                "\(path):9:7: failed.rules.night.often is no key. Known: group, system,",
                "\(path):11:7: failed.rules.Day: a rule's name",
                "\(path):11:7: failed.rules.Day.entity: \"pupil\" is no entity",
                "failed.rules.Day.after_minutes: is missing",
                "\(path):13:5: failed.rules.empty: names no failures",
                "\(path):15:7: failed.rules.wide: names no failures",
            ] { #expect(outcome.errors.contains(part), "\(part)\n\(outcome.errors)") }
        }
    }

    @Test func `a rule for a system that isn't there is told`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(
                directory, "failed:\n  rules:\n    a: {system: unicum, after_minutes: 5, at_most: 1}\n")
            let outcome = try await Program.run(["failed", "rules", "--config", path])
            #expect(outcome.status == 78)
            #expect(outcome.errors.contains("\(path):5:9: failed.rules.a.system: there is no system \"unicum\""))
        }
    }

    @Test func `rules are listed with what they did and what they would send, and nothing is sent`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(
                directory, "failed:\n  rules:\n    refused: {system: unikum, code: row-*, after_minutes: 5, at_most: 2}\n")
            let context = try await HubContext.open(
                try await HubConfiguration.read(file: path, flags: [:]), logger: Logger(label: "test"))
            #expect(context.configuration.replayRules.map(\.name) == ["refused"])
            for id in ["a", "b"] {
                try await context.store.record(
                    [
                        NewFailure(
                            stage: .delivery, system: "unikum", key: RecordKey(.person, id), sequence: 1, kind: "rejected",
                            code: id == "a" ? "row-refused" : "conflict", field: nil, place: nil, message: "m", body: nil)
                    ], time: "2026-08-17T06:00:00.000Z")
            }
            let text = try await Program.run(["failed", "rules", "--dry-run", "--config", path])
            #expect(text.status == 0)
            #expect(text.output.contains("refused  system unikum, code row-*: after 5 min, 2 times at most"))
            #expect(text.output.contains("next: now; 1 due, 0 sent as often as they may be"))
            #expect(text.output.contains("    1  2026-08-17T06:00:00.000Z  unikum  person/a  row-refused"))
            #expect(!text.output.contains("person/b"))
            let json = try await Program.run(["failed", "rules", "refused", "--json", "--config", path])
            let view = try JSONValue(parsing: Data(json.output.utf8)).arrayValue?.first
            #expect(view?["look"]?["due"] == 1 && view?["runs"]?["runs"] == 0 && view?["failures"] == nil)
            #expect(try await context.store.openBatches().isEmpty)
            let unknown = try await Program.run(["failed", "rules", "other", "--config", path])
            #expect(unknown.status == 66 && unknown.errors.contains("Known: refused"))
        }
    }
}
