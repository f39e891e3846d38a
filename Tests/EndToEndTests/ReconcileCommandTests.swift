import Foundation
import Hub
import KnutpunktApp
import Reconciliation
import SchoolRecords
import StandIns
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
            let unknown = try await Program.run(["status", "--set", "reconcile.hour=25"] + more)
            #expect(unknown.status == 78 && unknown.errors.contains("reconcile.hour"), "\(unknown)")
        }
    }
}
