import SchoolRecords

/// Small SS 12000 documents as a source gives them. Numbers are temporary ones, which belong to nobody.
enum Documents {
    static func id(_ number: Int) -> String {
        let tail = String(number)
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - tail.count) + tail
    }

    static func meta(_ modified: String = "2026-08-01T00:00:00Z") -> JSONValue {
        ["created": "2026-01-01T00:00:00Z", "modified": .string(modified)]
    }

    static func school(_ number: Int) -> JSONValue {
        [
            "id": .string(id(number)), "meta": meta(), "displayName": .string("Skola \(number)"), "organisationType": "Skola",
            "schoolTypes": ["GR"], "municipalityCode": "2580",
        ]
    }

    static func unit(_ number: Int, of school: Int) -> JSONValue {
        [
            "id": .string(id(number)), "meta": meta(), "displayName": .string("Enhet \(number)"), "organisationType": "Skolenhet",
            "parentOrganisation": ["id": .string(id(school))], "schoolUnitCode": "12345678", "schoolTypes": ["GR"],
        ]
    }

    static func person(
        _ number: Int, name: String = "Prov", unit: Int? = nil, marking: String = "Ingen", guardians: [Int] = [],
        modified: String = "2026-08-01T00:00:00Z"
    ) -> JSONValue {
        var document: JSONValue = [
            "id": .string(id(number)), "meta": meta(modified), "givenName": .string(name),
            "familyName": .string("Testsson\(number)"),
            "civicNo": [
                "value": .string("201301" + (number % 28 < 9 ? "0" : "") + "\(number % 28 + 1)TF" + two(number / 28)),
                "nationality": "SE",
            ],
            "securityMarking": .string(marking), "personStatus": "Aktiv", "birthDate": "2013-01-01",
        ]
        if let unit {
            document["enrolments"] = [
                ["enroledAt": ["id": .string(id(unit))], "schoolType": "GR", "schoolYear": 5, "startDate": "2020-08-01"]
            ]
        }
        if !guardians.isEmpty {
            document["responsibles"] = .array(
                guardians.map { ["person": ["id": .string(id($0))], "relationType": "Vårdnadshavare"] })
        }
        return document
    }

    static func group(_ number: Int, school: Int, members: [Int], modified: String = "2026-08-01T00:00:00Z") -> JSONValue {
        [
            "id": .string(id(number)), "meta": meta(modified), "displayName": .string("Klass \(number)"), "groupType": "Klass",
            "schoolType": "GR", "organisation": ["id": .string(id(school))], "startDate": "2020-08-01",
            "groupMemberships": .array(members.map { ["person": ["id": .string(id($0))], "startDate": "2020-08-01"] }),
        ]
    }

    static func duty(_ number: Int, person: Int, school: Int, title: String, mentorOf group: Int? = nil) -> JSONValue {
        var document: JSONValue = [
            "id": .string(id(number)), "meta": meta(), "person": ["id": .string(id(person))],
            "dutyAt": ["id": .string(id(school))],
            "dutyRole": "Lärare", "description": .string(title), "startDate": "2020-08-01",
        ]
        if let group {
            document["assignmentRole"] = [
                ["group": ["id": .string(id(group))], "assignmentRoleType": "Mentor", "startDate": "2020-08-01"]
            ]
        }
        return document
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// One school with a unit, two guardians, three pupils in a class.
    static func fill(_ source: ScriptedSource) {
        source.put(.organisation, school(1))
        source.put(.organisation, unit(2, of: 1))
        for pupil in 10...12 { source.put(.person, person(pupil, unit: 2, guardians: [20])) }
        source.put(.person, person(20))
        source.put(.person, person(21))
        source.put(.group, group(30, school: 1, members: [10, 11, 12]))
    }
}
