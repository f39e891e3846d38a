import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// The console as people see it: in a real browser, over a real hub.
@Suite("The console in a browser", .serialized)
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
        let group = try #require(try await store.groups(FailureFilter()).first)
        var filter = FailureFilter()
        filter.fingerprint = group.fingerprint
        let failure = try #require(try await store.list(filter).first)
        let record = try #require(failure.failure.key)
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
                name: "statistics", path: "/statistics?\(try await walk.lessonPeriod())", sv: "rapporterade lektioner",
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
        try await ConsoleWalk.with { walk in
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
    }

    @Test(.timeLimit(.minutes(15)))
    func
        `by keyboard alone messages are sent again, systems compared and a person looked at; who may only look is offered none of it`()
        async throws
    {
        try await ConsoleWalk.with { walk in
            let store = walk.rehearsal.context.store
            let group = try #require(try await store.groups(FailureFilter()).first)
            let list = "/failed/list?group=\(group.fingerprint)"
            try await walk.signedIn(to: list) { browser in
                try await browser.tab(to: "summary")
                try await browser.press(Keys.enter)
                try await browser.tab(to: "button[name=do]", showing: "Sänd igen")
                try await browser.press(Keys.enter)
                // The code has no row still: all three come back, and the page says so by itself.
                _ = try await browser.until("the outcome of the replay") {
                    let text = try await browser.text()
                    return text.contains("Omsändningen är igång.") && text.contains("misslyckades igen") && text.contains("klar")
                        ? true : nil
                }
                #expect(try await browser.find("main button") == nil, "what is over can be neither paused nor cancelled")
                try await walk.keepPicture("replay", .desktop, .sv, of: browser)
                #expect(try await walk.complaints(of: browser) == [])
                let batch = try #require(try await store.batches(limit: 1).first)
                #expect(batch.madeBy == "ada" && batch.size == 3)

                try await browser.open(walk.url + "/agreement")
                try await browser.tab(to: "button[name=mode]", showing: "Jämför allt nu")
                try await browser.press(Keys.enter)
                _ = try await browser.until("the comparison is through") {
                    try await browser.open(walk.url + "/agreement")
                    return try await browser.text(of: "main p .badge") == "klar" ? true : nil
                }
                let text = try await browser.text()
                #expect(text.contains("100,00 %") && text.contains("tempus") && text.contains("vega"), "\(text)")
                try await walk.keepPicture("agreement-run", .desktop, .sv, of: browser)
                #expect(try await walk.complaints(of: browser) == [])
                try await browser.tab(to: "main p a")
                try await browser.press(Keys.enter)
                _ = try await browser.until("the differences") { try await browser.title().contains("Skillnader") ? true : nil }
                #expect(try await walk.complaints(of: browser) == [])

                let person = try #require(
                    try await store.liveRecords(of: .person, after: nil, limit: 1).first)
                try await browser.open(walk.url + "/person")
                try await browser.fill("#id", with: person.key.id)
                try await browser.fill("#reason", with: "en vårdnadshavare ringde")
                try await browser.tab(to: "main button")
                try await browser.press(Keys.enter)
                _ = try await browser.until("the person") { try await browser.text().contains("En annan person") ? true : nil }
                #expect(try await browser.address() == walk.url + "/person")
                #expect(try await walk.complaints(of: browser) == [])
                let entry = try #require(
                    try await store.auditEntries(AuditFilter()).last { $0.action == "person.show" })
                #expect(entry.person == "ada" && entry.reason == "en vårdnadshavare ringde")
            }
            try await walk.signedIn(as: "vera", to: list) { browser in
                let text = try await browser.text()
                #expect(text.contains("X901") && !text.contains("Sänd igen"), "\(text)")
                try await browser.open(walk.url + "/person")
                #expect(try await browser.text().contains("Du får inte göra det här"))
            }
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `by keyboard alone messages are corrected and discarded, mass changes decided, role plans asked for and explained`()
        async throws
    {
        try await ConsoleWalk.with { walk in
            let store = walk.rehearsal.context.store
            let group = try #require(try await store.groups(FailureFilter()).first)
            var filter = FailureFilter()
            filter.fingerprint = group.fingerprint
            let failures = try await store.list(filter)
            try await walk.signedIn(to: "/failed/\(failures[0].id)") { browser in
                try await browser.fill("#path", with: "dutyRole")
                try await browser.fill("#value", with: "Rektor")
                try await browser.fill("#edit-reason", with: "koden saknas")
                try await browser.press(Keys.enter)
                _ = try await browser.until("the correction") { try await browser.text().contains("Rättat.") ? true : nil }
                #expect(try await walk.complaints(of: browser) == [])
                let edited = try await store.list(filter).first { $0.id == failures[0].id }
                #expect(edited != nil)

                try await browser.open(walk.url + "/failed/\(failures[1].id)")
                try await browser.fill("#discard-reason", with: "har slutat")
                try await browser.press(Keys.enter)
                _ = try await browser.until("it is discarded") { try await browser.text().contains("Kastat.") ? true : nil }
                var discarded = FailureFilter()
                discarded.states = [.discarded]
                #expect(try await store.list(discarded).map(\.id) == [failures[1].id])

                let change = HeldChange(
                    id: "edlevo-person-1f2e3d4c", direction: .source, system: "edlevo", entity: "person", mode: "full",
                    living: 120, counts: ChangeCounts(deletes: 60),
                    excess: [ChangeExcess(kind: .deletes, count: 60, limit: 20)], time: HubClock.system.timestamp)
                try await store.hold(change, marks: [], samples: [])
                try await browser.open(walk.url + "/held/\(change.id)")
                #expect(try await walk.complaints(of: browser) == [])
                try await walk.keepPicture("held", .desktop, .sv, of: browser)
                try await browser.fill("#reason", with: "exporten är avbruten")
                try await browser.tab(to: "button[formaction]")
                try await browser.press(Keys.enter)
                _ = try await browser.until("the decision") { try await browser.text().contains("Avvisat.") ? true : nil }
                let decided = try await store.heldChanges(HeldFilter()).first { $0.id == change.id }
                #expect(decided?.state == .rejected && decided?.decidedBy == "ada")

                try await browser.open(walk.url + "/roles/new")
                #expect(try await walk.complaints(of: browser) == [])
                try await walk.keepPicture("role-planning", .desktop, .sv, of: browser)
                try await browser.tab(to: "main button")
                try await browser.press(Keys.enter)
                _ = try await browser.until("the answer to a plan") {
                    let text = try await browser.text()
                    return text.contains("Det finns inget att göra") || text.contains("Planen är gjord") ? true : nil
                }

                let person = try #require(try await store.liveRecords(of: .person, after: nil, limit: 1).first)
                try await browser.open(walk.url + "/roles/explain")
                #expect(try await walk.complaints(of: browser) == [])
                try await browser.fill("#id", with: person.key.id)
                try await browser.fill("#reason", with: "rektor frågade")
                try await browser.press(Keys.enter)
                _ = try await browser.until("the explanation") {
                    try await browser.text().contains("En annan person") ? true : nil
                }
                #expect(try await walk.complaints(of: browser) == [])
                try await walk.keepPicture("role-explanation", .desktop, .sv, of: browser)
                let asked = try await store.auditEntries(AuditFilter()).last { $0.action == "person.roles" }
                #expect(asked?.person == "ada" && asked?.reason == "rektor frågade")
            }
        }
    }
}
