import ConnectorKit
import Foundation
import Hub
import NIOHTTP1
import Testing

@testable import Console

@Suite("The console lets in whom it knows, and shows each what it has")
struct ConsoleSiteTests {
    @Test func `who isn't signed in is sent to sign in, and back to where they wanted to go`() async throws {
        try await ConsoleWorld.with { world in
            let away = try await world.get("/failed?system=unikum", as: nil)
            #expect(away.status == 303)
            #expect(away.headers.first(name: "Location") == "/sign-in?to=%2Ffailed%3Fsystem%3Dunikum")
            let live = try await world.get("/live/overview", as: nil)
            #expect(live.status == 401)
            let wrong = try await world.post("/sign-in", ["name": "ada", "password": "fel"], as: nil)
            #expect(wrong.status == 401 && wrong.body.contains("Fel namn eller lösenord"))
            let right = try await world.post(
                "/sign-in", ["name": "ada", "password": "rätt lösenord", "to": "/failed?system=unikum"], as: nil)
            #expect(right.status == 303 && right.headers.first(name: "Location") == "/failed?system=unikum")
            #expect(right.headers.first(name: "Set-Cookie")?.hasPrefix("session=ada") == true)
        }
    }

    @Test(arguments: [
        "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: x=1", "",
        "/sign-in",
    ])
    func `after signing in nobody is sent out of the console`(place: String) async throws {
        try await ConsoleWorld.with { world in
            let answer = try await world.post("/sign-in", ["name": "ada", "password": "rätt lösenord", "to": place], as: nil)
            #expect(answer.headers.first(name: "Location") == "/" && answer.headers["Set-Cookie"].count == 1)
        }
    }

    @Test func `the overview tells of alarms, systems and what waits, in the language that was chosen`() async throws {
        try await ConsoleWorld.with { world in
            var target = HealthReading.Target(system: "unikum<b>")
            (target.breaker, target.downSeconds, target.queued, target.failed) = (.open, 600, 42, 7)
            var source = HealthReading.Source(system: "edlevo")
            (source.lastRead, source.silentSeconds) = ("2026-08-17T06:00:00.000Z", 30)
            var reading = HealthReading(time: "2026-08-17T06:00:30.000Z")
            (reading.targets, reading.sources) = ([target], [source])
            world.reading.value = reading
            world.alarms.value = [
                Alarm(
                    .targetDown, "unikum", severity: .critical,
                    text: .init(sv: "Unikum svarar inte.", en: "Unikum doesn't answer."),
                    raised: "2026-08-17T05:50:00.000Z")
            ]
            let swedish = try await world.get("/")
            #expect(
                swedish.status == 200 && swedish.body.contains("Unikum svarar inte.") && swedish.body.contains("nere, 42 väntar"))
            #expect(!swedish.body.contains("<b>unikum") && swedish.body.contains("unikum&lt;b&gt;"))
            let english = try await world.get("/", headers: [("Accept-Language", "en")])
            #expect(english.body.contains("Unikum doesn&#39;t answer.") && english.body.contains("down, 42 wait"))
            let chosen = try await world.get("/language?to=%2Ffailed&choose=en")
            #expect(chosen.status == 303 && chosen.headers.first(name: "Location") == "/failed")
            let kept = try await world.get("/failed", as: ConsoleWorld.asAda + "; knutpunkt-lang=en")
            #expect(kept.body.contains("Failed messages") && kept.body.contains("<html lang=\"en\">"))
        }
    }

    @Test func `a page that isn't there says so, and a comparison is begun for who asks`() async throws {
        try await ConsoleWorld.with { world in
            for path in [
                "/nothing", "/failed/999", "/failed/abc", "/agreement/runs/no", "/failed/replays/no", "/../../etc/passwd",
            ] {
                let answer = try await world.get(path)
                #expect(answer.status == 404, "\(path)")
            }
            let begun = try await world.post("/agreement/runs", ["csrf": "form-of-ada", "mode": "changed"])
            #expect(begun.status == 303)
            #expect(world.compared.value == ["changed ada"])
            let long = try await world.post(
                "/failed/replay", ["csrf": "form-of-ada", "x": String(repeating: "x", count: 70_000)])
            #expect(long.status == 413 && world.compared.value.count == 1)
        }
    }

    @Test func `an event has each line of its text behind the field's name`() {
        #expect(LiveEvent("<p>\n</p>").text == "data: <p>\ndata: </p>\n\n")
        #expect(LiveEvent("a", isLast: true).text == "event: end\ndata: a\n\n")
    }
}
