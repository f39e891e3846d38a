import Foundation
import Mapping
import Provisioning
import SchoolRecords
import Testing

/// A town of two schools and a preschool, with the policy of the project.
struct Town {
    static let date = CalendarDate(year: 2026, month: 8, day: 17)
    static let systems: Set<String> = ["unikum", "skola24", "tempus", "skolon", "digiexam", "teams", "dnp", "vega"]

    var population = Population()
    var grants: [RoleGrant] = []
    var read = Self.systems
    let policy: RolePolicy

    init() throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../Mappings")
            .standardized
        self.policy = try #require(MappingSet.load(directory: url.path).set?.roles)
        self.population.organisations = try [
            Organisation(json: ["id": "town", "displayName": "Town", "organisationType": "Huvudman"]),
            Organisation(json: [
                "id": "north", "displayName": "North", "organisationType": "Skola", "schoolTypes": ["GR"],
                "parentOrganisation": ["id": "town"],
            ]),
            Organisation(json: [
                "id": "south", "displayName": "South", "organisationType": "Skola", "schoolTypes": ["GR", "FTH"],
                "parentOrganisation": ["id": "town"],
            ]),
        ]
    }

    mutating func employ(
        _ person: String, _ duty: String, at school: String, _ role: String = "Lärare", title: String? = "2752 Grundskollärare",
        from first: String = "2025-08-01", to last: String? = nil, roles: JSONValue = []
    ) throws {
        var json: JSONValue = [
            "id": .string(duty), "person": ["id": .string(person)], "dutyAt": ["id": .string(school)], "dutyRole": .string(role),
            "startDate": .string(first), "assignmentRole": roles,
        ]
        if let title { json["description"] = .string(title) }
        if let last { json["endDate"] = .string(last) }
        self.population.duties.append(try Duty(json: json))
        if !self.population.persons.contains(where: { $0.id == person }) {
            self.population.persons.append(PersonFacts(id: person))
        }
    }

    mutating func hold(_ person: String, _ role: String, at school: String? = nil, to last: CalendarDate? = nil) {
        let parts = role.split(separator: "/").map(String.init)
        self.grants.append(
            RoleGrant(
                id: "held-\(self.grants.count)", person: person, system: parts[0], role: parts[1], organisation: school,
                endDate: last))
    }

    /// Lets systems hold what the policy says.
    mutating func apply() { self.grants = Array(self.planner.plan().applied(to: self.planner.held).values) }

    var planner: RolePlanner { self.planner(on: Self.date) }

    func planner(on date: CalendarDate) -> RolePlanner {
        RolePlanner(
            policy: self.policy, population: self.population, held: HeldRoles(systems: self.read, grants: self.grants), date: date
        )
    }

    static func role(_ text: String) -> RoleName {
        let parts = text.split(separator: "/").map(String.init)
        return RoleName(system: parts[0], role: parts[1])
    }
}

extension PlanEntry {
    /// `+ unikum/pedagog unit/north`.
    var line: String { "\(self.action.sign) \(self.key.name) \(self.key.scope)" }
}
