import Foundation

import Hub
import NIOHTTP1
import SchoolRecords
import Testing

@Suite("The console shows failed messages and sends them again")
struct FailedPageTests {
    private static let markup = "<script>alert('x')</script>\"'&"

    private static func failure(_ number: Int, system: String = "unikum", message: String = "no code for title") -> NewFailure {
        NewFailure(
            stage: .delivery, system: system, key: RecordKey(.duty, "d\(number)"), sequence: 1, kind: "mapping",
            code: "value-without-code", field: "dutyRole", place: "unikum/duty.yaml:14", message: message, body: Data("{}".utf8))
    }

    @Test func `groups stand by cause with their number, and lead to their messages`() async throws {
        try await ConsoleWorld.with { world in
            try await world.store.record((1...3).map { Self.failure($0) }, time: HubClock.system.timestamp)
            try await world.store.record([Self.failure(4, system: "vega")], time: HubClock.system.timestamp)
            let page = try await world.get("/failed")
            #expect(page.status == 200 && page.body.contains("value-without-code"))
            #expect(page.body.contains("unikum/duty.yaml:14") && page.body.contains("2 visas"))
            let group = Self.failure(1).fingerprint
            #expect(page.body.contains("/failed/list?group=\(group)"))
            let list = try await world.get("/failed/list?group=\(group)", headers: [("Accept-Language", "en-GB,en;q=0.9")])
            #expect(list.body.contains("duty/d1") && list.body.contains("duty/d3") && !list.body.contains("duty/d4"))
            #expect(list.body.contains("Send again") && !list.body.contains("Sänd igen"))
            let vega = try await world.get("/failed?system=vega")
            #expect(!vega.body.contains("/failed/list?group=\(group)"))
            let csv = try await world.get("/failed/list.csv?group=\(group)")
            #expect(
                csv.body.split(whereSeparator: \.isNewline).count == 4
                    && csv.headers.first(name: "Content-Type")?.hasPrefix("text/csv") == true)
        }
    }

    @Test func `what a source system calls things is text on every page, never markup`() async throws {
        try await ConsoleWorld.with { world in
            let failure = NewFailure(
                stage: .delivery, system: Self.markup, key: RecordKey(.duty, Self.markup), sequence: 1,
                kind: Self.markup, code: Self.markup, field: Self.markup, place: Self.markup, message: Self.markup,
                body: Data("{}".utf8))
            try await world.store.record([failure], time: HubClock.system.timestamp)
            for path in [
                "/failed", "/failed/list", "/failed/1", "/failed/list?system=%3Cscript%3Ealert('x')%3C/script%3E%22'%26",
            ] {
                let page = try await world.get(path)
                #expect(page.status == 200 && !page.body.contains("<script>alert"), "\(path)")
                #expect(page.body.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&#39;&amp;"), "\(path)")
            }
        }
    }

    @Test func `a choice is tried, sent, and followed to its end`() async throws {
        try await ConsoleWorld.with { world in
            try await world.store.record((1...3).map { Self.failure($0) }, time: HubClock.system.timestamp)
            let group = Self.failure(1).fingerprint
            let tried = try await world.post(
                "/failed/replay", ["csrf": "form-of-ada", "group": group, "do": "try", "canary": "1"])
            let place = try #require(tried.headers.first(name: "Location"))
            #expect(tried.status == 303 && place.hasPrefix("/failed/replays/"))
            let forecast = try await world.get(place)
            #expect(forecast.body.contains("Inget är sänt än") && forecast.body.contains("finns inte i registret"))
            let before = try await world.store.batches(limit: 5)
            #expect(before.map(\.state) == [.selected] && before.first?.madeBy == "ada")
            let sent = try await world.post(place + "/start", ["csrf": "form-of-ada"])
            #expect(sent.status == 303 && sent.headers.first(name: "Location")?.contains("said=replay-begun") == true)
            #expect(try await world.store.batches(limit: 5).map(\.state) == [.running])
            let again = try await world.post(place + "/start", ["csrf": "form-of-ada"])
            #expect(again.status == 422 && again.body.contains("kan inte göra det"))
        }
    }

    @Test func `a form that isn't the visitor's own does nothing`() async throws {
        try await ConsoleWorld.with { world in
            try await world.store.record([Self.failure(1)], time: HubClock.system.timestamp)
            let discard: KeyValuePairs = ["csrf": "form-of-ada", "reason": "test record"]
            let refused = [
                try await world.post("/failed/1/discard", ["reason": "test record"]),
                try await world.post("/failed/1/discard", discard, as: ConsoleWorld.asGrace),
                try await world.post("/failed/1/discard", discard, headers: [("Sec-Fetch-Site", "cross-site")]),
                try await world.post("/failed/1/discard", discard, headers: [("Origin", "https://evil.example")]),
            ]
            #expect(refused.map(\.status) == [403, 403, 403, 403])
            #expect(try await world.post("/failed/1/discard", discard, as: nil).status == 401)
            #expect(try await world.store.message(1)?.state == .failed)
            let done = try await world.post(
                "/failed/1/discard", discard, headers: [("Sec-Fetch-Site", "same-origin"), ("Origin", world.url)])
            #expect(done.status == 303)
            #expect(try await world.store.message(1)?.state == .discarded)
            let nameless = try await world.post("/failed/1/discard", ["csrf": "form-of-ada"])
            #expect(nameless.status == 422 && nameless.body.contains("Skriv varför"))
        }
    }

    @Test func `content is shown to who says why, and that is written down`() async throws {
        try await ConsoleWorld.with { world in
            try await world.store.record([Self.failure(1)], time: HubClock.system.timestamp)
            #expect(try await !world.get("/failed/1").body.contains("<pre"))
            #expect(try await world.post("/failed/1/content", ["csrf": "form-of-ada"]).status == 422)
            let shown = try await world.post("/failed/1/content", ["csrf": "form-of-ada", "reason": "a guardian called"])
            #expect(shown.status == 200 && shown.body.contains("<pre"))
            let audit = try await world.store.auditEntries(AuditFilter())
            #expect(
                audit.map(\.action) == ["see"] && audit.map(\.person) == ["ada"] && audit.map(\.reason) == ["a guardian called"])
        }
    }
}
