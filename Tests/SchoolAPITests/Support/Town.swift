import Foundation
import SchoolRecords
import TestChance

/// Records of a small town, made for tests: what is in them and what they refer to is all that matters. No identity numbers: what stands
/// for one is a word.
struct Town: Sendable {
    private(set) var documents: [Entity: [JSONValue]] = [:]

    static func id(_ entity: Entity, _ number: Int) -> String {
        let kind = Entity.allCases.firstIndex(of: entity) ?? 0
        // Spread, so that ids are in no order that means anything.
        var chance = SeededRandom(seed: UInt64(kind * 100_000 + number))
        let hex = String(chance.next(), radix: 16)
        let tail = String(repeating: "0", count: 16 - hex.count) + hex
        return "\(tail.prefix(8))-\(tail.dropFirst(8).prefix(4))-4000-8000-\(tail.suffix(4))0000\(String(format: "%04x", number))"
    }

    static func reference(_ entity: Entity, _ number: Int) -> JSONValue { ["id": .string(Self.id(entity, number))] }

    /// Two schools below a head; pupils 0..<count in one of them, each with one guardian; a teacher for every ten pupils.
    init(pupils count: Int, seed: UInt64 = 1) {
        var chance = SeededRandom(seed: seed)
        let names = ["Åsa", "Anna", "Örjan", "Bo", "Ärla", "Zita", "bo", "Cecilia", "Östen", "Alva", "Åke"]
        func name() -> JSONValue { .string(names.randomElement(using: &chance) ?? "Bo") }
        self.add(.organisation, 0, ["displayName": "Huvudman", "organisationType": "Huvudman"])
        for school in 1...2 {
            self.add(
                .organisation, school,
                [
                    "displayName": .string("Skola \(school)"), "organisationType": "Skolenhet",
                    "schoolUnitCode": .string("1000000\(school)"), "schoolTypes": school == 1 ? ["GR", "FTH"] : ["GY"],
                    "parentOrganisation": Self.reference(.organisation, 0), "municipalityCode": "0000",
                    "startDate": .string("20\(10 + school)-07-01"),
                ])
        }
        for number in 0..<count {
            let school = number % 2 + 1
            var pupil: [String: JSONValue] = [
                "givenName": name(), "familyName": name(),
                "civicNo": ["value": .string("pupil-\(number)"), "nationality": "SE"],
                "eduPersonPrincipalNames": [.string("p\(number)@example.org")],
                "externalIdentifiers": [
                    ["value": .string("x\(number)"), "context": "urn:test", "globallyUnique": false]
                ],
                "enrolments": [
                    [
                        "enroledAt": Self.reference(.organisation, school), "schoolType": school == 1 ? "GR" : "GY",
                        "startDate": .string("202\(number % 5)-08-15"), "schoolYear": .integer(Int64(number % 9 + 1)),
                    ]
                ],
                "responsibles": [
                    ["person": Self.reference(.person, count + number), "relationType": "Vårdnadshavare"]
                ], "emails": [["value": .string("p\(number)@example.org"), "type": "Skola elev"]],
            ]
            if chance.next() % 3 == 0 { pupil["middleName"] = name() }
            self.add(.person, number, pupil)
            self.add(
                .person, count + number,
                ["givenName": name(), "familyName": name(), "civicNo": ["value": .string("g-\(number)")]])
        }
        for teacher in 0..<max(1, count / 10) {
            let person = count * 2 + teacher
            self.add(.person, person, ["givenName": name(), "familyName": name()])
            self.add(
                .duty, teacher,
                [
                    "person": Self.reference(.person, person), "dutyRole": teacher % 3 == 0 ? "Rektor" : "Lärare",
                    "dutyAt": Self.reference(.organisation, teacher % 2 + 1),
                    "startDate": .string("20\(10 + teacher % 12)-08-01"),
                    "assignmentRole": [
                        ["group": Self.reference(.group, teacher % 4), "assignmentRoleType": "Mentor", "startDate": "2020-08-01"]
                    ],
                ])
        }
        for group in 0..<4 {
            let members = (0..<count).filter { $0 % 4 == group }
            self.add(
                .group, group,
                [
                    "displayName": .string("\(group + 1)A"), "groupType": group % 2 == 0 ? "Klass" : "Undervisning",
                    "schoolType": group % 2 == 0 ? "GR" : "GY", "organisation": Self.reference(.organisation, group % 2 + 1),
                    "startDate": "2020-08-01",
                    "groupMemberships": .array(
                        members.map { ["person": Self.reference(.person, $0), "startDate": "2020-08-15"] }),
                ])
        }
        for number in 0..<count where number % 3 == 0 {
            var placement: [String: JSONValue] = [
                "placedAt": Self.reference(.organisation, number % 2 + 1), "child": Self.reference(.person, number),
                "owners": [Self.reference(.person, count + number)], "schoolType": "FTH", "reason": "Omsorgsbehov",
                "startDate": .string("202\(number % 6)-01-0\(number % 9 + 1)"), "group": Self.reference(.group, number % 4),
            ]
            if number % 2 == 0 { placement["endDate"] = .string("2027-0\(number % 9 + 1)-01") }
            self.add(.placement, number, placement)
        }
        self.addTeaching(count)
        self.addAttendance(count)
    }

    private mutating func addTeaching(_ count: Int) {
        self.add(
            .programme, 0, ["name": "Naturvetenskap", "schoolType": "GY", "type": "Högskoleförberedande program", "code": "NA"])
        self.add(
            .programme, 1,
            [
                "name": "Inriktning", "schoolType": "GY", "type": "Programinriktning",
                "parentProgramme": Self.reference(.programme, 0),
            ])
        for number in 0..<3 {
            self.add(
                .syllabus, number,
                [
                    "subjectName": .string(["Matematik", "Svenska", "Engelska"][number]), "schoolType": "GR", "official": true,
                    "subjectCode": .string("S\(number)"),
                ])
        }
        self.add(
            .schoolUnitOffering, 0,
            [
                "offeredAt": Self.reference(.organisation, 2), "offeredSyllabuses": [Self.reference(.syllabus, 0)],
                "offeredProgrammes": [Self.reference(.programme, 0)], "startDate": "2024-07-01",
            ])
        self.add(.room, 0, ["displayName": "A1", "owner": Self.reference(.organisation, 1)])
        self.add(.resource, 0, ["displayName": "Vagn", "owner": Self.reference(.organisation, 2)])
        for number in 0..<4 {
            self.add(
                .activity, number,
                [
                    "displayName": .string("Lektion \(number)"), "calendarEventsRequired": true, "startDate": "2024-08-01",
                    "groups": [Self.reference(.group, number)], "organisation": Self.reference(.organisation, number % 2 + 1),
                    "teachers": [["duty": Self.reference(.duty, 0)]], "syllabus": Self.reference(.syllabus, number % 3),
                ])
        }
        for number in 0..<count where number % 5 == 0 {
            self.add(
                .studyPlan, number,
                [
                    "student": Self.reference(.person, number), "startDate": .string("202\(number % 4)-08-01"),
                    "content": [["syllabuses": [["syllabus": Self.reference(.syllabus, 0)]]]],
                ])
            self.add(
                .grade, number,
                [
                    "student": Self.reference(.person, number), "registeredBy": Self.reference(.person, count * 2),
                    "registeredDate": .string("202\(number % 4)-06-1\(number % 9)"), "gradeValue": "A", "finalGrade": true,
                    "adaptedStudyPlan": "false", "syllabus": Self.reference(.syllabus, 1),
                    "organisation": Self.reference(.organisation, number % 2 + 1),
                ])
        }
    }

    private mutating func addAttendance(_ count: Int) {
        for number in 0..<8 {
            let hour = 8 + number
            self.add(
                .calendarEvent, number,
                [
                    "activity": Self.reference(.activity, number % 4),
                    "startTime": .string("2026-09-1\(number)T\(hour < 10 ? "0" : "")\(hour):00:00+02:00"),
                    "endTime": .string("2026-09-1\(number)T\(hour < 9 ? "0" : "")\(hour + 1):00:00+02:00"),
                    "rooms": [Self.reference(.room, 0)],
                ])
        }
        for number in 0..<count where number % 4 == 0 {
            self.add(
                .attendance, number,
                [
                    "calendarEvent": Self.reference(.calendarEvent, number % 8), "student": Self.reference(.person, number),
                    "isReported": true, "reporter": Self.reference(.person, count * 2),
                ])
            self.add(
                .attendanceEvent, number,
                [
                    "person": Self.reference(.person, number), "time": "2026-09-10T06:30:00Z", "eventType": "In",
                    "group": Self.reference(.group, 0), "registeredBy": Self.reference(.person, count * 2),
                ])
            self.add(
                .absence, number,
                [
                    "student": Self.reference(.person, number), "type": "Anmäld frånvaro",
                    "startTime": .string("2026-09-1\(number % 9)T06:00:00Z"),
                    "endTime": .string("2026-09-1\(number % 9)T14:00:00Z"),
                    "organisation": Self.reference(.organisation, number % 2 + 1),
                ])
            self.add(
                .aggregatedAttendance, number,
                [
                    "activity": Self.reference(.activity, number % 4), "student": Self.reference(.person, number),
                    "startDate": "2026-09-01", "endDate": "2026-09-30", "attendanceSum": 10,
                ])
        }
        for number in 0..<count where number % 6 == 0 {
            self.add(
                .attendanceSchedule, number,
                [
                    "placement": Self.reference(.placement, number), "numberOfWeeks": 1, "startDate": "2026-01-01",
                    "state": [["state": "Godkänt", "registeredAt": "2026-01-01T00:00:00Z"]],
                    "scheduleEntries": [
                        ["weekOffset": 0, "dayOfWeek": "Måndag", "startTime": "08:00", "endTime": "16:00"]
                    ],
                ])
        }
    }

    private mutating func add(_ entity: Entity, _ number: Int, _ members: [String: JSONValue]) {
        var members = members
        members["id"] = .string(Self.id(entity, number))
        self.documents[entity, default: []].append(.object(members))
    }

    func move(into house: House) async throws {
        for (entity, documents) in self.documents.sorted(by: { $0.key < $1.key }) {
            // Some after others, so that times of change differ.
            for start in stride(from: 0, to: documents.count, by: 7) {
                try await house.take(entity, Array(documents[start..<min(documents.count, start + 7)]))
                house.time.pass(1)
            }
        }
    }
}
