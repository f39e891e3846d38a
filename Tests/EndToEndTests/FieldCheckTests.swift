import Foundation
import Hub
import KnutpunktApp
import Reconciliation
import Testing

/// The shipped mappings, held against what is agreed of them.
@Suite("Fields of the shipped mappings")
struct FieldCheckTests {
    private static let systems = [
        "admissions", "csn", "digiexam", "dnp", "edlevoemployments", "egil", "eservice", "hr", "kaa", "navet", "openeplatform",
        "skola24",
        "skola24files", "skolon", "teams", "tempus", "vega",
    ]

    private static func interop(_ arguments: [String], in directory: String, mappings: String) async throws -> Program.Outcome {
        var options = ["--data", directory + "/data", "--mappings", mappings, "--lang", "en"]
        for system in Self.systems { options += ["--set", "systems.\(system).enabled=true"] }
        return try await Program.run(["interop"] + arguments + options)
    }

    @Test func `they are as agreed, with every system switched on`() async throws {
        try await TemporaryDirectory.with { directory in
            let outcome = try await Self.interop(["--fields"], in: directory, mappings: Program.mappings)
            #expect(outcome.status == 0 && outcome.output.contains("Nothing differs."), "\(outcome)")
            #expect(outcome.output.contains("person.familyName"))
        }
    }

    @Test func `accepting them again changes nothing, and an accepted edit is no difference any more`() async throws {
        try await TemporaryDirectory.with { directory in
            let mappings = directory + "/Mappings"
            try FileManager.default.copyItem(atPath: Program.mappings, toPath: mappings)
            let agreed = mappings + "/" + AgreedFields.fileName
            let before = try String(contentsOfFile: agreed, encoding: .utf8)
            let again = try await Self.interop(["--accept"], in: directory, mappings: mappings)
            #expect(again.status == 0, "\(again)")
            #expect(try String(contentsOfFile: agreed, encoding: .utf8) == before)

            let file = mappings + "/vega/placement.yaml"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try Data(text.replacing("      endDate: {from: endDate, reversible: true}\n", with: "").utf8).write(
                to: URL(fileURLWithPath: file))
            let edited = try await Self.interop([], in: directory, mappings: mappings)
            #expect(edited.status == 2 && edited.output.contains("vega placement.endDate: the field isn't there, in mapping"))
            let accepted = try await Self.interop(["--accept"], in: directory, mappings: mappings)
            #expect(accepted.status == 0, "\(accepted)")
            let after = try await Self.interop([], in: directory, mappings: mappings)
            #expect(after.status == 0, "\(after)")
        }
    }

    @Test func `without an agreement what cuts the probe's values is found all the same`() async throws {
        try await TemporaryDirectory.with { directory in
            let mappings = directory + "/Mappings"
            try FileManager.default.copyItem(atPath: Program.mappings, toPath: mappings)
            try FileManager.default.removeItem(atPath: mappings + "/" + AgreedFields.fileName)
            let sound = try await Self.interop([], in: directory, mappings: mappings)
            #expect(sound.status == 0 && sound.output.contains("interop --accept"), "\(sound)")
            let broken = "not JSON"
            try Data(broken.utf8).write(to: URL(fileURLWithPath: mappings + "/" + AgreedFields.fileName))
            let refused = try await Self.interop([], in: directory, mappings: mappings)
            #expect(refused.status == 78 && refused.errors.contains("agreed-fields.json"), "\(refused)")
        }
    }

    @Test func `a probe without a hub, of a system that there isn't, or by who may not, says what to do`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(
                directory, "permissions: {anna: {probe: tempus}}\nsystems: {tempus: {enabled: true}, vega: {enabled: true}}\n")
            let noHub = try await Program.run(
                ["interop", "--probe", "--system", "tempus", "--config", path], environment: ["SUDO_USER": "anna"])
            #expect(noHub.status == 69 && noHub.errors.contains("knutpunkt serve"), "\(noHub)")
            let stranger = try await Program.run(
                ["interop", "--probe", "--config", path], environment: ["SUDO_USER": "bo"])
            #expect(stranger.status == 77 && stranger.errors.contains("bo may not do this (probe)"), "\(stranger)")
            let unknown = try await Program.run(["interop", "--system", "tempuss", "--config", path])
            #expect(unknown.status == 66 && unknown.errors.contains("tempus"), "\(unknown)")
            let dry = try await Program.run(["interop", "--probe", "--dry-run", "--config", path, "--lang", "sv"])
            #expect(dry.status == 0 && dry.output.contains("Inget har skickats."), "\(dry)")
            #expect(dry.output.contains("behåller sådana rader för gott"), "\(dry)")
        }
    }
}
