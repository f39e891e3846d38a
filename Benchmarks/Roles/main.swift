import Foundation
import Mapping
import Provisioning
import SchoolRecords

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

// A municipality as large as Luleå, the policy of the project, and eight systems: how long a plan takes on the first day of
// term, and how long when everything is as it should be.

func measure<Result>(_ what: String, _ body: () throws -> Result) rethrows -> Result {
    var result: Result?
    let began = clock()
    let time = try ContinuousClock().measure { result = try body() }
    let busy = Double(clock() - began) / 1_000_000
    let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    print("\(what): \(String(format: "%.2f", seconds)) s, \(String(format: "%.2f", busy)) s of it computing")
    guard let result else { fatalError("nothing was measured") }
    return result
}

/// Records without chance: every run is the same.
func population() throws -> Population {
    var population = Population()
    population.organisations.append(
        try Organisation(json: ["id": "town", "displayName": "Town", "organisationType": "Huvudman"]))
    let types = ["GR", "GR", "FS", "FS", "FTH", "GY"]
    for number in 0..<120 {
        population.organisations.append(
            try Organisation(json: [
                "id": .string("school-\(number)"), "displayName": .string("School \(number)"), "organisationType": "Skola",
                "schoolTypes": [.string(types[number % types.count])], "parentOrganisation": ["id": "town"],
            ]))
    }
    let titles = [("Lärare", "2752 Grundskollärare"), ("Förskollärare", "3641 Förskollärare"), ("Rektor", "2070 Rektor")]
    for number in 0..<2_750 {
        let (role, title) = titles[number % 12 == 0 ? 2 : number % 2]
        var roles: [JSONValue] = []
        if number % 2 == 0, number < 2_600 {
            roles = [["group": ["id": .string("group-\(number / 2)")], "assignmentRoleType": "Mentor"]]
        }
        for part in 0..<(number % 10 == 0 ? 2 : 1) {
            population.duties.append(
                try Duty(json: [
                    "id": .string("duty-\(number)-\(part)"), "person": ["id": .string("staff-\(number)")],
                    "dutyAt": ["id": .string("school-\((number + part) % 120)")], "dutyRole": .string(role),
                    "description": .string(title), "startDate": "2026-08-10", "assignmentRole": .array(part == 0 ? roles : []),
                ]))
        }
        population.persons.append(PersonFacts(id: "staff-\(number)"))
    }
    var members: [Int: [JSONValue]] = [:]
    for number in 0..<14_400 {
        let isSmall = number < 3_125
        let guardians = [number % 24_000, (number + 9_600) % 24_000]
        members[number % 1_300, default: []].append(["person": ["id": .string("child-\(number)")]])
        var json: JSONValue = [
            "id": .string("child-\(number)"), "givenName": "N", "familyName": "N",
            "responsibles": .array(
                guardians.map { ["person": ["id": .string("guardian-\($0)")], "relationType": "Vårdnadshavare"] }),
        ]
        if !isSmall {
            json["enrolments"] = [
                [
                    "enroledAt": ["id": .string("school-\(number % 120)")], "schoolType": .string(number % 5 == 0 ? "GY" : "GR"),
                    "schoolYear": .integer(Int64(number % 10)), "startDate": "2026-08-10",
                ]
            ]
        }
        population.persons.append(PersonFacts(try Person(json: json)))
        if isSmall || number % 3 == 0 {
            population.placements.append(
                try Placement(json: [
                    "id": .string("placement-\(number)"), "child": ["id": .string("child-\(number)")],
                    "placedAt": ["id": .string("school-\(number % 120)")], "schoolType": .string(isSmall ? "FS" : "FTH"),
                    "startDate": "2026-08-10",
                ]))
        }
    }
    for number in 0..<24_000 { population.persons.append(PersonFacts(id: "guardian-\(number)")) }
    for number in 0..<1_300 {
        population.groups.append(
            try Group(json: [
                "id": .string("group-\(number)"), "displayName": "G", "groupType": "Klass", "startDate": "2026-08-10",
                "organisation": ["id": .string("school-\(number % 120)")], "groupMemberships": .array(members[number] ?? []),
            ]))
    }
    return population
}

let directory = CommandLine.arguments.dropFirst().first ?? "Mappings"
guard let policy = MappingSet.load(directory: directory).set?.roles else {
    print("\(directory): no policy that can be read")
    exit(78)
}
let people = try population()
let date = CalendarDate(year: 2026, month: 8, day: 17)
let systems = policy.systems
print(
    "\(people.duties.count) duties, \(people.persons.count) persons, \(people.groups.count) groups, \(policy.rules.count) rules")
let first = measure("plan of the first day") {
    RolePlanner(policy: policy, population: people, held: HeldRoles(systems: systems), date: date).plan(term: "HT2026")
}
print("  \(first.steps.count) steps, \(first.blocked.count) blocked")
let held = Array(first.applied(to: [:]).values)
let again = measure("plan when all is as it should be") {
    RolePlanner(policy: policy, population: people, held: HeldRoles(systems: systems, grants: held), date: date)
        .plan(term: "HT2026")
}
print("  \(again.steps.count) steps, \(again.kept.count) kept")
let planner = RolePlanner(policy: policy, population: people, held: HeldRoles(systems: systems, grants: held), date: date)
_ = measure("readiness") { planner.readiness() }
measure("why not, 1,000 times") {
    for number in 0..<1_000 { _ = planner.whyNot("staff-\(number)", RoleName(system: "skola24", role: "rektor")) }
}
let data = measure("plan as JSON") { first.json.canonicalData }
print("  \(data.count / 1_000_000) MB")
let back = try measure("plan from JSON") { try RolePlan(json: JSONValue(parsing: data)) }
print("  \(back == first ? "the same" : "ANOTHER PLAN")")
_ = measure("staleness") { first.staleness(against: again) }
if back != first || !again.steps.isEmpty { exit(1) }
