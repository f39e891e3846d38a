import Foundation
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// What goes wrong outside is told with place and remedy, ends with a status other than 0, and loses nothing.
@Suite("Bad configuration, bad replies and full disks")
struct BadInputTests {
    /// A configuration file for a hub on an Edlevo that may not be there.
    private func configuration(
        in directory: String, server: String = "http://127.0.0.1:9", secret: String? = "stand-in-secret", more: String = ""
    ) throws -> String {
        try FileManager.default.createDirectory(atPath: directory + "/drop", withIntermediateDirectories: true)
        if let secret { try Data(secret.utf8).write(to: URL(fileURLWithPath: directory + "/secret")) }
        let path = directory + "/hub.yaml"
        let text = """
            data:
              directory: \(directory)/data
            mappings:
              directory: \(Program.mappings)
            systems:
              edlevo:
                connection:
                  base_url: \(server)
                  token_url: \(server)/WE.Education.IdentityServer.Web/connect/token
                  client_id: knutpunkt
                  client_secret:
                    file: \(directory)/secret
              unikum:
                drop_folder: \(directory)/drop
            \(more)
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func `a configuration file that isn't there is named`() async throws {
        let outcome = try await Program.run(["doctor", "--config", "/nowhere/hub.yaml"])
        #expect(outcome.status == 78)
        #expect(outcome.errors.contains("/nowhere/hub.yaml"))
    }

    @Test func `a configuration file that is no YAML is named`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory + "/hub.yaml"
            try Data("data: [unclosed\n  x: {".utf8).write(to: URL(fileURLWithPath: path))
            let outcome = try await Program.run(["status", "--config", path])
            #expect(outcome.status == 78)
            #expect(outcome.errors.contains(path))
        }
    }

    @Test func `an unknown log level is told with the known ones`() async throws {
        let outcome = try await Program.run(["status", "--set", "log.level=loud"])
        #expect(outcome.status == 78)
        #expect(outcome.errors.contains("loud") && outcome.errors.contains("warning"))
    }

    @Test func `a misspelt key of the configuration is told with its place, all at once`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try self.configuration(
                in: directory, more: "amqp:\n  uri: amqp://u:hemligt@host/v\nloggning:\n  level: info\n")
            let outcome = try await Program.run(["status", "--config", path, "--set", "data.dir=/tmp"])
            #expect(outcome.status == 78)
            #expect(outcome.errors.contains(try Regex("\(path):[0-9]+:3: amqp.uri is no key")))
            #expect(outcome.errors.contains(try Regex("\(path):[0-9]+:3: loggning.level is no key")))
            #expect(outcome.errors.contains("--set data.dir: data.dir is no key"))
            #expect(!outcome.errors.contains("hemligt"))
        }
    }

    @Test func `a system or setting that isn't there is told with its place, all at once`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try self.configuration(in: directory)
            let text = try String(contentsOfFile: path, encoding: .utf8)
                .replacingOccurrences(of: "base_url", with: "base_ulr").replacingOccurrences(of: "unikum:", with: "unicum:")
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            let rows = "systems.unikum.objects.rows.person"
            let outcome = try await Program.run(["status", "--config", path, "--set", "\(rows)=x"])
            #expect(outcome.status == 78)
            #expect(
                outcome.errors.contains("\(path):8:7: systems.edlevo.connection.base_ulr: edlevo/system.yaml has no such setting")
            )
            #expect(outcome.errors.contains("there is no system \"unicum\""))
            #expect(outcome.errors.contains("--set \(rows): \(rows) is a list"))
        }
    }

    @Test func `mappings that aren't there are named`() async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await Program.run(["status", "--data", directory + "/data", "--mappings", directory + "/none"])
            #expect(outcome.status == 78)
            #expect(outcome.errors.contains(directory + "/none"))
        }
    }

    @Test func `a faulty mapping is told with file, line and column, all at once`() async throws {
        try await TemporaryDirectory.with { directory in
            let mappings = directory + "/Mappings"
            try FileManager.default.copyItem(atPath: Program.mappings, toPath: mappings)
            for file in ["person.yaml", "group.yaml"] {
                let path = "\(mappings)/unikum/\(file)"
                try Data((try String(contentsOfFile: path, encoding: .utf8) + "\nnonsense: 1\n").utf8)
                    .write(to: URL(fileURLWithPath: path))
            }
            let outcome = try await Program.run(["mapping", "check", "--mappings", mappings])
            #expect(outcome.status == 1)
            for file in ["person.yaml", "group.yaml"] {
                #expect(outcome.output.contains(try Regex("unikum/\(file):[0-9]+:[0-9]+")))
            }
        }
    }

    @Test func `a source that can't be reached is told with its place`() async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await Program.run(["sync", "edlevo", "--config", try self.configuration(in: directory)])
            #expect(outcome.status == 69)
            #expect(outcome.errors.contains("127.0.0.1:9"))
        }
    }

    @Test func `a missing secret is told with the setting's name`() async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await Program.run([
                "sync", "edlevo", "--config", try self.configuration(in: directory, secret: nil),
            ])
            #expect(outcome.status == 78)
            #expect(outcome.errors.contains("client_secret"))
        }
    }

    @Test func `a wrong secret is told with the setting's name and never shown`() async throws {
        try await TemporaryDirectory.with { directory in
            try await self.withEdlevo { edlevo in
                let path = try self.configuration(in: directory, server: try await edlevo.serverURL, secret: "hemligt-fel")
                let outcome = try await Program.run(["sync", "edlevo", "--config", path])
                #expect(outcome.status == 78)
                #expect(outcome.errors.contains("client_secret") || outcome.errors.contains("client_id"))
                #expect(!outcome.errors.contains("hemligt-fel"))
            }
        }
    }

    @Test func `a page cut short once is asked for again`() async throws {
        try await TemporaryDirectory.with { directory in
            try await self.withEdlevo { edlevo in
                let path = try self.configuration(in: directory, server: try await edlevo.serverURL)
                try await edlevo.setFaults(EdlevoFaults { $0.truncatedPage = 2 })
                #expect(try await Program.run(["sync", "edlevo", "--config", path]).status == 0)
                try await edlevo.setFaults(.none)
                try await self.hasNothingNew(path)
            }
        }
    }

    @Test func `pages that stay cut short are told with their place, change nothing, and the next reading takes all`()
        async throws
    {
        try await TemporaryDirectory.with { directory in
            try await self.withEdlevo { edlevo in
                let path = try self.configuration(in: directory, server: try await edlevo.serverURL)
                let small = ["--config", path, "--lang", "en", "--set", "systems.edlevo.page_limit=20"]
                // Not the first page of persons: what came whole before must not be taken for all.
                let organisations = try Self.municipality().records(of: .organisation).count
                try await edlevo.setFaults(EdlevoFaults { $0.truncatedFromPage = (organisations + 19) / 20 + 2 })
                let broken = try await Program.run(["sync", "edlevo"] + small)
                #expect(broken.status == 69)
                #expect(broken.errors.contains("persons, page 2") && broken.errors.contains("cut short"))
                let status = try await Program.run(["status", "--json", "--config", path])
                #expect(!status.output.contains("\"person\""))
                try await edlevo.setFaults(.none)
                #expect(try await Program.run(["sync", "edlevo", "--config", path]).status == 0)
                try await self.hasNothingNew(path)
            }
        }
    }

    /// What the source holds has all been taken.
    /// It says again what it said, and nothing waits any more.
    private func hasNothingNew(_ configuration: String, _ edlevo: EdlevoStandIn) async throws {
        try await edlevo.setFaults(.none)
        try await self.hasNothingNew(configuration)
        #expect(try await Program.run(["held", "--config", configuration]).status == 0)
    }

    private func hasNothingNew(_ configuration: String) async throws {
        let again = try await Program.run(["sync", "edlevo", "--full", "--json", "--config", configuration])
        #expect(again.status == 0)
        let parts = try #require(try JSONValue(parsing: Data(again.output.utf8))["parts"]?.objectValue)
        for (entity, part) in parts {
            for change in ["created", "updated", "deleted", "failed"] { #expect(part[change] == 0, "\(entity), \(change)") }
        }
        #expect((parts["person"]?["unchanged"]?.integerValue ?? 0) > 100)
    }

    @Test func `an emptied source is held with its id and nothing is deleted, until somebody says that it is right`() async throws
    {
        try await TemporaryDirectory.with { directory in
            try await self.withEdlevo { edlevo in
                let path = try self.configuration(in: directory, server: try await edlevo.serverURL)
                #expect(try await Program.run(["sync", "edlevo", "--config", path]).status == 0)
                var faults = EdlevoFaults()
                faults.isEmpty = true
                try await edlevo.setFaults(faults)
                let held = try await Program.run(["sync", "edlevo", "--full", "--config", path])
                #expect(held.status == 1)
                #expect(held.output.contains("knutpunkt held approve edlevo-person-"))
                #expect(held.output.contains("everything that there is would go"))
                try await self.hasNothingNew(path, edlevo)
                // Empty once more, and right this time.
                try await edlevo.setFaults(faults)
                #expect(try await Program.run(["sync", "edlevo", "--full", "--config", path]).status == 1)
                let list = try await Program.run(["held", "--json", "--config", path])
                #expect(list.status == 1)
                let ids = try JSONValue(parsing: Data(list.output.utf8)).arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
                #expect(ids.count == 5, "each entity by itself")
                for id in ids {
                    let approve = ["held", "approve", id, "--reason", "the municipality is closed", "--config", path]
                    #expect(try await Program.run(approve).status == 0)
                }
                let taken = try await Program.run(["sync", "edlevo", "--full", "--json", "--config", path])
                #expect(taken.status == 0, "\(taken.errors)")
                let status = try await Program.run(["status", "--json", "--config", path])
                #expect(try JSONValue(parsing: Data(status.output.utf8))["records"] == [:])
            }
        }
    }

    @Test func `a full disk is told with the file, and the hub goes on when there is room`() async throws {
        try await TemporaryDirectory.with { directory in
            try await self.withEdlevo { edlevo in
                try await Self.withSmallDisk(directory + "/small", mebibytes: 8) { disk in
                    let path = try self.configuration(in: directory, server: try await edlevo.serverURL)
                    let ballast = disk + "/ballast"
                    let full = try await Program.run(["status", "--config", path, "--data", disk + "/data"])
                    #expect(full.status == 0)
                    _ = FileManager.default.createFile(atPath: ballast, contents: nil)
                    let handle = FileHandle(forWritingAtPath: ballast)
                    while (try? handle?.write(contentsOf: Data(count: 4096))) != nil {}
                    try? handle?.close()
                    let outcome = try await Program.run(["sync", "edlevo", "--config", path, "--data", disk + "/data"])
                    #expect(outcome.status == 74)
                    #expect(outcome.errors.contains(disk) && outcome.errors.contains("full"))
                    try FileManager.default.removeItem(atPath: ballast)
                    #expect(try await Program.run(["sync", "edlevo", "--config", path, "--data", disk + "/data"]).status == 0)
                }
            }
        }
    }

    @Test func `wrong use tells the usage`() async throws {
        let outcome = try await Program.run(["failed", "replay"])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("--group"))
    }

    @Test func `doctor gives each part a verdict and a remedy`() async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await Program.run(["doctor", "--json", "--config", try self.configuration(in: directory)])
            #expect(outcome.status == 1)
            for subject in ["mappings", "store", "broker", "system edlevo", "system unikum"] {
                #expect(outcome.output.contains(subject))
            }
            #expect(outcome.output.contains("remedy"))
        }
    }

    private func withEdlevo(_ body: @Sendable (EdlevoStandIn) async throws -> Void) async throws {
        try await withEdlevoStandIn(EdlevoStandIn(municipality: try Self.municipality())) { try await body($0) }
    }

    private static func municipality() throws -> SyntheticMunicipality {
        try SyntheticMunicipality(scale: .small, seed: 3, today: "2026-11-23")
    }

    /// A disk that can be filled: a RAM disk where mounting is allowed, otherwise the test tells that it wasn't.
    private static func withSmallDisk(_ path: String, mebibytes: Int, _ body: (String) async throws -> Void) async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        func shell(_ arguments: [String]) throws -> Int32 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = arguments
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
        guard try shell(["mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", path]) == 0 else {
            Issue.record(
                "A small disk can't be mounted here; run the tests as root in a sandbox that allows it.", severity: .warning)
            return
        }
        do {
            try await body(path)
            _ = try shell(["umount", path])
        } catch {
            _ = try shell(["umount", path])
            throw error
        }
    }
}
