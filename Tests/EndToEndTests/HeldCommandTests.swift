import Foundation
import Hub
import KnutpunktApp
import Logging
import SchoolRecords
import Testing

@Suite("The commands about held changes")
struct HeldCommandTests {
    private static let id = "edlevo-person-1f2e3d4c5b6a7988"

    private static func withHeld(_ body: (_ context: HubContext, _ options: [String]) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let configuration = HubConfiguration(dataDirectory: directory + "/data", mappingsDirectory: Program.mappings)
            let context = try await HubContext.open(configuration, logger: Logger(label: "test"))
            let change = HeldChange(
                id: Self.id, direction: .source, system: "edlevo", entity: "person", mode: "full", living: 300,
                counts: ChangeCounts(updates: 300), excess: [ChangeExcess(kind: .updates, count: 300, limit: 60)],
                hints: [SetHint(.mappingEdited, 1)],
                findings: [
                    FieldFinding(
                        field: "birthDate", count: 300, of: 300, hint: ValueHint(.movedDays, days: -1), hintCount: 300)
                ], time: "2026-08-17T06:00:00.000Z")
            try await context.store.hold(
                change, marks: [1],
                samples: [
                    HeldSample(
                        key: RecordKey(.person, "p1"), change: .updates,
                        fields: [.init(name: "birthDate", before: "2013-01-02", after: "2013-01-01")])
                ])
            try await body(context, ["--data", directory + "/data", "--mappings", Program.mappings, "--lang", "en"])
        }
    }

    @Test func `the list says what waits and ends with 1; decided, it ends with 0`() async throws {
        try await Self.withHeld { _, options in
            let list = try await Program.run(["held"] + options)
            #expect(list.status == 1)
            #expect(list.output.contains("\(Self.id)  HELD  edlevo person: 300 updated of 300"))
            let json = try JSONValue(parsing: Data(try await Program.run(["held", "list", "--json"] + options).output.utf8))
            #expect(json.arrayValue?.first?["id"]?.stringValue == Self.id)
            let swedish = try await Program.run(["held"] + options.dropLast() + ["sv"])
            #expect(swedish.output.contains("VÄNTAR  edlevo person: 300 ändrade av 300"))
            #expect(try await Program.run(["held", "reject", Self.id, "--reason", "wrong export"] + options).status == 0)
            #expect(try await Program.run(["held"] + options).status == 0)
            #expect(try await Program.run(["status"] + options).output.contains(Self.id))
        }
    }

    @Test func `who isn't allowed to decide decides nothing, and sees no values`() async throws {
        try await Self.withHeld { context, options in
            try await context.store.keep(
                Permissions(grants: ["anna": [.approveChanges: .systems(["skola24"]), .see: .systems(["skola24"])]]), by: "hub",
                time: "2026-08-17T06:00:00.000Z")
            for command in [
                ["approve", Self.id, "--reason", "r"], ["reject", Self.id, "--reason", "r"], ["show", Self.id, "--values"],
                [
                    "plan", "--system", "edlevo", "--entity", "person", "--deletes", "9", "--from", "2026-08-01", "--to",
                    "2099-08-01", "--reason", "r",
                ],
            ] {
                let outcome = try await Program.run(["held"] + command + options, environment: ["SUDO_USER": "anna"])
                #expect(outcome.status == 77, "\(command): \(outcome)")
            }
            #expect(try await context.store.heldChanges(HeldFilter()).map(\.state) == [.held])
            #expect(try await context.store.plans().isEmpty)
            #expect(try await context.store.events(ofHeld: Self.id).map(\.event) == ["held"])
        }
    }

    @Test func `values are shown when they are asked for, and that is written down`() async throws {
        try await Self.withHeld { context, options in
            let plain = try await Program.run(["held", "show", "edlevo-person-1f"] + options)
            #expect(plain.status == 0, "\(plain.errors)")
            #expect(plain.output.contains("birthDate differs in 300 of 300: moved by -1 days (300)"))
            #expect(plain.output.contains("too many: 300 updated, the limit is 60"))
            #expect(plain.output.contains("the source's mapping has been edited"))
            #expect(plain.output.contains("knutpunkt held approve \(Self.id)"))
            #expect(!plain.output.contains("2013-01-02"))
            #expect(try await context.store.events(ofHeld: Self.id).map(\.event) == ["held"])
            let values = try await Program.run(["held", "show", Self.id, "--values", "--by", "Prov"] + options)
            #expect(values.output.contains("birthDate: 2013-01-02 → 2013-01-01"))
            let events = try await context.store.events(ofHeld: Self.id)
            #expect(events.map(\.event) == ["held", "values-shown"] && events.last?.by?.hasPrefix("Prov (") == true)
        }
    }

    @Test func `an approval has a reason, can be tried first, and is given once`() async throws {
        try await Self.withHeld { context, options in
            #expect(try await Program.run(["held", "approve", Self.id] + options).status == 64)
            let dry = try await Program.run(["held", "approve", Self.id, "--dry-run"] + options)
            #expect(dry.status == 0 && dry.output.contains("Nothing was changed"))
            var filter = HeldFilter()
            filter.states = [.held]
            #expect(try await context.store.heldChanges(filter).count == 1)
            let approved = try await Program.run(["held", "approve", Self.id, "--reason", "term start", "--json"] + options)
            #expect(approved.status == 0, "\(approved.errors)")
            #expect(try JSONValue(parsing: Data(approved.output.utf8))["state"] == "approved")
            let again = try await Program.run(["held", "approve", Self.id, "--reason", "term start"] + options)
            #expect(again.status == 66 && again.errors.contains("approved already"))
            #expect(try await Program.run(["held", "show", "nothing"] + options).status == 66)
        }
    }

    @Test func `a plan is announced, listed and revoked`() async throws {
        try await Self.withHeld { _, options in
            let plan =
                ["held", "plan", "--system", "edlevo", "--entity", "person", "--updates", "14000"]
                + ["--from", "2036-08-01", "--to", "2036-08-20", "--reason", "new school year"]
            let made = try await Program.run(plan + options)
            #expect(made.status == 0, "\(made.errors)")
            #expect(made.output.contains("edlevo person: 14000 updated"))
            #expect(try await Program.run(["held", "plans"] + options).output.contains("to come"))
            #expect(try await Program.run(["held", "revoke", "1"] + options).status == 0)
            #expect(try await Program.run(["held", "revoke", "1"] + options).status == 66)
            #expect(try await Program.run(["held", "plans"] + options).output.contains("revoked"))
            let wrong = try await Program.run(plan.map { $0 == "person" ? "attendance" : $0 } + options)
            #expect(wrong.status == 66 && wrong.errors.contains("It gives:"))
        }
    }
}
