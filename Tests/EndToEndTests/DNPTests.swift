import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// A municipality at Skolverket's test service, through the hub in a process of its own. The stand-in holds the limits, the order, the
/// fields and the values that Skolverket describes.
@Suite("Skolverket's test service gets a whole municipality", .serialized)
struct DNPTests {
    /// KNUTPUNKT_DNP_SCALE=lulea: a large municipality.
    private static var scale: SyntheticMunicipality.Scale {
        ProcessInfo.processInfo.environment["KNUTPUNKT_DNP_SCALE"] == "lulea" ? .lulea : .custom(children: 120)
    }

    private static let types: Set<String> = ["GR", "SP", "SAM", "GY", "VUXGY"]

    @Test(.timeLimit(.minutes(30)))
    func `a full load without an error, then pupils who leave, move and are renamed`() async throws {
        try await TemporaryDirectory.with { directory in
            var options = Rehearsal.Options(
                scale: Self.scale, seed: 8, directory: directory, mappings: Program.mappings, executable: Program.path)
            options.hasDNP = true
            try await Rehearsal.with(options) { rehearsal in
                let dnp = try #require(rehearsal.dnp)
                let units = try await Self.writeTables(rehearsal)
                await dnp.allow(units: Set(units.map(Self.uuid)), tests: Set(Self.tests.map { Self.uuid($0.test) }))
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                try await rehearsal.settle(allowingFailures: true)

                let today = "\(HubClock.system.calendarDate)"
                let protected = Set(rehearsal.municipality.protectedPersons.map(\.id))
                let people = try await rehearsal.edlevo.truth(.person).filter { !protected.contains($0.key) }
                let pupils = people.filter { Self.isPupil($0.value, today) }
                let expected = pupils.filter { Self.isSendable($0.value) }
                try await rehearsal.until { _ in await dnp.objects(.person).keys.count { expected[$0] != nil } == expected.count }
                try await rehearsal.settle(allowingFailures: true)
                let held = await dnp.objects(.person)
                let enrolled = Set(held.filter { $0.value["enrolments"]?.arrayValue?.isEmpty == false }.keys)
                #expect(enrolled == Set(expected.keys), "every pupil who may be there, and nobody else")
                #expect(!expected.isEmpty && Set(held.keys).isDisjoint(with: protected))
                let duties = await dnp.objects(.duty)
                #expect(!duties.isEmpty && Set(held.keys).subtracting(enrolled) == Set(duties.values.compactMap(Self.person)))
                try await Self.checkGroups(rehearsal, dnp, expected: Set(expected.keys), today: today)
                #expect(await !dnp.objects(.activity).isEmpty)
                await Self.checkClean(dnp)
                var filter = FailureFilter()
                filter.system = "dnp"
                let failed = try await rehearsal.context.store.list(filter)
                let wrong = failed.filter { $0.failure.key?.entity == .group || $0.failure.key?.entity == .activity }
                #expect(wrong.isEmpty, "\(wrong.map(\.failure.message))")
                let failedPupils = Set(failed.compactMap(\.failure.key).filter { $0.entity == .person }.map(\.id))
                #expect(failedPupils == Set(pupils.keys).subtracting(expected.keys), "who isn't there is a clear failure")

                try await Self.checkChanges(rehearsal, dnp, expected, today)
                await Self.checkClean(dnp)
            }
        }
    }

    // MARK: What the municipality must add

    /// Words of groups' names, and the tests that they are taken to stand for.
    private static let tests = [(word: "SP", test: "MODSPA09"), (word: "TY", test: "MODTYS09"), (word: "FR", test: "MODFRA09")]

    /// Which units schools have, and which groups have tests: tables of the municipality's own.
    private static func writeTables(_ rehearsal: Rehearsal) async throws -> [String] {
        let organisations = try await rehearsal.edlevo.truth(.organisation)
        var units: [String: [String]] = [:]
        for organisation in organisations.values {
            guard let code = organisation["schoolUnitCode"]?.stringValue,
                let school = organisation["parentOrganisation"]?["id"]?.stringValue
            else { continue }
            units[school, default: []].append(code)
        }
        var text = "school,unit,code,second_code\n"
        for (school, codes) in units.sorted(by: { $0.key < $1.key }) {
            let codes = codes.sorted()
            text += "\(school),,\(codes[0]),\(codes.count > 1 ? codes[1] : "")\n"
        }
        let folder = rehearsal.mappingsDirectory + "/codes/"
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "school_unit.csv"))
        let tests = Self.tests.map { "\($0.word),\($0.test)\n" }.joined()
        try Data("group_word,test\n\(tests)".utf8).write(to: URL(fileURLWithPath: folder + "dnp_test.csv"))
        return units.values.flatMap { $0 }
    }

    /// Made apart from the hub's own way: known answers stand in a test of the mapping language.
    private static func uuid(_ name: String) -> String { DNPStandIn.id(of: name) }

    private static func isPupil(_ person: JSONValue, _ today: String) -> Bool { !Self.enrolments(person, today).isEmpty }

    private static func enrolments(_ person: JSONValue, _ today: String) -> [JSONValue] {
        (person["enrolments"]?.arrayValue ?? []).filter { enrolment in
            enrolment["startDate"]?.stringValue ?? "" <= today && today <= enrolment["endDate"]?.stringValue ?? "9999"
                && Self.types.contains(enrolment["schoolType"]?.stringValue ?? "")
        }
    }

    /// Skolverket takes Swedish numbers, and EPPNs that tell no name.
    private static func isSendable(_ person: JSONValue) -> Bool {
        let eppn = person["eduPersonPrincipalNames"]?.arrayValue?.first?.stringValue
        return person["civicNo"]?["nationality"] == "SE" && eppn.map { !DNPStandIn.tellsName($0, of: person) } == true
    }

    private static func person(_ duty: JSONValue) -> String? { duty["person"]?["id"]?.stringValue }

    private static func members(_ group: JSONValue?) -> Set<String> {
        Set((group?["groupMemberships"]?.arrayValue ?? []).compactMap(Self.person))
    }

    // MARK: What must be true

    /// Each group has its pupils, whole.
    private static func checkGroups(
        _ rehearsal: Rehearsal, _ dnp: DNPStandIn, expected: Set<String>, today: String
    ) async throws {
        var wanted: [String: Set<String>] = [:]
        for (id, group) in try await rehearsal.edlevo.truth(.group) {
            func isCurrent(_ value: JSONValue) -> Bool {
                value["startDate"]?.stringValue ?? "" <= today && today <= value["endDate"]?.stringValue ?? "9999"
            }
            guard ["Klass", "Undervisning"].contains(group["groupType"]?.stringValue ?? ""), isCurrent(group),
                Self.types.contains(group["schoolType"]?.stringValue ?? "")
            else { continue }
            let members = (group["groupMemberships"]?.arrayValue ?? []).filter(isCurrent).compactMap(Self.person)
            let there = Set(members).intersection(expected)
            if !there.isEmpty { wanted[id] = there }
        }
        let held = await dnp.objects(.group).mapValues(Self.members)
        #expect(held == wanted)
    }

    private static func checkClean(_ dnp: DNPStandIn) async {
        let seen = await dnp.statistics
        #expect(seen.errors.isEmpty && seen.warnings.isEmpty, "\(seen)")
        #expect(seen.tooMany == 0 && seen.tooLarge == 0 && seen.largestCall <= 200_000, "\(seen)")
        #expect(seen.mostWritesPerSecond <= 5 && seen.mostReadsPerSecond <= 10, "\(seen)")
    }

    /// A pupil leaves, another gets a new EPPN, a third another class, a class is gone.
    private static func checkChanges(
        _ rehearsal: Rehearsal, _ dnp: DNPStandIn, _ pupils: [String: JSONValue], _ today: String
    ) async throws {
        let edlevo = rehearsal.edlevo
        let groups = try await edlevo.truth(.group)
        let classes = await dnp.objects(.group).filter { $0.value["groupType"] == "Klass" && Self.members($0.value).count > 3 }
            .keys.sorted()
        try #require(classes.count >= 3)
        let (from, to, gone) = (classes[0], classes[1], classes[2])
        let members = Self.members(await dnp.objects(.group)[from]).sorted()
        let (leaver, renamed, mover) = (members[0], members[1], members[2])

        var person = try #require(pupils[leaver])
        person["enrolments"] = .array(
            (person["enrolments"]?.arrayValue ?? []).map { enrolment in
                var enrolment = enrolment
                enrolment["endDate"] = .string(String(Date(timeIntervalSinceNow: -86_400).ISO8601Format().prefix(10)))
                return enrolment
            })
        try await edlevo.upsert(.person, person)
        person = try #require(pupils[renamed])
        person["eduPersonPrincipalNames"] = ["q0q0q0@edu.example"]
        try await edlevo.upsert(.person, person)
        var (old, new) = (try #require(groups[from]), try #require(groups[to]))
        let memberships = old["groupMemberships"]?.arrayValue ?? []
        old["groupMemberships"] = .array(memberships.filter { Self.person($0) != mover })
        new["groupMemberships"] = .array(
            (new["groupMemberships"]?.arrayValue ?? []) + memberships.filter { Self.person($0) == mover })
        try await edlevo.upsert(.group, old)
        try await edlevo.upsert(.group, new)
        await edlevo.delete(RecordKey(.group, gone))

        try await rehearsal.until { _ in
            let (persons, held) = (await dnp.objects(.person), await dnp.objects(.group))
            return persons[leaver] == nil && held[gone] == nil
                && persons[renamed]?["eduPersonPrincipalNames"] == ["q0q0q0@edu.example"]
                && Self.members(held[to]).contains(mover) && Self.members(held[from]).isDisjoint(with: [mover, leaver])
        }
        try await rehearsal.settle(allowingFailures: true)
        #expect(await dnp.objects(.person)[renamed]?["enrolments"]?.arrayValue?.isEmpty == false)
    }
}
