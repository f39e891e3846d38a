import Foundation
import NIOHTTP1
import SchoolRecords
import Testing

@Suite("Every endpoint of the standard gives what the register has")
struct EndpointTests {
    private static let required: [Entity: [(String, String)]] = [
        .calendarEvent: [
            ("startTime.onOrAfter", "2026-09-01T00:00:00Z"), ("startTime.onOrBefore", "2026-09-30T00:00:00Z"),
        ],
        .aggregatedAttendance: [("startDate", "2026-01-01"), ("endDate", "2026-12-31")],
    ]

    @Test func `lists, single records and lookups of every entity hold the same records`() async throws {
        try await House.with { house in
            let town = Town(pupils: 24)
            try await town.move(into: house)
            for entity in Entity.allCases {
                guard let path = entity.standardPath else { continue }
                let expected = try #require(town.documents[entity], "no records of \(entity)")
                let answer = try await house.get(path, Self.required[entity] ?? [])
                #expect(answer.status == 200, "\(path)")
                let ids = Set(expected.compactMap { $0["id"]?.stringValue })
                #expect(Set(answer.ids) == ids, "\(path)")
                #expect(answer.headers.first(name: "content-type")?.hasPrefix("application/json") == true)
                // What came is what went in, with meta.
                for document in answer.data {
                    let own = expected.first { $0["id"] == document["id"] }
                    var without = document
                    #expect(document["meta"]?["created"]?.stringValue?.hasSuffix("Z") == true)
                    without["meta"] = nil
                    #expect(without == own, "\(path)")
                }
                guard entity != .aggregatedAttendance else {
                    try await #expect(house.get("\(path)/\(ids.first ?? "")").status == 404)
                    continue
                }
                let one = try #require(answer.data.first)
                let single = try await house.get("\(path)/\(answer.ids[0])")
                #expect(single.json == one, "\(path)")
                let other = try await house.get("\(path)/00000000-0000-4000-8000-000000000000")
                #expect(other.status == 404 && other.bytes == 0)
                try await #expect(house.get("\(path)/no-uuid").code == "bad-id")
                let lookup = try await house.post("\(path)/lookup", ["ids": .array(ids.map { .string($0) })])
                guard entity != .studyPlan else {
                    #expect(lookup.status == 404)
                    continue
                }
                #expect(Set(lookup.elements.compactMap { $0["id"]?.stringValue }) == ids, "\(path)")
            }
        }
    }

    @Test func `what the register has none of is an empty list`() async throws {
        try await House.with { house in
            for entity in Entity.allCases {
                guard let path = entity.standardPath else { continue }
                let answer = try await house.get(path, Self.required[entity] ?? [])
                #expect(answer.status == 200 && answer.data.isEmpty && answer.json?["pageToken"] == .null, "\(path)")
            }
            let deleted = try await house.get("deletedEntities")
            #expect(deleted.json == ["data": [:], "pageToken": nil])
        }
    }

    private static func id(_ entity: Entity, _ number: Int) -> String { Town.id(entity, number) }

    /// Which numbers a question should find; nil = whatever, but the request must be taken.
    private struct Question: Sendable {
        let path: String
        let entity: Entity
        let query: [(String, String)]
        let numbers: [Int]

        init(_ path: String, _ entity: Entity, _ query: [(String, String)], _ numbers: some Sequence<Int>) {
            self.path = path
            self.entity = entity
            self.query = query
            self.numbers = Array(numbers)
        }
    }

    private static let pupils = 0..<24
    private static let lessons = Self.required[.calendarEvent] ?? []
    private static let totals = Self.required[.aggregatedAttendance] ?? []

    private static let questions: [Question] = [
        Question("organisations", .organisation, [("parent", id(.organisation, 0))], 1...2),
        Question("organisations", .organisation, [("schoolUnitCode", "10000001"), ("schoolUnitCode", "10000002")], 1...2),
        Question("organisations", .organisation, [("type", "Huvudman")], 0...0),
        Question("organisations", .organisation, [("schoolTypes", "GY")], 2...2),
        Question("organisations", .organisation, [("municipalityCode", "0000"), ("startDate.onOrAfter", "2012-01-01")], 2...2),
        Question("organisations", .organisation, [("startDate.onOrBefore", "2011-12-31")], 0...1),
        Question("persons", .person, [("civicNo", "pupil-3")], [3]),
        Question("persons", .person, [("eduPersonPrincipalName", "p5@example.org")], [5]),
        Question("persons", .person, [("identifier.value", "x4"), ("identifier.context", "urn:test")], [4]),
        Question("persons", .person, [("identifier.value", "x4"), ("identifier.context", "urn:other")], []),
        Question("persons", .person, [("relationship.entity.type", "enrolment")], pupils),
        Question(
            "persons", .person,
            [("relationship.entity.type", "enrolment"), ("relationship.organisation", id(.organisation, 2))],
            pupils.filter { $0 % 2 == 1 }),
        Question(
            "persons", .person,
            [("relationship.entity.type", "enrolment"), ("relationship.startDate.onOrAfter", "2023-01-01")],
            pupils.filter { $0 % 5 >= 3 }),
        Question("persons", .person, [("relationship.entity.type", "duty")], 48...49),
        Question(
            "persons", .person, [("relationship.entity.type", "duty"), ("relationship.organisation", id(.organisation, 2))], [49]),
        Question("persons", .person, [("relationship.entity.type", "placement.child")], pupils.filter { $0 % 3 == 0 }),
        Question(
            "persons", .person, [("relationship.entity.type", "placement.owner")], pupils.filter { $0 % 3 == 0 }.map { $0 + 24 }),
        Question(
            "persons", .person,
            [("relationship.entity.type", "responsibleFor.enrolment"), ("relationship.organisation", id(.organisation, 1))],
            pupils.filter { $0 % 2 == 0 }.map { $0 + 24 }),
        Question(
            "persons", .person, [("relationship.entity.type", "responsibleFor.placement")],
            pupils.filter { $0 % 3 == 0 }.map { $0 + 24 }),
        Question(
            "persons", .person,
            [("relationship.entity.type", "groupMembership"), ("relationship.organisation", id(.organisation, 1))],
            pupils.filter { $0 % 2 == 0 }),
        Question("persons", .person, [("relationship.organisation", id(.organisation, 0))], []),
        Question("placements", .placement, [("child", id(.person, 6))], [6]),
        Question("placements", .placement, [("owner", id(.person, 30))], [6]),
        Question("placements", .placement, [("organisation", id(.organisation, 1))], pupils.filter { $0 % 6 == 0 }),
        Question("placements", .placement, [("group", id(.group, 1))], pupils.filter { $0 % 3 == 0 && $0 % 4 == 1 }),
        Question(
            "placements", .placement, [("endDate.onOrAfter", "2027-05-01")],
            pupils.filter { $0 % 3 == 0 && ($0 % 2 == 1 || $0 % 9 + 1 >= 5) }),
        Question("duties", .duty, [("organisation", id(.organisation, 0))], 0...1),
        Question("duties", .duty, [("organisation", id(.organisation, 1)), ("dutyRole", "Rektor")], [0]),
        Question("duties", .duty, [("person", id(.person, 49))], [1]),
        Question("groups", .group, [("groupType", "Klass")], [0, 2]),
        Question("groups", .group, [("schoolTypes", "GY"), ("organisation", id(.organisation, 2))], [1, 3]),
        Question("programmes", .programme, [("parentProgramme", id(.programme, 0))], [1]),
        Question("programmes", .programme, [("code", "NA"), ("schoolType", "GY")], [0]),
        Question("studyplans", .studyPlan, [("student", id(.person, 5)), ("student", id(.person, 10))], [5, 10]),
        Question("schoolUnitOfferings", .schoolUnitOffering, [("organisation", id(.organisation, 1))], []),
        Question("activities", .activity, [("member", id(.person, 2))], [2]),
        Question("activities", .activity, [("teacher", id(.duty, 0))], 0...3),
        Question("activities", .activity, [("organisation", id(.organisation, 0))], 0...3),
        Question("activities", .activity, [("group", id(.group, 3))], [3]),
        Question("calendarEvents", .calendarEvent, lessons + [("student", id(.person, 1))], [1, 5]),
        Question("calendarEvents", .calendarEvent, lessons + [("teacher", id(.duty, 0))], 0...7),
        Question("calendarEvents", .calendarEvent, lessons + [("teacher", id(.duty, 1))], []),
        Question("calendarEvents", .calendarEvent, lessons + [("group", id(.group, 2))], [2, 6]),
        Question("calendarEvents", .calendarEvent, lessons + [("organisation", id(.organisation, 2))], [1, 3, 5, 7]),
        Question("calendarEvents", .calendarEvent, lessons + [("activity", id(.activity, 0))], [0, 4]),
        Question(
            "calendarEvents", .calendarEvent,
            [("startTime.onOrAfter", "2026-09-12T10:00:00+02:00"), ("startTime.onOrBefore", "2026-09-13T11:00:00+02:00")], [2, 3]),
        Question("attendances", .attendance, [("student", id(.person, 8))], [8]),
        Question("attendances", .attendance, [("organisation", id(.organisation, 1))], pupils.filter { $0 % 4 == 0 }),
        Question("attendances", .attendance, [("calendarEvent", id(.calendarEvent, 4))], [4, 12, 20]),
        Question("attendanceEvents", .attendanceEvent, [("person", id(.person, 4))], [4]),
        Question("attendanceEvents", .attendanceEvent, [("group", id(.group, 1))], []),
        Question("attendanceSchedule", .attendanceSchedule, [("placement", id(.placement, 6))], [6]),
        Question("attendanceSchedule", .attendanceSchedule, [("group", id(.group, 2))], [6, 18]),
        Question("grades", .grade, [("student", id(.person, 10))], [10]),
        Question("grades", .grade, [("registeredDate.onOrAfter", "2023-01-01")], [15].filter { $0 % 4 == 3 }),
        Question("grades", .grade, [("registeredBy", id(.person, 48)), ("organisation", id(.organisation, 1))], [0, 10, 20]),
        Question("absences", .absence, [("type", "Beviljad ledighet")], []),
        Question("absences", .absence, [("student", id(.person, 4))], [4]),
        Question(
            "absences", .absence,
            [("startTime.onOrAfter", "2026-09-14T06:00:00Z"), ("startTime.onOrBefore", "2026-09-16T06:00:00Z")],
            [4]),
        Question("aggregatedAttendance", .aggregatedAttendance, totals + [("student", id(.person, 4))], [4]),
        Question("aggregatedAttendance", .aggregatedAttendance, totals + [("organisation", id(.organisation, 2))], []),
        Question(
            "aggregatedAttendance", .aggregatedAttendance, totals + [("schoolType", "GR")], pupils.filter { $0 % 4 == 0 }),
        Question("aggregatedAttendance", .aggregatedAttendance, [("startDate", "2026-09-02"), ("endDate", "2026-12-31")], []),
        Question("resources", .resource, [("organisation", id(.organisation, 2))], [0]),
        Question("rooms", .room, [("organisation", id(.organisation, 2))], []),
    ]

    @Test func `filters find what they say, and nothing else`() async throws {
        try await House.with { house in
            try await Town(pupils: 24).move(into: house)
            for question in Self.questions {
                let found = try await house.walk(question.path, question.query, limit: 7)
                let ids = found.compactMap { $0["id"]?.stringValue }
                #expect(
                    Set(ids) == Set(question.numbers.map { Town.id(question.entity, $0) }), "\(question.path) \(question.query)")
                #expect(ids.count == Set(ids).count, "\(question.path)")
            }
        }
    }

    @Test func `lookups find by numbers and by other records`() async throws {
        try await House.with { house in
            try await Town(pupils: 24).move(into: house)
            let questions: [(String, Entity, JSONValue, [Int])] = [
                (
                    "organisations", .organisation,
                    ["schoolUnitCodes": ["10000002"], "ids": [.string(Self.id(.organisation, 0))]], [0, 2]
                ),
                ("persons", .person, ["civicNos": ["pupil-1", "g-2", "nobody"]], [1, 26]),
                ("placements", .placement, ["personIds": [.string(Self.id(.person, 9))]], [9]),
                ("activities", .activity, ["members": [.string(Self.id(.person, 3))]], [3]),
                ("activities", .activity, ["teachers": [.string(Self.id(.duty, 1))]], []),
                ("calendarEvents", .calendarEvent, ["activities": [.string(Self.id(.activity, 1))]], [1, 5]),
                ("calendarEvents", .calendarEvent, ["student": [.string(Self.id(.person, 0))]], [0, 4]),
                ("attendances", .attendance, ["students": [.string(Self.id(.person, 0))]], [0]),
                ("attendances", .attendance, ["calendareEvents": [.string(Self.id(.calendarEvent, 4))]], [4, 12, 20]),
                ("attendances", .attendance, ["activities": [.string(Self.id(.activity, 1))]], []),
                ("attendanceEvents", .attendanceEvent, ["person": [.string(Self.id(.person, 0))]], [0]),
                ("attendanceSchedule", .attendanceSchedule, ["placement": [.string(Self.id(.placement, 12))]], [12]),
            ]
            for (path, entity, body, numbers) in questions {
                let answer = try await house.post("\(path)/lookup", body)
                #expect(
                    Set(answer.elements.compactMap { $0["id"]?.stringValue }) == Set(numbers.map { Town.id(entity, $0) }),
                    "\(path) \(answer.status)")
            }
        }
    }

    @Test func `what is embedded are the whole records, and names stand where they are asked for`() async throws {
        try await House.with { house in
            try await Town(pupils: 24).move(into: house)
            let expands = ["duties", "responsibleFor", "placements", "ownedPlacements", "groupMemberships"].map { ("expand", $0) }
            let pupil = try #require(try await house.get("persons/\(Self.id(.person, 6))", expands).json?["_embedded"])
            #expect(pupil["duties"] == [] && pupil["responsibleFor"] == [] && pupil["ownedPlacements"] == [])
            #expect(pupil["placements"]?.arrayValue?.map { $0["id"] } == [.string(Self.id(.placement, 6))])
            let membership = try #require(pupil["groupMemberships"]?.arrayValue?.first)
            #expect(membership["group"]?["displayName"] == "3A" && membership["startDate"] == "2020-08-15")
            #expect(membership["group"]?["groupMemberships"] == nil)
            let guardian = try #require(
                try await house.get("persons/\(Self.id(.person, 30))", expands + [("expandReferenceNames", "true")]).json)
            let child = try #require(guardian["_embedded"]?["responsibleFor"]?.arrayValue?.first)
            #expect(child["relationType"] == "Vårdnadshavare" && child["person"]?["id"] == .string(Self.id(.person, 6)))
            #expect(child["person"]?["displayName"]?.stringValue?.contains(" ") == true)
            #expect(guardian["_embedded"]?["ownedPlacements"]?.arrayValue?.first?["placedAt"]?["displayName"] == "Skola 1")
            let group = try #require(try await house.get("groups/\(Self.id(.group, 0))", [("expand", "assignmentRoles")]).json)
            #expect(
                group["_embedded"]?["assignmentRoles"] == [
                    ["duty": ["id": .string(Self.id(.duty, 0))], "assignmentRoleType": "Mentor", "startDate": "2020-08-01"]
                ])
            let activity = try await house.get(
                "activities/\(Self.id(.activity, 1))", ["groups", "teachers", "syllabus"].map { ("expand", $0) })
            #expect(activity.json?["_embedded"]?["groups"]?.arrayValue?.first?["displayName"] == "2A")
            #expect(activity.json?["_embedded"]?["teachers"]?.arrayValue?.first?["dutyRole"] == "Rektor")
            #expect(activity.json?["_embedded"]?["syllabus"]?["subjectName"] == "Svenska")
            let lesson = try await house.get(
                "calendarEvents/\(Self.id(.calendarEvent, 4))", [("expand", "activity"), ("expand", "attendance")])
            #expect(lesson.json?["_embedded"]?["attendance"]?.arrayValue?.count == 3)
            let duty = try await house.get(
                "duties/\(Self.id(.duty, 0))", [("expand", "person"), ("expandReferenceNames", "true")])
            #expect(duty.json?["_embedded"]?["person"]?["id"] == .string(Self.id(.person, 48)))
            #expect(duty.json?["assignmentRole"]?.arrayValue?.first?["group"]?["displayName"] == "1A")
            let event = try await house.get(
                "attendanceEvents/\(Self.id(.attendanceEvent, 0))", [("expand", "group"), ("expand", "person")])
            #expect(event.json?["_embedded"]?["group"]?["groupMemberships"] == nil)
            #expect(event.json?["_embedded"]?["registeredBy"] == nil)
        }
    }
}
