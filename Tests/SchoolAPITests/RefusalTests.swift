import Foundation
import SchoolRecords
import Testing

@Suite("What can't be answered is refused with what to do")
struct RefusalTests {
    @Test(
        arguments: [
            ("persons", "foo", "1", "unknown-parameter"), ("persons", "limit", "0", "bad-value"),
            ("persons", "limit", "-1", "bad-value"), ("persons", "limit", "many", "bad-value"),
            ("persons", "sortkey", "IdAsc", "bad-value"), ("persons", "expand", "everything", "bad-value"),
            ("organisations", "expand", "persons", "unknown-parameter"), ("persons", "expandReferenceNames", "1", "bad-value"),
            ("persons", "meta.modified.after", "yesterday", "bad-value"),
            ("persons", "meta.modified.after", "2026-01-01T00:00:00", "bad-value"),
            ("persons", "relationship.entity.type", "friend", "bad-value"),
            ("persons", "relationship.organisation", "x", "bad-id"), ("persons", "pageToken", "made-up", "bad-page-token"),
            ("placements", "child", "1", "bad-id"), ("placements", "startDate.onOrAfter", "2026-02-30", "bad-value"),
            ("duties", "dutyRole", "Kung", "bad-value"),
            ("calendarEvents", "activity", Town.id(.activity, 0), "missing-parameter"),
            ("aggregatedAttendance", "startDate", "2026-01-01", "missing-parameter"),
            ("attendances", "sortkey", "ModifiedDesc", "unknown-parameter"), ("deletedEntities", "after", "now", "bad-value"),
            ("deletedEntities", "entities", "Persons", "bad-value"), ("subscriptions", "client", "x", "unknown-parameter"),
        ])
    func `parameters that aren't the standard's`(_ path: String, _ name: String, _ value: String, _ code: String) async throws {
        try await House.with { house in
            let answer = try await house.get(path, [(name, value)])
            #expect(answer.status == 400)
            #expect(answer.code == code)
            #expect((answer.json?["message"]?.stringValue?.count ?? 0) > 10)
        }
    }

    @Test func `a parameter that may stand once, twice`() async throws {
        try await House.with { house in
            for name in ["civicNo", "limit", "sortkey", "meta.created.after"] {
                try await #expect(house.get("persons", [(name, "1"), (name, "1")]).status == 400)
            }
        }
    }

    @Test func `messages are in Swedish for who reads it`() async throws {
        try await House.with { house in
            let token = try await house.token()
            func message(_ language: String) async throws -> String? {
                try await house.request(
                    "GET", "/v2.0/persons", query: [("foo", "1")],
                    headers: [("authorization", "Bearer \(token)"), ("accept-language", language)]
                ).json?["message"]?.stringValue
            }
            try await #expect(message("sv-SE, en;q=0.5")?.hasPrefix("Parametern") == true)
            try await #expect(message("en")?.hasPrefix("There is no parameter") == true)
        }
    }

    @Test func `bodies that are too long, no JSON, or ask for too much`() async throws {
        try await House.with { house in
            let authorization = [("authorization", "Bearer \(try await house.token())")]
            func post(_ body: [UInt8]) async throws -> Answer {
                try await house.request("POST", "/v2.0/persons/lookup", headers: authorization, body: body)
            }
            try await #expect(post(Array(repeating: 0x20, count: 1 << 20 + 1)).status == 413)
            try await #expect(post(Array("{\"ids\":".utf8)).code == "bad-body")
            try await #expect(post(Array("[]".utf8)).code == "bad-body")
            try await #expect(post([]).code == "bad-body")
            try await #expect(post(Array("{\"ids\":[1]}".utf8)).code == "bad-body")
            try await #expect(post(Array("{\"ids\":[\"x\"]}".utf8)).code == "bad-id")
            let many = JSONValue.array((0..<1001).map { .string(Town.id(.person, $0)) })
            try await #expect(house.post("persons/lookup", ["ids": many]).code == "too-many")
            try await #expect(house.post("persons/lookup", [:]).json == [])
        }
    }

    @Test func `methods and paths that aren't there, and records that can't be written`() async throws {
        try await House.with { house in
            let id = Town.id(.attendance, 0)
            for (method, path, status) in [
                ("PUT", "persons", 405), ("POST", "persons", 405), ("DELETE", "persons/\(id)", 405),
                ("GET", "persons/lookup", 405),
                ("GET", "pupils", 404), ("GET", "persons/\(id)/duties", 404), ("POST", "studyplans/lookup", 404),
                ("POST", "attendances", 403), ("DELETE", "attendances/\(id)", 403), ("POST", "absences", 403),
                ("POST", "attendanceSchedule", 403), ("POST", "deletedEntities", 405), ("GET", "log/", 405),
            ] {
                try await #expect(house.post(path, [:], method: method).status == status, "\(method) \(path)")
            }
            try await #expect(house.request("GET", "/").status == 404)
            try await #expect(house.request("GET", "/token").status == 405)
        }
    }

    @Test func `reports of clients are taken, and those that aren't the standard's refused`() async throws {
        try await House.with { house in
            for path in ["log/", "log"] {
                try await #expect(house.post(path, ["message": "hej", "severityLevel": "Info"]).status == 201)
            }
            let statistics: JSONValue = ["resourceType": "Person", "newCount": 1, "updatedCount": 0, "deletedCount": 0]
            try await #expect(house.post("statistics/", statistics).status == 201)
            for body: JSONValue in [
                [:], ["message": 1, "severityLevel": "Info"], ["message": "x", "severityLevel": "Bad"],
                ["message": "x", "severityLevel": "Info", "resourceType": "Pupil"],
            ] {
                try await #expect(house.post("log/", body).status == 400)
            }
            try await #expect(house.post("statistics/", ["resourceType": "Person", "newCount": "1"]).status == 400)
        }
    }
}
