import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// A running hub between a student register, the transport system, a platform of e-services and the population register.
@Suite("Cases of e-services and notices of the population register, in a running hub")
struct OpenEPlatformHubTests {
    @Test(.timeLimit(.minutes(5)))
    func `applications are answered until they are withdrawn or the child is marked, and contacts are told of`() async throws {
        try await TemporaryDirectory.with { directory in
            let platform = OpenEPlatformStandIn(form: .undeclared)
            try await withOpenEPlatformStandIn(platform) { platform in
                let navet = NavetStandIn(folder: directory + "/navet")
                let options = try await Self.options(directory, platform)
                try await Rehearsal.with(options) { rehearsal in
                    let schools = try await Self.nameSchools(rehearsal)
                    let cases = try await platform.apply(
                        forPupilsOf: rehearsal.edlevo, schools: schools, startDate: "\(HubClock.system.calendarDate)", most: 3)
                    let pupils = cases.keys.sorted()
                    try #require(pupils.count == 3)
                    var stranger = TransportForm(
                        number: "20990101TF00", school: try #require(schools.values.min()),
                        startDate: "\(HubClock.system.calendarDate)")
                    stranger.familyName = "Okändsson"
                    await platform.apply(stranger)
                    await platform.apply(stranger, family: "140")
                    try rehearsal.startHub()
                    try await rehearsal.waitUntilRunning()

                    // Each is asked about and answered, for the right child.
                    try await rehearsal.until { _ in try await Self.decided(rehearsal) == Set(pupils) }
                    try await rehearsal.until { _ in try await Self.known(rehearsal) == Set(pupils) }
                    let failed = try await rehearsal.context.store.list(FailureFilter()).map(\.failure)
                    #expect(failed.map(\.code) == ["person-unknown"] && failed.first?.system == "openeplatform")

                    let told = try await Program.run(
                        ["privacy", "contacts", "--config", directory + "/knutpunkt.yaml", "--lang", "en"])
                    #expect(told.status == 0 && told.output.contains("openeplatform") && !told.output.contains("Okändsson"))

                    // One is refused in the platform: it is nobody's business any more.
                    await platform.move(try #require(cases[pupils[0]]), to: "Avslås")
                    try await rehearsal.until { _ in try await Self.known(rehearsal) == Set(pupils.dropFirst()) }

                    // The population register marks another child.
                    let marked = try #require(try await rehearsal.edlevo.truth(.person)[pupils[1]])
                    var post = NavetPost(try #require(marked["civicNo"]?["value"]?.stringValue))
                    post.secrecy = "J"
                    await navet.put(post)
                    try await navet.notify()
                    try await rehearsal.until { _ in
                        guard let vega = rehearsal.others[.vega] else { return false }
                        let persons = try await vega.truth(.person)
                        return try await Self.known(rehearsal) == [pupils[2]] && persons[pupils[1]] == nil
                    }
                    let person = RecordKey(.person, pupils[1])
                    #expect(try await rehearsal.context.store.records([person])[person]?.isLive != true)

                    // Half a file marks nobody, and somebody is told; so is that somebody wants to be contacted.
                    try await navet.notify(fault: .halfAFile)
                    try await rehearsal.until { _ in
                        let health = try await Program.run(["health", "--json", "--config", directory + "/knutpunkt.yaml"])
                        return ["files-rejected", "contacts-waiting"].allSatisfy(health.output.contains)
                    }
                }
            }
        }
    }

    private static func options(_ directory: String, _ platform: OpenEPlatformStandIn) async throws -> Rehearsal.Options {
        try FileManager.default.createDirectory(atPath: directory + "/navet", withIntermediateDirectories: true)
        let secret = directory + "/platform-password"
        try Data(platform.password.utf8).write(to: URL(fileURLWithPath: secret))
        var options = Rehearsal.Options(
            scale: .custom(children: 40), seed: 31, directory: directory, mappings: Program.mappings, executable: Program.path)
        options.others = [.vega]
        options.moreSystems = """
            openeplatform:
              enabled: true
              connection:
                base_url: \(try await platform.serverURL())
                user: \(platform.user)
                password: {file: \(secret)}
              schedule: {changes_every_seconds: 1}
            navet:
              enabled: true
              drop_folder: \(directory)/navet
              whole_when: {unchanged_seconds: 0}
              schedule: {changes_every_seconds: 1}
            """
        return options
    }

    /// Gives every school unit with a code a name in the form's table.
    ///
    /// - Returns: the names by unit.
    private static func nameSchools(_ rehearsal: Rehearsal) async throws -> [String: String] {
        let units = try await rehearsal.edlevo.truth(.organisation).filter { $0.value["schoolUnitCode"] != nil }
        let rows = units.values.compactMap { $0["schoolUnitCode"]?.stringValue }.map { "Skola å \($0),\($0)\n" }.joined()
        let file = rehearsal.mappingsDirectory + "/codes/eservice_school.csv"
        try Data((try String(contentsOfFile: file, encoding: .utf8) + rows).utf8).write(to: URL(fileURLWithPath: file))
        return units.compactMapValues { unit in unit["schoolUnitCode"]?.stringValue.map { "Skola å \($0)" } }
    }

    /// The children whose applications the transport system has.
    private static func known(_ rehearsal: Rehearsal) async throws -> Set<String> {
        guard let vega = rehearsal.others[.vega] else { return [] }
        return Set(try await vega.truth(.transportApplication).values.compactMap { $0["child"]?["id"]?.stringValue })
    }

    /// The children about whom something has been decided preliminarily.
    private static func decided(_ rehearsal: Rehearsal) async throws -> Set<String> {
        let records = try await rehearsal.context.store.liveRecords(of: .transportDecision, after: nil, limit: 100)
        return Set(try records.compactMap { try JSONValue(parsing: $0.body)["child"]?["id"]?.stringValue })
    }
}
