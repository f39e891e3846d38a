import Foundation
import Hub
import NIOHTTP1
import SQLStores
import SQLiteDatabase
import SchoolRecords
import Testing

@Suite("The console shows who is given what, and who has done what")
struct PrivacyPageTests {
    private static let markup = "<script>alert('x')</script>"

    private static func note(_ world: ConsoleWorld, _ count: Int, action: String = "person.show", by person: String = "ada")
        async throws
    {
        for number in 0..<count {
            try await world.store.note(
                action, of: "thing/\(number)", reason: "case \(number)", by: person, time: HubClock.system.timestamp)
        }
    }

    @Test func `personal data stands by system with origin, purpose and rule, as the mappings say`() async throws {
        try await ConsoleWorld.with { world in
            let page = try await world.get("/privacy?system=unikum&way=target")
            #expect(page.status == 200 && page.body.contains("person.familyName") && page.body.contains("unikum/person.yaml:"))
            #expect(!page.body.contains("edlevo/person.yaml:"))
            let csv = try await world.get("/privacy/fields.csv?system=unikum&way=target")
            #expect(csv.body.contains("unikum,target,") && !csv.body.contains("edlevo,source"))
            let nothing = try await world.get("/privacy?what=purpose&system=unikum")
            #expect(nothing.body.contains("Inget fält stämmer") || nothing.body.contains("anges inte"))
        }
    }

    @Test func `the log has the latest first, page by page, by action, by person and by what it was done to`() async throws {
        try await ConsoleWorld.with { world in
            try await Self.note(world, 130)
            try await Self.note(world, 2, action: "export", by: Self.markup)
            let first = try await world.get("/privacy/log")
            #expect(first.status == 200 && first.body.contains("case 129") && !first.body.contains(">case 30<"))
            #expect(!first.body.contains(Self.markup) && first.body.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"))
            let next = try #require(first.body.firstMatch(of: /href="(\/privacy\/log\?after=[0-9]+)"/))
            let second = try await world.get(String(next.1))
            #expect(second.body.contains(">case 30<") && second.body.contains(">case 0<") && !second.body.contains("case 129"))
            let exports = try await world.get("/privacy/log?action=export")
            #expect(exports.body.contains("2 visas") && !exports.body.contains("case 129"))
            #expect(try await world.get("/privacy/log?subject=thing/7&person=ada").body.contains("1 visas"))
            let csv = try await world.get("/privacy/log.csv?person=ada")
            #expect(csv.body.split(whereSeparator: \.isNewline).count == 131)
        }
    }

    @Test func `who looked at a person is found by the person's id, which stands in no address`() async throws {
        try await ConsoleWorld.with { world in
            try await world.take([(.person, ["id": "pupil-1", "givenName": "Prov", "familyName": "Provsson"])])
            _ = try await world.post("/person", ["csrf": "form-of-ada", "id": "pupil-1", "reason": "a guardian called"])
            try await Self.note(world, 1)
            let found = try await world.post(
                "/privacy/log/person", ["csrf": "form-of-grace", "id": "pupil-1"], as: ConsoleWorld.asGrace)
            let place = try #require(found.headers.first(name: "Location"))
            #expect(found.status == 303 && place.hasPrefix("/privacy/log?subject=person%2F") && !place.contains("pupil-1"))
            let page = try await world.get(place)
            #expect(page.body.contains("a guardian called") && page.body.contains("1 visas"))
        }
    }

    @Test func `a log that somebody has changed is told as changed`() async throws {
        try await ConsoleWorld.with { world in
            try await Self.note(world, 3)
            let whole = try await world.get("/privacy/log/check")
            #expect(whole.body.contains("Loggen är hel") && whole.body.contains("case 2"))
            _ = try await SQLiteDatabase.open(path: world.databasePath).write { connection in
                try connection.execute("UPDATE audit SET person = 'nobody' WHERE number = 2", [])
            }
            let broken = try await world.get("/privacy/log/check")
            #expect(broken.body.contains("post 2 är inte som den skrevs"))
        }
    }
}
