import Foundation
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// The command that looks for real data of protected persons where it must not be.
@Suite("Privacy scan, as people use it", .serialized)
struct PrivacyScanCommandTests {
    private static func findings(_ outcome: Program.Outcome) throws -> [JSONValue] {
        try JSONValue(parsing: Data(outcome.output.utf8))["leaks"]?.arrayValue ?? []
    }

    @Test(.timeLimit(.minutes(5)))
    func `what got out is told with place, form and field, never with the value, and what others have too is no evidence`()
        async throws
    {
        try await TemporaryDirectory.with { directory in
            let options = Rehearsal.Options(
                scale: .custom(children: 40), seed: 5, directory: directory + "/hub", mappings: Program.mappings,
                executable: Program.path)
            try await Rehearsal.with(options) { rehearsal in
                let configuration = directory + "/hub/knutpunkt.yaml"
                func run(_ arguments: [String]) async throws -> Program.Outcome {
                    try await Program.run(arguments + ["--config", configuration])
                }
                let people = try await rehearsal.edlevo.truth(.person)
                let protected = people.filter { SecurityMarking(json: $1["securityMarking"]).isProtected }.sorted {
                    $0.key < $1.key
                }
                let (person, other) = (try #require(protected.first?.value), try #require(protected.last?.value))
                // Somebody without protection has the other's family name.
                var namesake = try #require(people.values.first { SecurityMarking(json: $0["securityMarking"]) == .none })
                namesake["familyName"] = other["familyName"]
                try await rehearsal.edlevo.upsert(.person, namesake)
                let sync = try await run(["sync", "edlevo"])
                #expect(sync.status == 0, "\(sync.errors)")

                let clean = try await run(["privacy", "scan", "--json"])
                #expect(clean.status == 0, "\(clean.output.suffix(800)) \(clean.errors)")
                let told = try JSONValue(parsing: Data(clean.output.utf8))
                #expect(told["persons"]?.integerValue == Int64(protected.count))
                #expect(told["texts"]?.integerValue ?? 0 > Int64(protected.count) && told["bytes"]?.integerValue ?? 0 > 100_000)
                #expect(told["shared"]?["familyName"]?.integerValue == 1)

                let number = try #require(person["civicNo"]?["value"]?.stringValue)
                let name = try #require(person["familyName"]?.stringValue)
                let (given, family) = (
                    try #require(other["givenName"]?.stringValue), try #require(other["familyName"]?.stringValue)
                )
                let logs = directory + "/logs"
                try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
                func put(_ text: String, in file: String) throws {
                    try Data(text.utf8).write(to: URL(fileURLWithPath: logs + "/" + file))
                }
                try put("number \(number.dropFirst(2).prefix(6))-\(number.suffix(4)) here", in: "a.log")
                try put(Data("to \(name.uppercased()), then".utf8).base64EncodedString(), in: "b.log")
                try put("only \(family) as others are called", in: "c.log")
                try put(#"{"givenName":"\#(given)","familyName":"\#(family)"}"#, in: "d.log")
                try put("nothing", in: "list-\(name).txt")
                let found = try await run(["privacy", "scan", logs, "--reason", "monthly", "--json"])
                #expect(found.status == 1, "\(found.errors)")
                let lines = try Self.findings(found).map { finding in
                    let forms = (finding["forms"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ">")
                    let place = finding["place"]?.stringValue?.replacing(logs + "/", with: "") ?? ""
                    return "\(place.hasPrefix("(inode") ? "inode" : place) \(finding["field"]?.stringValue ?? "") \(forms)"
                }
                let expected = ["inode familyName plain", "a.log civicNo plain", "b.log familyName base64>plain"]
                #expect(Set(lines).isSuperset(of: expected), "\(lines)")
                #expect(!lines.contains { $0.hasPrefix("c.log") } && lines.contains { $0.hasPrefix("d.log") }, "\(lines)")
                let text = try await run(["privacy", "scan", logs, "--lang", "sv"])
                #expect(text.status == 1 && text.output.contains("a.log:7  civicNo  klartext"), "\(text.output)")
                #expect(text.output.contains("Söktes inte ensamma"))
                for outcome in [found, text] {
                    for value in [number, String(number.suffix(4)), name, name.lowercased(), given, family] {
                        #expect(!(outcome.output + outcome.errors).contains(value))
                    }
                }
                let audit = try await run(["audit", "--json"])
                #expect(audit.output.contains("privacy.scan") && audit.output.contains("monthly"))

                #expect(try await run(["privacy", "scan", logs + "/none"]).status == 66)
                #expect(try await run(["privacy", "scan", "--reason", " "]).status == 64)
            }
        }
    }
}
