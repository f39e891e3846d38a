import Foundation
import Hub
import SchoolRecords
import Testing

@testable import Console

@Suite("The console finds what changed by its time, and persons by their numbers")
struct ChangesPageTests {
    private static func take(_ id: String, at time: String, number: String? = nil, in world: ConsoleWorld) async throws {
        var body: JSONValue = ["id": .string(id), "givenName": "Prov", "familyName": "Provsson"]
        if let number { body["civicNo"] = ["value": .string(number)] }
        let state = RecordState(key: RecordKey(.person, id), owner: id, body: body.canonicalData)
        _ = try await world.store.take([state], withheld: [], failures: [], source: "edlevo", time: time)
    }

    @Test func `records are listed by the time of their change, between two times, page by page`() async throws {
        try await ConsoleWorld.with { world in
            // Eight in the morning in August is six in UTC.
            for number in 0..<130 {
                let minute = number < 65 ? "06:\(10 + number % 50)" : "07:\(10 + number % 50)"
                try await Self.take("p\(1000 + number)", at: "2026-08-17T\(minute):00.000Z", in: world)
            }
            let first = try await world.get("/messages/changes")
            #expect(first.status == 200 && first.body.contains("rel=\"next\"") && !first.body.contains("Provsson"))
            let marks = first.body.components(separatedBy: "/messages/trace?record=person%2Fp").count - 1
            #expect(marks == 100)
            let next = try #require(
                first.body.firstMatch(of: /rel="next" href="([^"]+)"/).map { String($0.1).replacing("&amp;", with: "&") })
            let second = try await world.get(next)
            #expect(second.body.components(separatedBy: "/messages/trace?record=person%2Fp").count - 1 == 30)
            let early = try await world.get("/messages/changes.csv?from=2026-08-17T08:00&to=2026-08-17T09:00")
            #expect(early.body.split(whereSeparator: \.isNewline).count == 66)
            let all = try await world.get("/messages/changes.csv")
            #expect(all.body.split(whereSeparator: \.isNewline).count == 131)
            for wrong in ["from=i+g%C3%A5r", "entity=nothing", "to=2026-02-31T08:00"] {
                let answer = try await world.get("/messages/changes?\(wrong)")
                #expect(answer.status == 422, "\(wrong)")
            }
        }
    }

    @Test func `what is gone is listed by when it went`() async throws {
        try await ConsoleWorld.with { world in
            try await Self.take("p1", at: "2026-08-17T06:00:00.000Z", in: world)
            _ = try await world.store.take(
                [RecordState(key: RecordKey(.person, "p1"), owner: nil, body: nil)], withheld: [], failures: [], source: "edlevo",
                time: "2026-08-18T06:00:00.000Z")
            let there = try await world.get("/messages/changes")
            #expect(!there.body.contains("person/p1"))
            let gone = try await world.get("/messages/changes?what=deleted&entity=person")
            #expect(gone.body.contains("person/p1"))
            let before = try await world.get("/messages/changes?what=deleted&entity=person&to=2026-08-17T08:00")
            #expect(!before.body.contains("person/p1"))
        }
    }

    @Test func `a number leads to the person, in the form that people write, and the look at it is in the audit log`()
        async throws
    {
        try await ConsoleWorld.with { world in
            try await Self.take("p1", at: HubClock.system.timestamp, number: "20130101TF01", in: world)
            for written in ["20130101-TF01", "20130101TF01", "130101-TF01"] {
                let found = try await world.post("/person", ["csrf": "form-of-ada", "id": written, "reason": "case 1"])
                #expect(found.status == 200 && found.body.contains("edlevo"), "\(written.count)")
                #expect(!found.body.contains("TF01"))
            }
            let nobody = try await world.post("/person", ["csrf": "form-of-ada", "id": "20130101-TF02", "reason": "case 2"])
            #expect(nobody.body.contains("känner ingen") && !nobody.body.contains("TF02"))
            let audit = try await world.store.auditEntries(AuditFilter())
            let finds = audit.filter { $0.action == "person.find" }
            #expect(finds.count == 4 && Set(finds.map(\.subject)).count == 2)
            #expect(audit.filter { $0.action == "person.show" }.count == 3)
            #expect(!audit.contains { $0.subject.contains("TF0") })
        }
    }

    @Test func `who has to do with one school sees whoever belongs to it alone`() async throws {
        try await ConsoleWorld.with { world in
            let time = HubClock.system.timestamp
            func take(_ key: RecordKey, _ body: JSONValue, owner: String) async throws {
                _ = try await world.store.take(
                    [RecordState(key: key, owner: owner, body: body.canonicalData)], withheld: [], failures: [],
                    source: "edlevo", time: time)
            }
            func enrolled(_ id: String, at units: [String]) async throws {
                try await take(
                    RecordKey(.person, id),
                    ["id": .string(id), "enrolments": .array(units.map { ["enroledAt": ["id": .string($0)]] })], owner: id)
            }
            try await enrolled("own", at: ["school-a"])
            try await enrolled("both", at: ["school-a", "school-b"])
            try await enrolled("other", at: ["school-b"])
            try await enrolled("nowhere", at: [])
            try await enrolled("placed", at: ["school-a"])
            try await take(
                RecordKey(.placement, "place-1"),
                ["id": "place-1", "child": ["id": "placed"], "placedAt": ["id": "school-b"]], owner: "placed")
            func status(_ person: String, as cookie: String, _ csrf: String) async throws -> UInt {
                try await world.post("/person", ["csrf": csrf, "id": person, "reason": "case 1"], as: cookie).status
            }
            var seen: [String] = []
            for person in ["own", "both", "other", "nowhere", "placed", "unknown"] {
                #expect(try await status(person, as: ConsoleWorld.asAda, "form-of-ada") == 200, "\(person)")
                if try await status(person, as: ConsoleWorld.asRut, "form-of-rut") == 200 { seen.append(person) }
            }
            #expect(seen == ["own"])
            // Each try is in the audit log, also those that led nowhere.
            let audit = try await world.store.auditEntries(AuditFilter())
            #expect(audit.filter { $0.action == "person.show" && $0.person == "rut" }.count == 6)
            let told = try await world.post(
                "/roles/explain", ["csrf": "form-of-rut", "id": "other", "reason": "case 1"], as: ConsoleWorld.asRut)
            let own = try await world.post(
                "/roles/explain", ["csrf": "form-of-rut", "id": "own", "reason": "case 1"], as: ConsoleWorld.asRut)
            #expect(told.status == 403 && own.status == 200 && world.ordered.value == ["explain own - case 1 rut"])
        }
    }

    @Test func `a local time is read as Sweden has it, in summer and in winter`() {
        #expect(TimeText.instant(local: "2026-08-17T08:00") == "2026-08-17T06:00:00.000Z")
        #expect(TimeText.instant(local: "2026-12-17T08:00:30") == "2026-12-17T07:00:30.000Z")
        for wrong in ["", "2026-08-17", "2026-08-17T", "2026-08-17T25:00", "2026-02-30T08:00", "x"] {
            #expect(TimeText.instant(local: wrong) == nil, "\(wrong)")
        }
    }
}
