import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// A municipality in sets for School Data Sync, through the hub in a process of its own.
@Suite("Teams gets sets that School Data Sync takes whole", .serialized)
struct TeamsTests {
    /// KNUTPUNKT_TEAMS_SCALE=lulea: a large municipality.
    private static var scale: SyntheticMunicipality.Scale {
        ProcessInfo.processInfo.environment["KNUTPUNKT_TEAMS_SCALE"] == "lulea" ? .lulea : .custom(children: 120)
    }

    @Test(.timeLimit(.minutes(15)))
    func `a whole municipality, changes, a protected pupil, and files that are there for good`() async throws {
        try await TemporaryDirectory.with { directory in
            var options = Rehearsal.Options(
                scale: Self.scale, seed: 8, directory: directory, mappings: Program.mappings, executable: Program.path)
            options.hasTeams = true
            try await Rehearsal.with(options) { rehearsal in
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                try await rehearsal.settle()
                try await rehearsal.until { _ in FileManager.default.fileExists(atPath: directory + "/teams/latest") }
                let sets = try FileManager.default.contentsOfDirectory(atPath: directory + "/teams").filter {
                    $0.hasPrefix("set-")
                }
                #expect(sets.count == 1, "none was made of a part")
                func latest() throws -> String {
                    let name = try String(contentsOfFile: directory + "/teams/latest", encoding: .utf8)
                    return "\(directory)/teams/\(name.trimmingCharacters(in: .whitespacesAndNewlines))"
                }
                func rows(_ file: String) throws -> [[String: String]] {
                    let table = CSVTable(Array(try Data(contentsOf: URL(fileURLWithPath: "\(latest())/\(file).csv"))))
                    return table.rows.map { Dictionary(zip(table.header, $0.values)) { first, _ in first } }
                }
                func users() throws -> Set<String> { Set(try rows("users").compactMap { $0["sourcedId"] }) }
                let files: Set<String> = [
                    "classes.csv", "enrollments.csv", "relationships.csv", "academicSessions.csv", "users.csv", "roles.csv",
                    "orgs.csv",
                ]
                try #expect(SDSValidator(folder: latest(), once: files).findings == [])

                let protected = Set(rehearsal.municipality.protectedPersons.map(\.id))
                let today = "\(HubClock.system.calendarDate)"
                let people = try await rehearsal.edlevo.truth(.person).filter { !protected.contains($0.key) }
                let pupils = Set(people.filter { Self.isPupil($0.value, today) }.keys)
                #expect(!pupils.isEmpty && !protected.isEmpty)
                try #expect(users().intersection(protected).isEmpty)
                let students = try Set(rows("roles").filter { $0["role"] == "student" }.compactMap { $0["userSourcedId"] })
                let named = pupils.filter { id in
                    people[id]?["emails"]?.arrayValue?.contains { $0["type"] == "Skola elev" } == true
                }
                #expect(students == named, "every pupil with an account's name, and nobody else")

                // A pupil is hidden, another gets another name, a class is gone.
                let chosen = named.sorted()
                let hidden = try #require(chosen.first)
                var renamed = try #require(people[chosen[1]])
                renamed["familyName"] = "Nytt, \"namn\""
                try await rehearsal.edlevo.upsert(.person, renamed)
                let classes = try await rehearsal.edlevo.truth(.group).filter { $0.value["groupType"] == "Klass" }.keys.sorted()
                await rehearsal.edlevo.delete(RecordKey(.group, try #require(classes.first)))
                let outcome = try await Program.run(
                    ["protect", hidden, "--reason", "case 1", "--config", directory + "/knutpunkt.yaml"])
                #expect(outcome.status == 1, "something had been given: \(outcome)")
                try await rehearsal.until { _ in
                    let present = try users()
                    return try !present.contains(hidden) && rows("users").contains { $0["familyName"] == "Nytt, \"namn\"" }
                        && !rows("classes").contains { $0["sourcedId"] == classes.first }
                }
                try #expect(SDSValidator(folder: latest(), once: files).findings == [])
                for file in ["roles", "enrollments", "relationships"] {
                    try #expect(!rows(file).contains { $0.values.contains(hidden) }, "\(file)")
                }
            }
        }
    }

    private static func isPupil(_ person: JSONValue, _ today: String) -> Bool {
        (person["enrolments"]?.arrayValue ?? []).contains { enrolment in
            enrolment["startDate"]?.stringValue ?? "" <= today && today <= enrolment["endDate"]?.stringValue ?? "9999"
        }
    }
}
