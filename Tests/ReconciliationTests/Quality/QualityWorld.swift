import Reconciliation
import SchoolRecords
import Testing

/// A small municipality in which every rule has something to look at and nothing lacks. The tests break one thing in it.
struct QualityWorld {
    static let today = CalendarDate(year: 2026, month: 11, day: 29)

    var settings = QualitySettings()
    var titleCodes: Set<String> = ["2752", "401010", "3465"]
    var withheld: Set<String> = []
    var organisations: [String: Organisation] = [:]
    var groups: [String: Group] = [:]
    var activities: [String: Activity] = [:]
    var duties: [String: Duty] = [:]
    var placements: [String: Placement] = [:]
    var persons: [String: Person] = [:]
    var employees: [String: Employee] = [:]
    var registrations: [String: Registration] = [:]

    init() throws {
        try self.addOrganisations()
        try self.addGroups()
        try self.addStaff()
        try self.addChildren()
    }

    private mutating func addOrganisations() throws {
        for json: JSONValue in [
            ["id": "school-1", "displayName": "Exempelskolan", "organisationType": "Skola"],
            ["id": "school-2", "displayName": "Förskolan Prov", "organisationType": "Skola"],
            [
                "id": "unit-1", "displayName": "Exempelskolan F-9", "organisationType": "Skolenhet", "schoolUnitCode": "10000001",
                "schoolTypes": ["FKLASS", "GR"], "parentOrganisation": ["id": "school-1"],
            ],
            [
                "id": "unit-2", "displayName": "Exempelskolan fritids", "organisationType": "Skolenhet",
                "organisationCode": "FTH1", "schoolTypes": ["FTH"], "parentOrganisation": ["id": "school-1"],
            ],
            [
                "id": "unit-3", "displayName": "Förskolan Prov", "organisationType": "Skolenhet", "organisationCode": "FSK1",
                "schoolTypes": ["FS"], "parentOrganisation": ["id": "school-2"],
            ],
        ] {
            let organisation = try Organisation(json: json)
            self.organisations[organisation.id] = organisation
        }
    }

    private mutating func addGroups() throws {
        func add(_ id: String, _ type: String, at school: String, _ members: [String], last: String = "2027-06-30") throws {
            let list = members.map { JSONValue.object(["person": ["id": .string($0)], "startDate": "2026-08-01"]) }
            self.groups[id] = try Group(
                json: [
                    "id": .string(id), "displayName": .string(id), "groupType": .string(type),
                    "organisation": ["id": .string(school)], "startDate": "2025-08-01", "endDate": .string(last),
                    "groupMemberships": .array(list),
                ])
        }
        try add("class-1", "Klass", at: "school-1", ["pupil-1", "pupil-2"])
        try add("teaching-1", "Undervisning", at: "school-1", ["pupil-1"])
        try add("department-1", "Avdelning", at: "school-2", ["child-1"])
        try add("care-1", "Avdelning", at: "school-1", ["pupil-1"])
        try add("old-1", "Klass", at: "school-1", ["pupil-1"], last: "2026-08-15")
        self.activities["activity-1"] = try Activity(
            json: [
                "id": "activity-1", "displayName": "Engelska", "startDate": "2026-08-01", "organisation": ["id": "school-1"],
                "groups": [["id": "teaching-1"]], "teachers": [["duty": ["id": "duty-1"]]],
            ])
    }

    private mutating func addStaff() throws {
        for (number, school, title, group, role) in [
            ("1", "school-1", "2752 Grundskollärare", "class-1", "Mentor"),
            ("2", "school-2", "401010 Förskollärare", "department-1", "Förskollärare"),
            ("3", "school-1", "3465 Fritidspedagog", "care-1", "Fritidspedagog"),
        ] {
            self.duties["duty-\(number)"] = try Duty(
                json: [
                    "id": .string("duty-\(number)"), "person": ["id": .string("teacher-\(number)")],
                    "dutyAt": ["id": .string(school)], "dutyRole": "Lärare", "description": .string(title),
                    "startDate": "2024-08-01",
                    "assignmentRole": [
                        ["group": ["id": .string(group)], "assignmentRoleType": .string(role), "startDate": "2026-08-01"]
                    ],
                ])
            try self.employ("employee-\(number)", "teacher-\(number)")
            try self.add(
                "teacher-\(number)", born: "1980-01-0\(number)",
                [
                    "eduPersonPrincipalNames": [.string("t\(number)@edu.example")],
                    "emails": [["value": .string("t\(number)@skola.example"), "type": "Skola personal"]],
                ])
        }
    }

    /// - Parameter person: `nil` for somebody whom the student register doesn't know.
    mutating func employ(_ id: String, _ person: String?) throws {
        var fields: [String: JSONValue] = [
            "id": .string(id), "civicNo": ["value": "19800101TF01"],
            "employments": [
                [
                    "employmentNumber": .string(id), "employmentType": "untilFurther", "startDate": "2024-08-01",
                    "organisation": ["id": "unit-1"],
                ]
            ],
        ]
        if let person { fields["person"] = ["id": .string(person)] }
        self.employees[id] = try Employee(json: .object(fields)).completed()
    }

    private mutating func addChildren() throws {
        for number in 1...2 {
            try self.add(
                "pupil-\(number)", born: "2015-01-0\(number)",
                [
                    "eduPersonPrincipalNames": [.string("p\(number)@edu.example")],
                    "emails": [["value": .string("p\(number)@elev.example"), "type": "Skola elev"]],
                    "responsibles": [
                        ["person": ["id": .string("guardian-\(number)")], "relationType": "Vårdnadshavare"]
                    ],
                    "enrolments": [
                        ["enroledAt": ["id": "unit-1"], "schoolType": "GR", "schoolYear": 5, "startDate": "2022-08-01"]
                    ],
                ])
            // Guardians may have one address together.
            try self.add(
                "guardian-\(number)", born: "1985-01-0\(number)", ["emails": [["value": "home@post.example", "type": "Privat"]]])
        }
        try self.add(
            "child-1", born: "2022-01-01",
            ["responsibles": [["person": ["id": "guardian-1"], "relationType": "Vårdnadshavare"]]])
        try self.add(
            "child-9", born: "2022-01-09",
            ["responsibles": [["person": ["id": "guardian-9"], "relationType": "Vårdnadshavare"]]])
        try self.add("guardian-9", born: "1985-01-09", ["emails": [["value": "home@post.example", "type": "Privat"]]])
        self.registrations["registration-9"] = try Registration(
            json: [
                "id": "registration-9", "person": ["id": "child-9"], "civicNo": ["value": "20220109TF01"],
                "givenName": "Andra  PROV", "middleName": "Mellan", "familyName": "provsson",
                "relations": [["relationType": "guardian", "person": ["id": "guardian-9"]]],
            ])
        try self.add("gone-1", born: "1950-01-01", ["personStatus": "Avliden"])
        for (id, child, unit, group, type) in [
            ("placement-1", "child-1", "unit-3", "department-1", "FS"),
            ("placement-8", "child-9", "unit-3", "department-1", "FS"), ("placement-2", "pupil-1", "unit-2", "care-1", "FTH"),
        ] {
            self.placements[id] = try Placement(
                json: [
                    "id": .string(id), "child": ["id": .string(child)], "placedAt": ["id": .string(unit)],
                    "group": ["id": .string(group)], "schoolType": .string(type), "startDate": "2025-08-01",
                ])
        }
    }

    /// With a temporary number, which can't be issued to anybody.
    private mutating func add(_ id: String, born: String, _ more: [String: JSONValue]) throws {
        let number = born.replacing("-", with: "") + (id.hasPrefix("guardian") ? "TF02" : "TF01")
        let fields: [String: JSONValue] = [
            "id": .string(id), "givenName": "Prov", "familyName": "Provsson", "birthDate": .string(born),
            "civicNo": ["value": .string(number)],
        ]
        self.persons[id] = try Person(json: .object(fields.merging(more) { _, other in other }))
    }

    // MARK: Examining

    var records: [QualityRecord] {
        self.organisations.values.map(QualityRecord.organisation) + self.groups.values.map(QualityRecord.group)
            + self.activities.values.map(QualityRecord.activity) + self.duties.values.map(QualityRecord.duty)
            + self.placements.values.map(QualityRecord.placement) + self.employees.values.map(QualityRecord.employee)
            + self.registrations.values.map(QualityRecord.registration) + self.persons.values.map(QualityRecord.person)
    }

    /// What the rules make of it.
    ///
    /// - Parameter order: puts the records of each kind into an order.
    func examine(
        order: ([QualityRecord]) -> [QualityRecord] = { $0 }
    ) -> (findings: [QualityFinding], counts: [QualityCount], silent: Set<QualityRule>) {
        let kinds = Dictionary(grouping: self.records, by: \.entity)
        var facts = QualityFacts(
            today: Self.today, settings: self.settings, titleCodes: self.titleCodes,
            titleCode: { $0.first?.isNumber == true ? $0.split(separator: " ").first.map(String.init) : nil },
            withheld: self.withheld)
        for entity in QualityFacts.entities { for record in order(kinds[entity] ?? []) { facts.collect(record) } }
        var check = QualityCheck(facts)
        for entity in QualityFacts.entities { for record in order(kinds[entity] ?? []) { check.examine(record) } }
        check.finish()
        let findings = check.tally.takeFindings().sorted { "\($0)" < "\($1)" }
        return (findings, check.tally.counts, Set(check.silent.keys))
    }

    var found: Set<QualityRule> { Set(self.examine().findings.map(\.rule)) }
}

extension QualityRecord {
    var entity: Entity {
        switch self {
        case .organisation: .organisation
        case .group: .group
        case .activity: .activity
        case .duty: .duty
        case .placement: .placement
        case .employee: .employee
        case .registration: .registration
        case .person: .person
        }
    }
}
