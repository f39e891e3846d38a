import Foundation
import Testing

@Suite("Records are handed in, and tokens made, at the command line")
struct IntakeCommandTests {
    private static var examples: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../docs/systems/examples")
            .standardized.path
    }

    /// A hub whose only source is the example that the documentation has.
    private static func with(_ body: (_ configuration: String, _ directory: String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/knutpunkt-intake-\(UUID().uuidString)"
        let manager = FileManager.default
        try manager.createDirectory(atPath: directory + "/Mappings", withIntermediateDirectories: true)
        defer { try? manager.removeItem(atPath: directory) }
        try manager.copyItem(atPath: Self.examples + "/friskolan", toPath: directory + "/Mappings/friskolan")
        try Data("entities:\n  person: friskolan\n".utf8).write(to: URL(fileURLWithPath: directory + "/Mappings/authority.yaml"))
        let configuration = directory + "/hub.yaml"
        let text = "data: {directory: \(directory)/data}\nmappings: {directory: \(directory)/Mappings}\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: configuration))
        try await body(configuration, directory)
    }

    @Test func `the documentation's file is tried, taken, and refused as a whole`() async throws {
        try await Self.with { configuration, directory in
            func upload(_ more: String..., file: String = Self.examples + "/friskolan/elever.csv") async throws -> Program.Outcome
            {
                try await Program.run(
                    ["intake", "upload", file, "--source", "friskolan", "--entity", "person", "--config", configuration] + more)
            }
            let tried = try await upload("--dry-run")
            #expect(tried.status == 1 && tried.output.contains("A trial, nothing was taken: 2 new, 2 unusable"))
            #expect(tried.output.contains("row 3 (line 4): mandatory-missing: fornamn:"))
            #expect(tried.output.contains("row 4 (line 5): no-date: fran:") && !tried.output.contains("augusti"))
            let taken = try await upload()
            #expect(taken.status == 1 && taken.output.contains("Taken: 2 new, 2 unusable"))
            let whole = try await upload("--complete")
            #expect(whole.status == 1 && whole.output.contains("Nothing was taken: the file is taken as a whole alone"))
            let good = directory + "/elever.csv"
            let text = try String(contentsOfFile: Self.examples + "/friskolan/elever.csv", encoding: .utf8)
            let rows = text.split(separator: "\n").prefix(3).map { "\($0)\n" }.joined()
            try Data(rows.utf8).write(to: URL(fileURLWithPath: good))
            let again = try await upload("--complete", "--json", file: good)
            #expect(again.status == 0 && again.output.contains("\"unchanged\"") && !again.output.contains("Provsson"))
            for (arguments, status) in [
                (["--source", "nothing", "--entity", "person"], 66), (["--source", "friskolan", "--entity", "group"], 66),
            ] as [([String], Int32)] {
                let refused = try await Program.run(["intake", "upload", good, "--config", configuration] + arguments)
                #expect(refused.status == status)
            }
            let missing = try await upload(file: directory + "/nothing.csv")
            #expect(missing.status == 66)
            let kind = try await upload(file: configuration)
            #expect(kind.status == 64)
            let synced = try await Program.run(["sync", "friskolan", "--config", configuration])
            #expect(synced.status == 78 && synced.errors.contains("intake upload"))
        }
    }

    @Test func `a token is shown once, listed without itself, and removed`() async throws {
        try await Self.with { configuration, _ in
            func token(_ arguments: String...) async throws -> Program.Outcome {
                try await Program.run(["console", "token"] + arguments + ["--config", configuration])
            }
            let made = try await token("add", "friskolan", "--source", "friskolan", "--unit", "unit-1", "--days", "30")
            let text = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(made.status == 0 && text.hasPrefix("knutpunkt_") && text.count == 53)
            let listed = try await token("list", "--json")
            #expect(listed.output.contains("\"friskolan\"") && listed.output.contains("unit-1") && !listed.output.contains(text))
            for arguments in [
                ["add", "friskolan", "--role", "viewer"], ["add", "other"], ["add", "other", "--role", "king"],
                ["add", "other", "--source", "nothing"], ["add", "other", "--role", "viewer", "--account", "nobody"],
                ["add", "O", "--role", "viewer"], ["add", "other", "--role", "viewer", "--days", "0"], ["remove", "other"],
            ] {
                let refused = try await Program.run(["console", "token"] + arguments + ["--config", configuration])
                #expect(refused.status != 0, "\(arguments)")
            }
            let removed = try await token("remove", "friskolan")
            let none = try await token("list")
            #expect(removed.status == 0 && none.output.hasPrefix("No tokens."))
            let audited = try await Program.run(["audit", "--config", configuration])
            #expect(audited.output.contains("console.token.add") && audited.output.contains("console.token.remove"))
            #expect(!audited.output.contains(text))
        }
    }
}
