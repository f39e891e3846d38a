import ConnectorKit
import Foundation
import Hub
import Mapping
import Reconciliation
import SchoolRecords
import Testing

@testable import Console
@testable import Provisioning

/// Three people who were known everywhere before they were protected, and one who never was: a child, a guardian and a member of staff at
/// one school, with all that a hub keeps of people beside the register.
struct ProtectedWorld: Sendable {
    /// A person, and by what the person could be recognised.
    struct Person: Sendable {
        let kind: String
        let id: String
        let opaque: String
    }

    /// What stands in every real value of theirs, and what their real ids begin with.
    static let mark = "zxqvdata"
    static let idMark = "zxqvid-"
    /// A temporary number, as municipalities make them: nobody's identity number.
    static let number = "20130102TF02"

    static let people = ["child", "guardian", "staff"].map { kind in
        Person(
            kind: kind, id: Self.idMark + kind,
            opaque: ConsoleWorld.key.opaqueKey(for: RecordKey(.person, Self.idMark + kind)).id)
    }

    /// What stands for parts of addresses.
    let names: [String: String]
    /// Failed messages about them.
    let failures: [Int64]

    static func plant(in world: ConsoleWorld) async throws -> ProtectedWorld {
        var names = try await RouteRightsTests.plant(in: world)
        try await world.take([
            (.organisation, ["id": "school-a", "displayName": "Skola A", "organisationType": "Skolenhet"]),
            (.organisation, ["id": "school-z", "displayName": "Skola Z", "organisationType": "Skolenhet"]),
        ])
        try await world.take(Self.people.map { (.person, Self.document($0)) } + [(.person, Self.neighbour)])
        try await world.take([
            (
                .duty,
                [
                    "id": "duty-1", "person": ["id": .string(Self.idMark + "staff")], "dutyAt": ["id": "school-a"],
                    "dutyRole": "Lärare", "description": .string("2080 \(Self.mark)"), "startDate": "2020-08-01",
                ]
            ),
            (
                .placement,
                [
                    "id": "placement-1", "child": ["id": .string(Self.idMark + "child")], "placedAt": ["id": "school-a"],
                    "schoolType": "FTH", "startDate": "2020-08-01",
                ]
            ),
            (
                .group,
                [
                    "id": "group-1", "displayName": "1A", "groupType": "Klass", "organisation": ["id": "school-a"],
                    "startDate": "2020-08-01",
                    "groupMemberships": [["person": ["id": .string(Self.idMark + "child")], "startDate": "2020-08-01"]],
                ]
            ),
        ])
        let failures = try await Self.plantFailures(in: world)
        var filter = FailureFilter()
        filter.ids = failures
        names["BATCH"] = try await world.store.select(
            filter, plan: ReplayPlan(), by: "ada", time: HubClock.system.timestamp
        ).id
        names["HELD"] = try await Self.plantHeld(in: world)
        try await Self.plantFindings(in: world)
        names["PLAN"] = try await Self.plantPlan(in: world)
        // Somebody has looked at each while that was nothing special.
        for person in Self.people {
            _ = try await world.post("/person", ["csrf": "form-of-ada", "id": person.id, "reason": "before"])
        }
        let protector = Protector(
            store: world.store, key: ConsoleWorld.key, mappings: MappingBook(try #require(ConsoleWorld.mappings)))
        for person in Self.people {
            _ = try await protector.protect(person.id, level: .hub, by: "prov", reason: "case 4711")
        }
        return ProtectedWorld(names: names, failures: failures)
    }

    private static func document(_ person: Person) -> JSONValue {
        var document: [String: JSONValue] = [
            "id": .string(person.id), "givenName": .string("\(Self.mark)Given"), "familyName": .string("\(Self.mark)Family"),
            "emails": [["value": .string("\(Self.mark)@example.test"), "type": "Privat"]],
            "addresses": [["type": "Folkbokföring", "streetAddress": .string("\(Self.mark)gatan 7"), "postalCode": "97231"]],
        ]
        if person.kind == "child" {
            document["civicNo"] = ["value": .string(Self.number), "nationality": "SE"]
            document["responsibles"] = [["person": ["id": .string(Self.idMark + "guardian")], "relationType": "Vårdnadshavare"]]
            document["enrolments"] = [
                ["enroledAt": ["id": "school-a"], "schoolType": "GR", "startDate": "2020-08-01"]
            ]
        }
        return .object(document)
    }

    /// Somebody like them who isn't protected: of whom things are seen, so that nothing is wrong with looking.
    private static let neighbour: JSONValue = [
        "id": "neighbour-1", "givenName": "Synlig", "familyName": "Synligsson",
        "enrolments": [["enroledAt": ["id": "school-a"], "schoolType": "GR", "startDate": "2020-08-01"]],
    ]

    private static func plantFailures(in world: ConsoleWorld) async throws -> [Int64] {
        let time = HubClock.system.timestamp
        try await world.store.record(
            Self.people.map { person in
                NewFailure(
                    stage: .delivery, system: "unikum", key: RecordKey(.person, person.id), sequence: 1, kind: "mapping",
                    code: "value-without-code", field: nil, place: nil, message: "m", body: Self.document(person).canonicalData)
            }, time: time)
        let failures = try await world.store.list(FailureFilter()).filter { $0.failure.key?.id.hasPrefix(Self.idMark) == true }
        for failure in failures {
            try await world.store.edit(
                FailureEdit(
                    failure: failure.id, sequence: 1, body: failure.failure.body ?? Data(), fields: ["familyName"], reason: "r",
                    person: "grace", time: time, needsApproval: true))
        }
        return failures.map(\.id)
    }

    private static func plantHeld(in world: ConsoleWorld) async throws -> String {
        let change = HeldChange(
            id: "edlevo-person-9f9f9f9f", direction: .source, system: "edlevo", entity: "person", mode: "full", living: 50,
            counts: ChangeCounts(updates: 3, deletes: 40), excess: [ChangeExcess(kind: .deletes, count: 40, limit: 20)],
            time: HubClock.system.timestamp)
        let samples = Self.people.map { person in
            HeldSample(
                key: RecordKey(.person, person.id), change: .updates,
                fields: [.init(name: "familyName", before: "\(Self.mark)Before", after: "\(Self.mark)After")])
        }
        try await world.store.hold(change, marks: [1, 2, 3], samples: samples)
        return change.id
    }

    private static func plantFindings(in world: ConsoleWorld) async throws {
        let findings = Self.people.map { person in
            var finding = Finding(
                system: "unikum", kind: "person", key: "\(Self.mark)key", situation: .different, cause: .changedThere,
                remedy: .sendAgain)
            finding.record = RecordKey(.person, person.id)
            finding.unit = "school-a"
            return finding
        }
        try await world.store.add(findings, to: "run-1", from: 1, earlier: nil, time: HubClock.system.timestamp)
    }

    private static func plantPlan(in world: ConsoleWorld) async throws -> String {
        let person = Self.idMark + "staff"
        let key = GrantKey(person: person, name: RoleName(system: "unikum", role: "larare"), scope: .unit("school-a"))
        let grant = RoleGrant(id: key.id, person: person, system: "unikum", role: "larare", organisation: "school-a")
        let plan = RolePlan(
            request: .init(date: CalendarDate(year: 2026, month: 8, day: 18)), policyVersion: "p", stateVersion: "s",
            steps: [PlanEntry(key: key, action: .grant, unit: "school-a", after: grant)])
        return try await world.store.keep(
            plan.kept(by: "nobody", time: HubClock.system.timestamp), document: plan.json.canonicalData
        ).id
    }
}
