import Foundation
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// Mapping files that give a system more than somebody has accepted wait, in a running hub and over its end.
@Suite("The register of processing, as people accept it", .serialized)
struct ProcessingCommandTests {
    @Test(.timeLimit(.minutes(5)))
    func `edited files that give more wait until somebody accepts them, also when the hub is started anew`() async throws {
        try await TemporaryDirectory.with { directory in
            let options = Rehearsal.Options(
                scale: .custom(children: 40), seed: 6, directory: directory, mappings: Program.mappings, executable: Program.path)
            try await Rehearsal.with(options) { rehearsal in
                func run(_ arguments: [String], _ status: Int32) async throws -> String {
                    let outcome = try await Program.run(arguments + ["--lang", "en", "--config", directory + "/knutpunkt.yaml"])
                    #expect(outcome.status == status, "\(arguments): \(outcome)")
                    return outcome.output + outcome.errors
                }
                func inForce() throws -> String {
                    try #require(RunState.read(from: rehearsal.context.configuration.dataDirectory)).mappings
                }
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                let first = try inForce()
                var told = try await run(["privacy", "register", "diff"], 66)
                #expect(told.contains("knutpunkt privacy register accept"))
                told = try await run(["privacy", "register"], 0)
                #expect(told.contains("Nobody has accepted") && told.contains("Legal basis"))
                _ = try await run(["privacy", "register", "accept", "--reason", " "], 64)
                _ = try await run(["privacy", "register", "accept", "--reason", "decision 1"], 0)
                _ = try await run(["privacy", "register", "diff"], 0)

                let path = rehearsal.mappingsDirectory + "/unikum/person.yaml"
                let text = try String(contentsOfFile: path, encoding: .utf8)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                let line = try #require(lines.firstIndex { $0.contains("{from: givenName") })
                let edited = text.replacingOccurrences(of: "{from: givenName", with: "{from: familyName")
                try edited.write(toFile: path, atomically: true, encoding: .utf8)
                told = try await run(["mapping", "reload"], 1)
                #expect(told.contains("stays in force") && told.contains("person.familyName"))
                #expect(try inForce() == first)
                told = try await run(["privacy", "register", "diff"], 1)
                #expect(told.contains("unikum/person.yaml:\(line + 1)"), "\(told)")
                // The file's own examples don't hold any more, which is told too.
                told = try await run(["doctor"], 1)
                #expect(told.contains("privacy register diff"), "\(told)")

                await rehearsal.killHub()
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                #expect(try inForce() == first, "the accepted ones, though the folder has others")

                _ = try await run(["privacy", "register", "accept", "--reason", "decision 2"], 0)
                _ = try await run(["mapping", "reload"], 0)
                #expect(try inForce() != first)
                told = try await run(["audit", "list"], 0)
                #expect(told.contains("processing.accept") && told.contains("decision 2"))

                // Another purpose waits too; taken back, nothing waits.
                try edited.replacingOccurrences(of: "in the learning platform", with: "in marketing").write(
                    toFile: path, atomically: true, encoding: .utf8)
                _ = try await run(["mapping", "reload"], 1)
                try edited.write(toFile: path, atomically: true, encoding: .utf8)
                _ = try await run(["mapping", "reload"], 0)

                try "{".write(
                    toFile: rehearsal.context.configuration.dataDirectory + "/processing.json", atomically: true, encoding: .utf8)
                told = try await run(["privacy", "register"], 78)
                #expect(told.contains("processing.json"))
            }
        }
    }
}
