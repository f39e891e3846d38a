import Foundation
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// The commands that hide somebody, and tell what systems may have of protected persons.
@Suite("Protect and privacy, as people use them", .serialized)
struct PrivacyCommandTests {
    @Test(.timeLimit(.minutes(3)))
    func `somebody is hidden and shown again, and nothing that a command says names them`() async throws {
        try await TemporaryDirectory.with { directory in
            let options = Rehearsal.Options(
                scale: .custom(children: 40), seed: 5, directory: directory, mappings: Program.mappings, executable: Program.path)
            try await Rehearsal.with(options) { rehearsal in
                let configuration = directory + "/knutpunkt.yaml"
                func run(_ arguments: [String]) async throws -> Program.Outcome {
                    try await Program.run(arguments + ["--config", configuration])
                }
                let sync = try await run(["sync", "edlevo"])
                #expect(sync.status == 0, "\(sync.errors)")
                let people = try await rehearsal.edlevo.truth(.person)
                let (id, document) = try #require(
                    people.filter { SecurityMarking(json: $0.value["securityMarking"]) == .none }.min { $0.key < $1.key })
                let name = try #require(document["familyName"]?.stringValue)

                let numbered = try await run(["protect", "20130101-TF01", "--reason", "case 1", "--lang", "en"])
                #expect(numbered.status == 64 && numbered.errors.contains("identity number"))
                #expect(!numbered.errors.contains("TF01"))

                let before = try JSONValue(parsing: Data(try await run(["status", "--json"]).output.utf8))
                let hidden = try await run(["protect", id, "--reason", "case 1", "--json"])
                #expect(hidden.status == 0, "nothing had been given: \(hidden.errors)")
                let answer = try JSONValue(parsing: Data(hidden.output.utf8))
                #expect(answer["isProtected"] == true)
                let opaque = try #require(answer["person"]?.stringValue)
                let after = try JSONValue(parsing: Data(try await run(["status", "--json"]).output.utf8))
                let counts = [before, after].map { $0["withheld"]?["person"]?.integerValue ?? 0 }
                #expect(counts[1] == counts[0] + 1)
                let trace = try await run(["person", id, "--reason", "case 1"])
                #expect(!trace.output.contains(name))

                let consent = try await run(["privacy", "consent", opaque, "--given", "--reason", "form"])
                #expect(consent.status == 0, "\(consent.errors)")
                let show = try await run(["privacy", "show", "--lang", "en"])
                #expect(show.status == 0 && show.output.contains("unikum: is given nothing"))
                let audit = try await run(["audit"])
                #expect(audit.output.contains("protect") && audit.output.contains("consent.given"))

                let shown = try await run(["unprotect", id, "--reason", "case 1", "--lang", "sv"])
                #expect(shown.status == 0 && shown.output.contains("Inte skyddad längre"))
                let again = try await run(["unprotect", id, "--reason", "case 1", "--lang", "en"])
                #expect(again.status == 1 && again.output.contains("hadn't marked"))
                for outcome in [hidden, consent, show, audit, shown, again] {
                    #expect(!(outcome.output + outcome.errors).contains(name))
                    #expect(!outcome.output.contains(id))
                }
            }
        }
    }

    @Test func `wrong use is told`() async throws {
        try await TemporaryDirectory.with { directory in
            let path = try Program.configuration(directory, "permissions:\n  anna: {replay: unikum}\n")
            for (arguments, status) in [
                (["protect", "a", "--reason", " "], Int32(64)), (["protect", "a"], 64),
                (["protect", "a", "--level", "hemlig", "--reason", "r"], 64), (["protect", "a", "--reason", "20130101TF01"], 64),
                (["privacy", "consent", "a", "--reason", "r"], 64), (["unprotect", "a", "--reason", "r"], 77),
                (["privacy", "consent", "a", "--given", "--reason", "r"], 77), (["protect", "a", "--reason", "r"], 0),
            ] {
                let outcome = try await Program.run(arguments + ["--config", path], environment: ["SUDO_USER": "anna"])
                #expect(outcome.status == status, "\(arguments): \(outcome)")
            }
        }
    }
}
