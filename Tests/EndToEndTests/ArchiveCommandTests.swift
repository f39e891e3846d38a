import Foundation
import Hub
import KnutpunktApp
import Logging
import SchoolRecords
import Testing

@Suite("Removing by hand what is over")
struct ArchiveCommandTests {
    @Test func `a dry run says it and removes nothing; then it is gone, and listed as archived`() async throws {
        try await TemporaryDirectory.with { directory in
            let configuration = HubConfiguration(dataDirectory: directory, mappingsDirectory: Program.mappings)
            let context = try await HubContext.open(configuration, logger: Logger(label: "test"))
            for id in ["a", "b"] {
                try await context.store.record(
                    [
                        NewFailure(
                            stage: .delivery, system: "unikum", key: RecordKey(.person, id), sequence: 1, kind: "rejected",
                            code: "row-refused", field: nil, place: nil, message: "no \(id)", body: nil)
                    ], time: "2026-01-01T00:00:00.000Z")
            }
            try await context.store.settle(
                [Settlement(key: RecordKey(.person, "a"), sequence: 2, outcome: .applied(rows: [], references: [], missing: []))],
                in: "unikum", time: "2026-01-02T00:00:00.000Z")
            let past = try #require(RFC3339.date("2026-01-03T00:00:00Z"))
            _ = try await context.store.retain(RetentionPeriods(), now: past, limit: 9, by: "test")
            let here = ["--data", directory, "--mappings", Program.mappings]
            let dry = try await Program.run(["failed", "archive", "--dry-run"] + here)
            #expect(dry.status == 0 && dry.output.contains("Failed messages that would be archived (after 30 days): 1\n"))
            #expect(try await context.store.message(1)?.failure.message == "no a")
            let kept = try await Program.run(["failed", "archive", "--set", "retention.failures_days=never"] + here)
            #expect(kept.output.contains("Failed messages archived (never): 0"))
            let done = try await Program.run(["failed", "archive", "--json"] + here)
            let shown = try JSONValue(parsing: Data(done.output.utf8))
            #expect(shown["done"]?["archived"] == 1 && shown["dryRun"] == false && shown["periods"]?["failuresDays"] == 30)
            let list = try await Program.run(["failed", "list", "--state", "archived"] + here)
            #expect(list.output.contains("row-refused") && !list.output.contains("person/a"))
            let show = try await Program.run(["failed", "show", "1"] + here)
            #expect(show.output.contains("archived") && show.output.contains("Its content was removed"))
            #expect(try await context.store.message(2)?.failure.message == "no b")
            let wrong = try await Program.run(["failed", "archive", "--set", "retention.audit_days=0"] + here)
            #expect(
                wrong.status == 78 && wrong.errors.contains("retention.audit_days: \"0\" is no number of days from 1, nor never.")
            )
        }
    }
}
