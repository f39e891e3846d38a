import ConnectorKit
import Foundation
import Hub
import Testing

@testable import Console

@Suite("The console shows how the hub runs and what holds")
struct SettingsPageTests {
    private static let markup = "<script>alert('x')</script>"

    @Test func `alarms, parts and systems stand with their state and what to do`() async throws {
        try await ConsoleWorld.with { world in
            var target = HealthReading.Target(system: "unikum")
            (target.breaker, target.downSeconds, target.code, target.runbook) = (.open, 600, "refused", "docs/systems.md#refused")
            target.reason = Self.markup
            var reading = HealthReading(time: HubClock.system.timestamp)
            (reading.targets, reading.outbox, reading.diskFreeMebibytes) = ([target], 17, 120)
            reading.queues = ["failed": 3]
            world.reading.value = reading
            world.alarms.value = [
                Alarm(
                    .targetDown, "unikum", severity: .critical, text: .init(sv: Self.markup, en: "Down."),
                    raised: "2026-08-17T05:50:00.000Z")
            ]
            let page = try await world.get("/settings")
            #expect(page.status == 200 && page.body.contains("Knutpunkt 1.2.3") && page.body.contains("target-down:unikum"))
            #expect(page.body.contains("docs/operations/alarms.md#target-down") && page.body.contains("docs/systems.md#refused"))
            #expect(
                page.body.contains("nere sedan 10 min") && page.body.contains("120 MiB ledigt") && page.body.contains("5 MiB"))
            #expect(page.body.contains("17 väntar") && page.body.contains("<code>failed</code>"))
            #expect(!page.body.contains(Self.markup) && page.body.contains("&lt;script&gt;alert"))
            world.alarms.value = []
            #expect(try await world.get("/settings").body.contains("Inga larm är öppna."))
        }
    }

    @Test func `the checks are made when somebody asks, and each says what to do`() async throws {
        try await ConsoleWorld.with { world in
            world.verdicts.value = [
                ConsoleVerdict(subject: "store", grade: .good, finding: "sound", remedy: nil, runbook: nil),
                ConsoleVerdict(
                    subject: "system \(Self.markup)", grade: .bad, finding: "refused", remedy: "Check the address.",
                    runbook: "docs/x.md"),
            ]
            let before = try await world.get("/settings/checks")
            #expect(before.status == 200 && !before.body.contains("sound"))
            let page = try await world.post("/settings/checks", ["csrf": "form-of-ada"])
            #expect(page.body.contains("sound") && page.body.contains("i ordning") && page.body.contains("Check the address."))
            #expect(page.body.contains("docs/x.md") && !page.body.contains(Self.markup))
        }
    }

    @Test func `values in force can be looked for, and had as a table`() async throws {
        try await ConsoleWorld.with { world in
            let all = try await world.get("/settings/configuration")
            #expect(all.body.contains("retention.audit_days") && all.body.contains("data.directory"))
            let written = try await world.get("/settings/configuration?show=written")
            #expect(!written.body.contains("retention.audit_days") && written.body.contains("data.directory"))
            let found = try await world.get("/settings/configuration?find=AUDIT")
            #expect(found.body.contains("730") && !found.body.contains("data.directory"))
            let csv = try await world.get("/settings/configuration.csv")
            #expect(csv.body.contains("retention.audit_days,730,default") && csv.body.contains("data.directory,/data,written"))
        }
    }
}
