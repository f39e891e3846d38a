import ConnectorTesting
import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// A municipality in a SCIM server that somebody else has written, through the hub in a process of its own.
@Suite("A SCIM server of others is provisioned by a running hub", .serialized)
struct EGILTests {
    /// Of the municipality that isn't in the source.
    private static let organiser = "5f0e9f6c-7c39-4d5a-9b55-0d6c2b3c7a11"
    private static let schoolTypes: Set<String> = ["FKLASS", "GR", "GRS", "GRA", "SP", "SAM", "GY", "GYS", "GYA"]

    @Test(.timeLimit(.minutes(15)), arguments: ["put", "patch"])
    func `a whole municipality, then changes, and what was changed there`(_ update: String) async throws {
        try await IndependentSCIMServer.with { server in
            try await TemporaryDirectory.with { directory in
                var options = Rehearsal.Options(
                    scale: .custom(children: 60), seed: 9, directory: directory, mappings: Program.mappings,
                    executable: Program.path)
                let secret = directory + "/scim-token"
                try Data(server.token.utf8).write(to: URL(fileURLWithPath: secret))
                options.moreSystems = """
                    egil:
                      enabled: true
                      connection:
                        base_url: \(server.url)
                        authorization: bearer
                        token: {file: \(secret)}
                      ids: server
                      check_versions: true
                      update: \(update)
                      organisation_id: \(Self.organiser)
                      organisation_name: Norrvik
                    """
                try await Rehearsal.with(options) { rehearsal in
                    let units = try await Self.units(rehearsal)
                    let table = units.sorted { $0.key < $1.key }.map { "\($0.key),\($0.value),,\n" }.joined()
                    let file = rehearsal.mappingsDirectory + "/codes/school_unit.csv"
                    try Data((try String(contentsOfFile: file, encoding: .utf8) + table).utf8).write(
                        to: URL(fileURLWithPath: file))
                    try rehearsal.startHub()
                    try await rehearsal.waitUntilRunning()
                    try await rehearsal.settle()
                    var expected = try await Self.expected(rehearsal, units)
                    #expect(try await Self.held(server) == expected)
                    #expect(expected["Users"]?.isEmpty == false && expected["StudentGroups"]?.isEmpty == false)
                    let organisations = try await server.all("Organisations")
                    #expect(organisations.keys.sorted() == [Self.organiser], "\(organisations)")

                    // What nobody may see of protected persons isn't there, not even as a member.
                    var everything = ""
                    for path in ["Users", "StudentGroups", "Employments"] {
                        for object in try await server.all(path, count: 50).values {
                            everything += String(decoding: object.canonicalData, as: UTF8.self)
                        }
                    }
                    for key in rehearsal.municipality.protectedPersons { #expect(!everything.contains(key.id)) }

                    // A pupil is renamed and another leaves; a third was deleted there by hand and is renamed; a class is gone.
                    let people = try await rehearsal.edlevo.truth(.person)
                    let pupils = try #require(expected["Users"]).keys.filter {
                        people[$0]?["enrolments"]?.arrayValue?.isEmpty == false
                    }.sorted()
                    for (place, name) in [(0, "Nytt \"namn\""), (2, "Nyare")] {
                        var person = try #require(people[pupils[place]])
                        person["familyName"] = .string(name)
                        if place == 2 {
                            let there = try await server.find("Users", "externalId eq \"\(pupils[place])\"")
                            let id = try #require(there.first?["id"]?.stringValue)
                            #expect(try await server.call("DELETE", "Users/\(id)").status == 204)
                        }
                        try await rehearsal.edlevo.upsert(.person, person)
                    }
                    await rehearsal.edlevo.delete(RecordKey(.person, pupils[1]))
                    let group = try #require(expected["StudentGroups"]?.keys.sorted().first)
                    await rehearsal.edlevo.delete(RecordKey(.group, group))
                    expected = try await Self.expected(rehearsal, units)
                    try await rehearsal.until { _ in try await Self.held(server) == expected }
                    #expect(try await server.find("Users", "name.familyName eq \"Nytt \\\"namn\\\"\"").count == 1)
                    let status = try await rehearsal.context.status()
                    #expect(status.failed["failed"] ?? 0 == 0, "\(status.failed)")
                }
            }
        }
    }

    /// Each school's unit with a code, the first where there are several.
    private static func units(_ rehearsal: Rehearsal) async throws -> [String: String] {
        var units: [String: String] = [:]
        for (id, unit) in try await rehearsal.edlevo.truth(.organisation).sorted(by: { $0.key < $1.key })
        where unit["schoolUnitCode"] != nil {
            guard let school = unit["parentOrganisation"]?["id"]?.stringValue, units[school] == nil else { continue }
            units[school] = id
        }
        return units
    }

    /// What there should be: type → externalId → what tells one state from another. Made of Edlevo's records by hand.
    private static func expected(
        _ rehearsal: Rehearsal, _ units: [String: String]
    ) async throws -> [String: [String: Set<String>]] {
        let today = "\(HubClock.system.calendarDate)"
        func isCurrent(_ part: JSONValue) -> Bool {
            part["startDate"]?.stringValue ?? "" <= today && today <= part["endDate"]?.stringValue ?? "9999"
        }
        let protected = Set(rehearsal.municipality.protectedPersons.map(\.id))
        let edlevo = rehearsal.edlevo
        let organisations = try await edlevo.truth(.organisation)
        var expected: [String: [String: Set<String>]] = [:]
        for (id, unit) in organisations where unit["schoolUnitCode"] != nil {
            expected["SchoolUnits", default: [:]][id] = [unit["schoolUnitCode"]?.stringValue ?? ""]
        }
        let people = try await edlevo.truth(.person).filter { !protected.contains($0.key) }
        func isStaff(_ person: JSONValue?) -> Bool {
            person?["eduPersonPrincipalNames"]?.arrayValue?.isEmpty == false
                && person?["emails"]?.arrayValue?.contains { $0["type"] == "Skola personal" } == true
        }
        for (id, person) in people where person["eduPersonPrincipalNames"]?.arrayValue?.isEmpty == false {
            let enrolments = (person["enrolments"]?.arrayValue ?? []).filter(isCurrent)
            let isPupil = enrolments.contains { Self.schoolTypes.contains($0["schoolType"]?.stringValue ?? "") }
            guard isPupil || isStaff(person) else { continue }
            var state: Set = [person["familyName"]?.stringValue ?? "", person["givenName"]?.stringValue ?? ""]
            for enrolment in enrolments {
                let unit = enrolment["enroledAt"]?["id"]?.stringValue ?? ""
                guard organisations[unit]?["schoolUnitCode"] != nil else { continue }
                state.insert("\(unit) \(enrolment["schoolYear"]?.integerValue ?? -1)")
            }
            expected["Users", default: [:]][id] = state
        }
        for (id, duty) in try await edlevo.truth(.duty) where isCurrent(duty) {
            let person = duty["person"]?["id"]?.stringValue ?? ""
            guard isStaff(people[person]), let unit = units[duty["dutyAt"]?["id"]?.stringValue ?? ""] else { continue }
            expected["Employments", default: [:]][id] = [person, unit]
        }
        for (id, group) in try await edlevo.truth(.group)
        where isCurrent(group) && ["Klass", "Undervisning"].contains(group["groupType"]?.stringValue) {
            guard let unit = units[group["organisation"]?["id"]?.stringValue ?? ""] else { continue }
            var state: Set = [group["displayName"]?.stringValue ?? "", unit]
            for member in group["groupMemberships"]?.arrayValue ?? [] where isCurrent(member) {
                let person = member["person"]?["id"]?.stringValue ?? ""
                if people[person]?["eduPersonPrincipalNames"]?.arrayValue?.isEmpty == false { state.insert(person) }
            }
            expected["StudentGroups", default: [:]][id] = state
        }
        return expected
    }

    private static func held(_ server: IndependentSCIMServer) async throws -> [String: [String: Set<String>]] {
        let school = "urn:scim:schemas:extension:sis:school:1.0:User"
        var held: [String: [String: Set<String>]] = [:]
        func take(_ path: String, _ state: (JSONValue) -> [String?]) async throws {
            let objects = try await server.all(path, count: 20)
            if !objects.isEmpty { held[path] = objects.mapValues { Set(state($0).compactMap { $0 }) } }
        }
        try await take("SchoolUnits") { [$0["schoolUnitCode"]?.stringValue] }
        try await take("Users") { user in
            [user["name"]?["familyName"]?.stringValue, user["name"]?["givenName"]?.stringValue]
                + (user[school]?["enrolments"]?.arrayValue ?? []).map {
                    "\($0["value"]?.stringValue ?? "") \($0["schoolYear"]?.integerValue ?? -1)"
                }
        }
        try await take("Employments") { [$0["user"]?["value"]?.stringValue, $0["employedAt"]?["value"]?.stringValue] }
        try await take("StudentGroups") { group in
            [group["displayName"]?.stringValue, group["owner"]?["value"]?.stringValue]
                + (group["studentMemberships"]?.arrayValue ?? []).map { $0["value"]?.stringValue }
        }
        return held
    }
}
