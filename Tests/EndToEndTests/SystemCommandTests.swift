import Foundation
import Hub
import KnutpunktApp
import Mapping
import SchoolRecords
import StandIns
import Testing

/// The commands on systems that are sources, targets, both, and switched off.
@Suite("Commands know which way a system goes", .serialized)
struct SystemCommandTests {
    private static func with(_ body: @Sendable (Rehearsal, String) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            var options = Rehearsal.Options(
                scale: .custom(children: 40), seed: 5, directory: directory, mappings: Program.mappings, executable: Program.path)
            options.others = [.tempus, .vega]
            try await Rehearsal.with(options) { try await body($0, directory + "/knutpunkt.yaml") }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `all sources are read with one command, and one that is down doesn't keep the others from it`() async throws {
        try await Self.with { rehearsal, configuration in
            let first = try await Program.run(["sync", "--config", configuration])
            #expect(first.status == 0, "\(first.errors)")
            for line in ["edlevo (1 of 3)", "tempus (2 of 3)", "vega (3 of 3)"] { #expect(first.output.contains(line)) }
            #expect(first.output.contains("  attendanceschedule: "))
            try await rehearsal.others[.tempus]?.setFaults(EdlevoFaults { $0.outage = .refusing })
            let second = try await Program.run(["sync", "--json", "--config", configuration])
            #expect(second.status == 69, "\(second.errors)")
            let outcomes = try #require(try JSONValue(parsing: Data(second.output.utf8)).arrayValue)
            #expect(outcomes.map { $0["source"]?.stringValue } == ["edlevo", "tempus", "vega"])
            #expect(outcomes.map { $0["error"] != nil } == [false, true, false])
            #expect(outcomes[2]["report"]?["source"] == "vega")
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `a wrong way or a system that is switched off is told`() async throws {
        try await Self.with { _, configuration in
            for (arguments, words) in [
                (["sync", "unikum"], "unikum is no source"), (["sync", "skola24"], "systems.skola24.enabled: true"),
                (["sync", "nowhere"], "Known: edlevo, tempus, unikum, vega"), (["resend", "edlevo"], "edlevo is a source"),
                (["resend", "skola24files"], "systems.skola24files.enabled: true"), (["notices", "unikum"], "no source"),
                (["mapping", "fields", "--system", "skola24"], "systems.skola24.enabled: true"),
            ] {
                let outcome = try await Program.run(arguments + ["--config", configuration])
                #expect(outcome.status == 66, "\(arguments)")
                #expect(outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
            }
            let doctor = try await Program.run(["doctor", "--config", configuration])
            #expect(doctor.output.contains("system tempus: answers and lets the hub in"))
            #expect(
                doctor.output.contains(
                    "switched off: admissions, csn, digiexam, dnp, edlevoemployments, egil, eservice, hr, kaa, navet, openeplatform, skola24, skola24files, skolon"
                ))
            let notices = try await Program.run(["notices", "--config", configuration])
            #expect(notices.output.contains("/notices/tempus/") && !notices.output.contains("unikum"))
            let check = try await Program.run(["mapping", "check", "--config", configuration])
            #expect(check.status == 0)
            #expect(check.output.contains("4 systems"))
            #expect(
                check.output.contains(
                    "all the same: admissions, csn, digiexam, dnp, edlevoemployments, egil, eservice, hr, kaa, navet, openeplatform, skola24, skola24files, skolon"
                ))
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `a target that leaves files is read too, and every file is moved with a report beside it`() async throws {
        try await Self.with { rehearsal, configuration in
            let inbox = rehearsal.options.directory + "/unikum-in"
            try FileManager.default.createDirectory(atPath: inbox, withIntermediateDirectories: true)
            let person = try #require(try await rehearsal.edlevo.truth(.person).keys.min())
            for (name, text) in [
                ("konton-1.csv", "person;status;roller;senast\n\(person);aktiv;personal, mentor;2026-11-20\n"),
                ("roller-1.csv", "person;roll;niva;for;fran;till\n\(person);personal;skola;school-1;2026-08-01;\n"),
                // Half a file.
                ("konton-2.csv", "person;status;roller;senast\n\(person);akt"),
            ] { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(inbox)/\(name)")) }
            // What names persons waits for them.
            let early = try await Program.run([
                "sync", "unikum", "--config", configuration, "--set", "systems.unikum.source.enabled=true", "--set",
                "systems.unikum.source.drop_folder=\(inbox)", "--lang", "en",
            ])
            #expect(early.status == 1 && early.output.contains("accountstatus: waits. First person must be read"), "\(early)")
            let persons = try await Program.run(["sync", "edlevo", "--config", configuration])
            #expect(persons.status == 0, "\(persons.errors)")
            let sync = try await Program.run([
                "sync", "unikum", "--config", configuration, "--set", "systems.unikum.source.enabled=true", "--set",
                "systems.unikum.source.drop_folder=\(inbox)", "--set",
                "systems.unikum.source.whole_when.unchanged_seconds=0",
            ])
            #expect(sync.status == 0, "\(sync.errors)")
            #expect(sync.output.contains("accountstatus: 1 read, 1 new") && sync.output.contains("rolegrant: 1 read, 1 new"))
            func names(_ folder: String) throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: "\(inbox)/\(folder)").map { String($0.dropFirst(20)) }
                    .sorted()
            }
            #expect(
                try names("done") == ["konton-1.csv", "konton-1.csv.report.txt", "roller-1.csv", "roller-1.csv.report.txt"])
            #expect(try names("rejected") == ["konton-2.csv", "konton-2.csv.report.txt"])
            let accounts = try await rehearsal.context.store.liveRecords(of: .accountStatus, after: nil, limit: 10)
            let account = try JSONValue(parsing: try #require(accounts.first).body)
            #expect(account["person"]?["id"]?.stringValue == person && account["roles"] == ["personal", "mentor"])
        }
    }

    @Test func `the configuration reaches into the blocks of a system`() async throws {
        func load(_ flags: [String: String]) async throws -> MappingLoad {
            let all = flags.merging(["mappings.directory": Program.mappings]) { first, _ in first }
            return try await HubConfiguration.read(file: nil, flags: all, environment: [:]).loadMappings()
        }
        let set = try #require(
            try await load([
                "systems.tempus.enabled": "true", "systems.tempus.target.batch_size": "7",
                "systems.tempus.connection.base_url": "https://t.example", "systems.unikum.source.enabled": "true",
                "systems.unikum.drop_folder": "/srv/u", "systems.edlevo.enabled": "false",
            ]).set)
        let tempus = try #require(set.systems["tempus"])
        #expect(tempus.target?.settings["batch_size"] == 7)
        #expect(tempus.source?.settings["connection"]?["base_url"] == "https://t.example")
        #expect(tempus.target?.settings["connection"]?["base_url"] == "https://t.example")
        #expect(set.systems["unikum"]?.directions == [.source, .target])
        #expect(set.systems["unikum"]?.target?.settings["drop_folder"] == "/srv/u")
        #expect(set.systems["unikum"]?.source?.settings["drop_folder"] == "/var/lib/knutpunkt/unikum-in")
        #expect(set.inactive["edlevo"] != nil)
        let wrong = try await load(["systems.tempus.enabled": "perhaps"])
        #expect(wrong.diagnostics.contains { $0.description.contains("'enabled' is true or false") })
    }

    @Test func `an address to listen at is checked with everything else`() async throws {
        await #expect(throws: AppError.self) {
            _ = try await HubConfiguration.read(
                file: nil, flags: ["http.listen": "everywhere", "http.public_url": "hub.example"], environment: [:])
        }
        for good in ["127.0.0.1:8085", "[::1]:0", "8085", "hub.example:65535"] {
            let configuration = try await HubConfiguration.read(file: nil, flags: ["http.listen": good], environment: [:])
            #expect(configuration.httpListen == good)
        }
    }
}
