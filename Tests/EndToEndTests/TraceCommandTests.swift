import Foundation
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// The commands that tell where a record is and what systems have of a person.
@Suite("Trace and person, as people ask", .serialized)
struct TraceCommandTests {
    private static func with(_ body: @Sendable (Rehearsal, String) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let options = Rehearsal.Options(
                scale: .custom(children: 40), seed: 5, directory: directory, mappings: Program.mappings, executable: Program.path)
            try await Rehearsal.with(options) { rehearsal in
                let configuration = directory + "/knutpunkt.yaml"
                let sync = try await Program.run(["sync", "edlevo", "--config", configuration])
                #expect(sync.status == 0, "\(sync.errors)")
                try await body(rehearsal, configuration)
            }
        }
    }

    private static func isMarked(_ document: JSONValue) -> Bool {
        SecurityMarking(json: document["securityMarking"]).isProtected
    }

    @Test(.timeLimit(.minutes(3)))
    func `a trace is found by each name, has nothing personal in it, and says where to go on`() async throws {
        try await Self.with { rehearsal, configuration in
            let people = try await rehearsal.edlevo.truth(.person)
            let (id, document) = try #require(people.filter { !Self.isMarked($0.value) }.min { $0.key < $1.key })
            let names = [
                document["givenName"]?.stringValue, document["familyName"]?.stringValue,
                document["civicNo"]?["value"]?.stringValue,
            ]
            let whole = try await Program.run(["trace", "person/\(id)", "--config", configuration, "--json"])
            #expect(whole.status == 0, "\(whole.errors)")
            let answer = try JSONValue(parsing: Data(whole.output.utf8))
            let journey = try #require(answer["journeys"]?.arrayValue?.first { $0["record"]?.stringValue == "person/\(id)" })
            let (trace, message) = (try #require(journey["trace"]?.stringValue), try #require(journey["message"]?.stringValue))
            #expect(trace == message.replacing("-", with: ""))
            for (what, words) in [
                (id, "person/\(id)"), ("unikum/person/\(id)", "not sent yet"), (message, "message \(message)"), (trace, trace),
                ("00-\(trace)-00f067aa0ba902b7-01", "read from edlevo"), (id, "edlevo/person.yaml"),
                (id, "go on: knutpunkt status"),
            ] {
                let outcome = try await Program.run(["trace", what, "--config", configuration])
                #expect(outcome.status == 0 && outcome.output.contains(words), "\(what): \(outcome.output)\(outcome.errors)")
                for name in names.compactMap({ $0 }) {
                    #expect(!(outcome.output + whole.output).contains(name))
                }
            }
            let swedish = try await Program.run(["trace", id, "--config", configuration, "--lang", "sv"])
            #expect(swedish.output.contains("läst ur edlevo") && swedish.output.contains("inte sänd än"))
            for (what, status, words) in [
                ("00000000-0000-4000-8000-00000000dead", Int32(66), "knows of no such"), ("failure/17", 66, "knows of no such"),
                ("nowhere/person/\(id)", 66, "nowhere"), ("20130101TF01", 64, "identity number"), ("", 64, "Give an id"),
                ("00000000000000000000000000000000", 64, "no trace"),
            ] {
                let outcome = try await Program.run(["trace", what, "--config", configuration])
                #expect(outcome.status == status && outcome.errors.contains(words), "\(what): \(outcome.errors)")
            }
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `a person is shown for a reason alone, which is kept, and never when they are protected`() async throws {
        try await Self.with { rehearsal, configuration in
            let people = try await rehearsal.edlevo.truth(.person)
            let (id, document) = try #require(people.filter { !Self.isMarked($0.value) }.min { $0.key < $1.key })
            func person(_ arguments: String...) async throws -> Program.Outcome {
                try await Program.run(["person"] + arguments + ["--config", configuration])
            }
            for (arguments, words) in [
                ([id], "--reason"), ([id, "--reason", " "], "must say why"),
                (["20130101TF01", "--reason", "x"], "identity number"),
                ([id, "--reason", "about 20130101-TF01"], "no identity number"),
                (["group/\(id)", "--reason", "x"], "person's id"),
            ] {
                let outcome = try await Program.run(["person"] + arguments + ["--config", configuration])
                #expect(outcome.status == 64 && outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
            }
            try await #expect(Program.run(["audit", "--config", configuration]).output.contains("person.") == false)
            let shown = try await person(id, "--reason", "case 4711")
            #expect(shown.status == 1, "\(shown.errors)")
            #expect(shown.output.contains("unikum: has nothing") && shown.output.contains("knutpunkt trace unikum/person/\(id)"))
            let number = try #require(document["civicNo"]?["value"]?.stringValue)
            #expect(!shown.output.contains(number) && !shown.output.contains(number.suffix(4)))
            let subject = try #require(shown.output.split(separator: "\n").first?.split(separator: " ").last)
            #expect(subject.hasPrefix("person/") && !subject.contains(id))
            let audit = try await Program.run(["audit", "--subject", "\(subject)", "--config", configuration])
            #expect(audit.output.contains("person.show") && audit.output.contains("case 4711") && !audit.output.contains(id))
            let unknown = try await person("00000000-0000-4000-8000-00000000dead", "--reason", "case 4712")
            #expect(unknown.status == 66)
            #expect(
                try await Program.run(["audit", "--config", configuration]).output.contains("case 4712"), "asking is kept too")

            if let (hidden, real) = people.filter({ Self.isMarked($0.value) }).min(by: { $0.key < $1.key }) {
                let outcome = try await person(hidden, "--reason", "case 4713", "--values")
                #expect(outcome.status == 0 && outcome.output.contains("Protected identity"))
                for name in ["givenName", "familyName"].compactMap({ real[$0]?.stringValue }) {
                    #expect(!outcome.output.contains(name))
                }
                let trace = try await Program.run(["trace", hidden, "--config", configuration])
                #expect(
                    trace.status == 0 && trace.output.contains("identity is protected")
                        && trace.output.split(separator: "\n").count == 1)
            } else {
                Issue.record("nobody is protected in this municipality: choose another seed")
            }
        }
    }
}
