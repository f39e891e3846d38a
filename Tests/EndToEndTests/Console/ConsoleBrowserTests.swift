import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// The console as people see it: in a real browser, over a real hub.
@Suite("The console in a browser", .serialized, .oneConsole)
struct ConsoleBrowserTests {
    /// What stands on a page when its job is done, in each language.
    private struct Stop {
        let name: String
        let path: String
        let sv: String
        let en: String
    }

    private static func stops(_ walk: ConsoleWalk) async throws -> [Stop] {
        let store = walk.rehearsal.context.store
        let group = try #require(try await store.groups(FailureFilter()).first { $0.message.contains("X901") })
        var filter = FailureFilter()
        filter.fingerprint = group.fingerprint
        let failure = try #require(try await store.list(filter).first)
        let record = try #require(failure.failure.key)
        let (first, last) = try await walk.lessonDays()
        return [
            Stop(name: "overview", path: "/", sv: "Behöver dig nu", en: "Needs you now"),
            Stop(name: "messages", path: "/messages", sv: "Vad söker du?", en: "What do you look for?"),
            Stop(
                name: "trace", path: "/messages/trace?record=\(record)", sv: "Från källan till meddelandekön",
                en: "From the source to the broker"),
            Stop(name: "changes", path: "/messages/changes", sv: "Vad som ändrats", en: "What has changed"),
            Stop(name: "failed", path: "/failed", sv: "X901", en: "X901"),
            Stop(name: "held-list", path: "/held", sv: "Ingenting väntar", en: "Nothing is held"),
            Stop(name: "role-planning", path: "/roles/new", sv: "Gör en plan", en: "Make a plan"),
            Stop(name: "role-explanation", path: "/roles/explain", sv: "En roll som saknas", en: "A role that is missing"),
            Stop(name: "failed-list", path: "/failed/list?group=\(group.fingerprint)", sv: "Sänd igen", en: "Send again"),
            Stop(name: "failed-message", path: "/failed/\(failure.id)", sv: "Åtgärd", en: "What to do"),
            Stop(name: "account", path: "/account", sv: "Byt lösenord", en: "Change the password"),
            Stop(name: "upload", path: "/upload", sv: "Källa och slag av post", en: "Source and kind of record"),
            Stop(name: "replays", path: "/failed/replays", sv: "Omsändningar", en: "Replays"),
            Stop(name: "roles", path: "/roles", sv: "Redo första dagen", en: "Ready on day one"),
            Stop(name: "agreement", path: "/agreement", sv: "Jämför allt nu", en: "Compare everything now"),
            Stop(name: "repairs", path: "/agreement/repairs", sv: "Rättningar", en: "Repairs"),
            Stop(
                name: "person", path: "/person", sv: "Personens id eller personnummer", en: "The person's id or identity number"),
            Stop(name: "interop", path: "/agreement/interop", sv: "använt, inte jämfört", en: "exercised, not compared"),
            Stop(name: "interop-fields", path: "/agreement/fields?entity=person", sv: "person.givenName", en: "person.givenName"),
            Stop(name: "mappings", path: "/mappings", sv: "unikum/out/rolegrant.yaml", en: "unikum/out/rolegrant.yaml"),
            Stop(name: "mapping-problems", path: "/mappings/problems", sv: "Allvar", en: "Severity"),
            Stop(name: "mapping", path: "/mappings/unikum/out/duty", sv: "Kommer från", en: "Comes from"),
            Stop(name: "code-tables", path: "/mappings/codes?system=unikum", sv: "X901", en: "X901"),
            Stop(
                name: "mapping-preview", path: "/mappings/preview?file=unikum%2Fperson.yaml", sv: "Pröva mot registret",
                en: "Try it against the register"),
            Stop(
                name: "statistics", path: "/statistics?from=\(first)&to=\(last)", sv: "rapporterade lektioner",
                en: "reported lessons"),
            Stop(name: "privacy", path: "/privacy?system=unikum", sv: "fält om personer", en: "fields on persons"),
            Stop(name: "access-log", path: "/privacy/log", sv: "Granskningsloggen", en: "The audit log"),
            Stop(name: "settings", path: "/settings", sv: "Hubbens delar", en: "The hub's parts"),
            Stop(name: "settings-checks", path: "/settings/checks", sv: "Kontrollera nu", en: "Check now"),
            Stop(
                name: "settings-configuration", path: "/settings/configuration", sv: "retention.audit_days",
                en: "retention.audit_days"),
        ]
    }

    @Test(.timeLimit(.minutes(30)))
    func
        `every page says what it is for in both languages, on a desk and on a phone, and the accessibility checker has nothing against it`()
        async throws
    {
        let walk = try #require(ConsoleWalk.ofSuite)
        let stops = try await Self.stops(walk)
        for size in [Browser.Size.desktop, .phone] {
            for language in Language.allCases {
                try await walk.signedIn(size, in: language) { browser in
                    for stop in stops {
                        try await browser.open(walk.url + stop.path)
                        let text = try await browser.text()
                        let place = "\(stop.name) \(size.name) \(language.rawValue)"
                        #expect(text.contains(language(sv: stop.sv, en: stop.en)), "\(place): \(text.prefix(400))")
                        let wide = try await browser.script(
                            "return document.documentElement.scrollWidth > window.innerWidth")
                        #expect(wide == .bool(false), "\(place) is wider than the window")
                        let complaints = try await walk.complaints(of: browser)
                        #expect(complaints.isEmpty, "\(place)\n\(complaints.joined(separator: "\n"))")
                        try await walk.keepPicture(stop.name, size, language, of: browser)
                    }
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `who may only look is offered nothing to do, and what isn't for them is refused`() async throws {
        let walk = try #require(ConsoleWalk.ofSuite)
        let group = try #require(try await walk.rehearsal.context.store.groups(FailureFilter()).first)
        try await walk.signedIn(as: "vera", to: "/failed/list?group=\(group.fingerprint)") { browser in
            let text = try await browser.text()
            #expect(text.contains("X901") && !text.contains("Sänd igen"), "\(text)")
            try await browser.open(walk.url + "/mappings/unikum/out/person")
            let (reason, values) = (try await browser.find("#reason"), try await browser.find("#values"))
            #expect(reason != nil && values == nil)
            for place in ["/person", "/settings", "/privacy", "/privacy/log", "/upload", "/roles"] {
                try await browser.open(walk.url + place)
                #expect(try await browser.text().contains("Du får inte göra det här"), "\(place)")
                let complaints = try await walk.complaints(of: browser)
                #expect(complaints.isEmpty, "\(place)\n\(complaints.joined(separator: "\n"))")
            }
        }
    }
}
