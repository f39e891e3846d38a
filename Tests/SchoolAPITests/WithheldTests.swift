import Foundation
import Hub
import SchoolRecords
import Testing

@Suite("Protected persons are given to nobody")
struct WithheldTests {
    @Test func `not in lists, by id, by lookup, by filter, in expansions or as a reference`() async throws {
        try await House.with { house in
            let town = Town(pupils: 24)
            try await town.move(into: house)
            let pupil = Town.id(.person, 6)
            let guardian = Town.id(.person, 31)
            let before = try await house.get("groups/\(Town.id(.group, 2))")
            #expect(before.json?["groupMemberships"]?.arrayValue?.count == 6)
            // As intake does it: the person and what is about the person into the vault; the rest as it was, the real id in it.
            for id in [pupil, guardian] { try await house.withhold(id) }
            let opaque = [pupil, guardian].map { House.key.opaqueKey(for: RecordKey(.person, $0)).id }
            var masked = try #require(town.documents[.group]?[1])
            masked["groupMemberships"] = [
                ["person": ["id": .string(opaque[0])]], ["person": ["id": .string(Town.id(.person, 1))]],
            ]
            house.time.pass(1)
            try await house.take(.group, [masked])
            let hidden = [pupil, guardian] + opaque
            func isHidden(_ answer: Answer) -> Bool {
                let text = String(decoding: answer.json?.canonicalData ?? Data(), as: UTF8.self)
                return hidden.allSatisfy { !text.contains($0) }
            }
            let required: [String: [(String, String)]] = [
                "calendarEvents": [
                    ("startTime.onOrAfter", "2026-01-01T00:00:00Z"), ("startTime.onOrBefore", "2027-01-01T00:00:00Z"),
                ],
                "aggregatedAttendance": [("startDate", "2026-01-01"), ("endDate", "2026-12-31")],
            ]
            let expands: [String: [String]] = [
                "persons": ["duties", "responsibleFor", "placements", "ownedPlacements", "groupMemberships"],
                "placements": ["child", "owners"], "duties": ["person"], "groups": ["assignmentRoles"],
                "activities": ["groups", "teachers", "syllabus"], "calendarEvents": ["activity", "attendance"],
                "attendanceEvents": ["person", "group", "registeredBy"], "aggregatedAttendance": ["activity", "student"],
            ]
            for entity in Entity.allCases {
                guard let path = entity.standardPath else { continue }
                let query =
                    (required[path] ?? []) + (expands[path] ?? []).map { ("expand", $0) } + [("expandReferenceNames", "true")]
                let answer = try await house.get(path, query)
                #expect(answer.status == 200 && isHidden(answer), "\(path)")
            }
            for id in hidden {
                try await #expect(house.get("persons/\(id)").status == 404)
                try await #expect(house.post("persons/lookup", ["ids": [.string(id)]]).json == [])
                for (path, name) in [
                    ("placements", "child"), ("placements", "owner"), ("activities", "member"), ("studyplans", "student"),
                    ("attendances", "student"), ("absences", "student"), ("attendanceEvents", "person"),
                ] {
                    try await #expect(house.get(path, [(name, id)]).data.isEmpty, "\(path) \(name)")
                }
            }
            try await #expect(house.get("persons", [("civicNo", "pupil-6")]).data.isEmpty)
            let group = try await house.get("groups/\(Town.id(.group, 2))")
            #expect(group.json?["groupMemberships"]?.arrayValue?.count == 5)
            let other = try await house.get("groups/\(Town.id(.group, 1))")
            #expect(other.json?["groupMemberships"]?.arrayValue?.count == 1)
            // The child's other data is there, without the guardian.
            let child = try await house.get("persons/\(Town.id(.person, 7))")
            #expect(child.json?["responsibles"] == [])
            // A placement can't do without its child: it isn't given, and neither are grades and the like.
            try await #expect(house.get("placements/\(Town.id(.placement, 6))").status == 404)
        }
    }

    @Test func `who becomes protected is gone, and who always was is nowhere`() async throws {
        try await House.with { house in
            let town = Town(pupils: 8)
            try await town.move(into: house)
            house.time.pass(1)
            let start = house.time.clock.timestamp
            house.time.pass(1)
            try await house.withhold(Town.id(.person, 3))
            try await house.withhold(Town.id(.person, 777))
            let deleted = try await house.get("deletedEntities", [("after", start)])
            #expect(deleted.json?["data"] == ["persons": [.string(Town.id(.person, 3))]])
        }
    }

    @Test func `a marking that reached the register all the same is not passed on`() async throws {
        try await House.with { house in
            try await house.take(
                .person,
                [
                    [
                        "id": .string(Town.id(.person, 1)), "givenName": "A", "familyName": "B",
                        "securityMarking": "Sekretessmarkering",
                    ],
                    ["id": .string(Town.id(.person, 2)), "givenName": "C", "familyName": "D", "securityMarking": "Ingen"],
                ])
            let persons = try await house.get("persons")
            #expect(persons.ids == [Town.id(.person, 2)])
        }
    }
}
