import Foundation
import Hub
import KnutpunktApp
import Logging
import Reconciliation
import SchoolRecords
import StandIns
import Synchronization
import Testing

/// A real hub between stand-ins, some of which hold something else than they were given.
@Suite("Systems compared at the command line", .serialized)
struct ReconcileCommandTests {
    private static func with(_ body: @escaping @Sendable (Rehearsal, [String]) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            var options = Rehearsal.Options(
                scale: .custom(children: 60), seed: 5, directory: directory, mappings: Program.mappings, executable: Program.path)
            options.others = [.tempus, .vega]
            options.hasSkola24Files = true
            try await Rehearsal.with(options) { rehearsal in
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                try await rehearsal.settle()
                try await body(rehearsal, ["--config", directory + "/knutpunkt.yaml"])
            }
        }
    }

    private struct Told: Decodable {
        let number: Int
        let system: String
        let kind: String
        let situation: String
        let cause: String
        let remedy: String
        let record: String?
        let key: String?
        let fields: [Field]

        struct Field: Decodable {
            let name: String
            let nature: String
            let held: String?
        }
    }

    private static func list(_ arguments: [String], _ more: [String]) async throws -> [Told] {
        let outcome = try await Program.run(["reconcile", "list", "--json", "--limit", "0"] + arguments + more)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try JSONDecoder().decode([Told].self, from: Data(outcome.output.utf8))
    }

    @Test(.timeLimit(.minutes(5)))
    func `what somebody put wrong in systems is found, mended by the hub, and gone in the next run`() async throws {
        try await Self.with { rehearsal, more in
            let none = try await Program.run(["reconcile", "list"] + more)
            #expect(none.status == 66 && none.errors.contains("knutpunkt reconcile"), "\(none)")
            try await rehearsal.exportUnikum()
            let whole = try await Program.run(["reconcile"] + more)
            #expect(whole.status == 0 && whole.output.contains("100.00 %"), "\(whole)")
            #expect(["unikum", "tempus", "vega", "skola24files"].allSatisfy(whole.output.contains), "\(whole.output)")
            #expect(whole.output.contains("as given"), "\(whole.output)")

            // Vega loses a pupil, Tempus turns a name round, Unikum loses a membership.
            let (vega, tempus) = (try #require(rehearsal.others[.vega]), try #require(rehearsal.others[.tempus]))
            let pupil = try #require(await vega.records(of: .person).map(\.key).min())
            #expect(await vega.delete(pupil))
            let child = try #require(await tempus.records(of: .person).map(\.key).min())
            var document = try #require(await tempus.document(child))
            document["givenName"] = "Någon Annan"
            try await tempus.upsert(.person, document)
            let membership = try #require(await rehearsal.unikum.rows("student_in_class").first { _ in true })
            try await rehearsal.exportUnikum { $0.kind == membership.kind && $0.key == membership.key ? nil : $0 }

            // What was given a moment ago counts as on its way: looked at again, it doesn't.
            let html = ["reconcile", "--html", rehearsal.options.directory + "/report.html"]
            var run = try await Program.run(html + more)
            for _ in 0..<20 where !run.output.contains("3 differences") { run = try await Program.run(html + more) }
            try #require(run.status == 2 && run.output.contains("3 differences") && run.output.contains("repair"), "\(run)")
            let report = try String(contentsOfFile: rehearsal.options.directory + "/report.html", encoding: .utf8)
            #expect(report.contains("knutpunkt trace person/\(child.id)") || report.contains("knutpunkt trace placement/"))
            #expect(report.contains("<svg") && !report.contains("Någon Annan"))
            let found = try await Self.list([], more)
            #expect(
                Set(found.map { "\($0.system) \($0.kind) \($0.situation) \($0.cause) \($0.remedy)" }) == [
                    "vega pupil missing lost send-again", "tempus child different changed-there send-again",
                    "unikum student_in_class missing lost send-again",
                ])
            #expect(found.allSatisfy { $0.key == nil && $0.fields.allSatisfy { $0.held == nil } })
            #expect(found.first { $0.system == "tempus" }?.fields.map(\.name) == ["givenName"])

            // Values are personal data.
            let refused = try await Program.run(["reconcile", "list", "--values"] + more)
            #expect(refused.status == 64 && refused.errors.contains("--reason"), "\(refused)")
            let seen = try await Self.list(["--values", "--reason", "a guardian called", "--system", "tempus"], more)
            #expect(seen.map(\.key) == [child.id] && seen.first?.fields.first?.held == "Någon Annan")
            let audit = try await Program.run(["audit"] + more)
            #expect(audit.output.contains("reconcile.values") && audit.output.contains("a guardian called"), "\(audit.output)")

            let dry = try await Program.run(["reconcile", "repair", "--dry-run"] + more)
            #expect(
                dry.status == 0 && dry.output.contains("vega pupil: +1 ~0 -0") && dry.output.contains("tempus child: +0 ~1 -0"),
                "\(dry)")
            let list = try await Program.run(["reconcile", "worklist"] + more)
            #expect(list.status == 0 && list.output.contains("Nothing to do"), "\(list)")
            let before = await tempus.requests.writes
            let repair = try await Program.run(["reconcile", "repair"] + more)
            #expect(repair.status == 0 && repair.output.contains("Sent: 3 records"), "\(repair)")
            try await rehearsal.until { _ in
                guard await vega.document(pupil) != nil else { return false }
                return await tempus.document(child)?["givenName"]?.stringValue != "Någon Annan"
            }
            try await rehearsal.settle()
            #expect(await tempus.requests.writes == before + 1)
            try await rehearsal.exportUnikum()
            let again = try await Program.run(["reconcile", "--fail-under", "100"] + more)
            #expect(again.status == 0 && again.output.contains("0 differences"), "\(again)")
            let runs = try await Program.run(["reconcile", "runs"] + more)
            #expect(runs.output.split(separator: "\n").count >= 3, "\(runs.output)")
        }
    }

    @Test(.timeLimit(.minutes(4)))
    func `a scheduled run that somebody cancels ends, the schedule goes on, and the run can be gone on with`() async throws {
        try await Self.with { rehearsal, more in
            let file = URL(fileURLWithPath: rehearsal.mappingsDirectory + "/vega/system.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data((text + "  pages_per_second: 0.05\n").utf8).write(to: file)
            let configuration = try await HubConfiguration.read(
                file: rehearsal.options.directory + "/knutpunkt.yaml", flags: ["reconcile.hour": "0"], environment: [:])
            let context = try await HubContext.open(configuration, logger: Logger(label: "test"))
            let refused = Mutex<Program.Outcome?>(nil)
            // Called between two pages of Vega.
            let clock = HubClock(
                now: { Date() },
                sleep: { _ in
                    guard let run = try await context.store.reconcileRuns(states: [.running], limit: 1).first else { return }
                    let second = try await Program.run(["reconcile"] + more)
                    refused.withLock { $0 = second }
                    _ = try await context.cancelReconcile(run.id, by: "anna")
                })
            let service = ReconcileService(context, clock: clock)
            #expect(try await service.round() == nil)
            let runs = try await context.store.reconcileRuns(states: [], limit: 10)
            let run = try #require(runs.first)
            #expect(runs.count == 1 && run.state == .cancelled && run.madeBy == ReconcileService.maker)
            let second = try #require(refused.withLock { $0 })
            #expect(second.status == 75 && second.errors.contains(run.id), "\(second)")
            // It isn't due again today.
            #expect(try await service.round() == nil)
            #expect(try await context.store.reconcileRuns(states: [], limit: 10).count == 1)
            let ended = try await Program.run(["reconcile", "cancel", run.id] + more)
            #expect(ended.status == 66 && ended.errors.contains("isn't running"), "\(ended)")
            try Data(text.utf8).write(to: file)
            try await rehearsal.exportUnikum()
            let resumed = try await Program.run(["reconcile", "--resume", run.id, "--json"] + more)
            #expect(resumed.status == 0, "\(resumed)")
            let told = try JSONValue(parsing: Data(resumed.output.utf8))
            #expect(told["agreement"]?.integerValue == 1 && told["isComplete"]?.boolValue == true)
            #expect(told["systems"]?.arrayValue?.allSatisfy { $0["situations"]?.objectValue != nil } == true)
            let again = try await Program.run(["reconcile", "--resume", run.id] + more)
            #expect(again.status == 66 && again.errors.contains("through already"), "\(again)")
            let part = try await Program.run(["reconcile", "--entity", "placement", "--fail-under", "99"] + more)
            #expect(part.status == 64, "\(part)")
            let stranger = try await Program.run(["reconcile", "list", "--system", "nosuch"] + more)
            #expect(stranger.status == 66 && stranger.errors.contains("vega"), "\(stranger)")
            let off = try await Program.run(["reconcile", "--system", "eservice", "--lang", "sv"] + more)
            #expect(off.status == 66 && off.errors.contains("avstängt"), "\(off)")
        }
    }

    @Test(.timeLimit(.minutes(4)))
    func `wrong use, and systems that can't be read, are told with what to do`() async throws {
        try await Self.with { rehearsal, more in
            let stranger = try await Program.run(["reconcile", "--system", "nosuch"] + more)
            #expect(
                stranger.status == 66 && stranger.errors.contains("unikum") && stranger.errors.contains("vega"), "\(stranger)")
            // Unikum has left no export yet.
            let blind = try await Program.run(["reconcile"] + more)
            #expect(blind.status == 69 && blind.output.contains("objekt-*.txt"), "\(blind)")
            #expect(blind.output.contains("vega: 100.00 %"), "\(blind.output)")
            let both = try await Program.run(["reconcile", "--full", "--changed"] + more)
            #expect(both.status == 64, "\(both)")
            let swedish = try await Program.run(["reconcile", "show", "9999", "--lang", "sv"] + more)
            #expect(swedish.status == 66 && swedish.errors.contains("har ingen skillnad 9999"), "\(swedish)")
            try FileManager.default.createDirectory(
                atPath: rehearsal.options.directory + "/unikum-held", withIntermediateDirectories: true)
            for (name, text) in [("objekt-1.txt", "a\tb\tuser\n"), ("relationer-1.txt", "student_in_class\tx\ty\n")] {
                try Data(text.utf8).write(to: URL(fileURLWithPath: rehearsal.options.directory + "/unikum-held/" + name))
            }
            let broken = try await Program.run(["reconcile", "--system", "unikum"] + more)
            #expect(broken.status == 69 && broken.output.contains("objekt-1.txt:1"), "\(broken)")
            let file = rehearsal.mappingsDirectory + "/vega/system.yaml"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try Data((text + "  sometimes: 1\n  pages_per_second: 0\n").utf8).write(to: URL(fileURLWithPath: file))
            let settings = try await Program.run(["reconcile"] + more)
            #expect(settings.status == 78 && settings.errors.contains("reconcile.sometimes"), "\(settings)")
            #expect(settings.errors.contains("pages_per_second"), "\(settings)")
            let rules = "      - {by: [number], confidence: 1}\n      - {by: [givenName, familyName, street], confidence: 0.7}\n"
            try #require(text.contains("    pupil:\n\(rules)") && text.contains("  names:\n    pupil: {school: school}\n"))
            let wrong = [
                ("    pupil:\n\(rules)", "    pupil: number\n", "reconcile.same.pupil"),
                ("  same:\n    pupil:\n\(rules)", "  same: number\n", "reconcile.same "),
                ("    pupil: {school: school}\n", "    pupil: school\n", "reconcile.names.pupil"),
            ]
            for (part, instead, place) in wrong {
                try Data(text.replacing(part, with: instead).utf8).write(to: URL(fileURLWithPath: file))
                let refused = try await Program.run(["reconcile"] + more)
                #expect(refused.status == 78 && refused.errors.contains(place), "\(instead): \(refused)")
            }
            let unknown = try await Program.run(["status", "--set", "reconcile.hour=25"] + more)
            #expect(unknown.status == 78 && unknown.errors.contains("reconcile.hour"), "\(unknown)")
        }
    }
}
