import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// What somebody asks of the mappings and of the hub itself in a browser, over a real hub.
@Suite("Mappings and the hub's state in a browser", .serialized)
struct ConsoleMappingWalkTests {
    private static func expectNoComplaints(_ walk: ConsoleWalk, _ browser: Browser) async throws {
        let complaints = try await walk.complaints(of: browser)
        #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
    }

    @Test(.timeLimit(.minutes(5)))
    func `by keyboard alone a record is explained, a changed mapping tried and the hub checked, and nothing on the disk changes`()
        async throws
    {
        try await ConsoleWalk.with { walk in
            let store = walk.rehearsal.context.store
            let folder = walk.rehearsal.context.configuration.mappingsDirectory
            let path = folder + "/unikum/person.yaml"
            let before = try String(contentsOfFile: path, encoding: .utf8)
            try await walk.signedIn(to: "/mappings/unikum/out/person") { browser in
                let person = try #require(try await store.liveRecords(of: .person, after: nil, limit: 1).first)
                try await browser.tab(to: "#explain > summary")
                try await browser.press(Keys.enter)
                try await browser.write(person.key.id, into: "#id")
                try await browser.write("en vårdnadshavare ringde", into: "#reason")
                try await browser.tab(to: "#explain button")
                try await browser.press(Keys.enter)
                let explained = try await browser.until("the explanation") {
                    try await browser.find("#explained-title") == nil ? nil : try await browser.text()
                }
                #expect(explained.contains("•••") && explained.contains("unikum/person.yaml:"))
                #expect(try await browser.address().contains(person.key.id) == false)
                let entry = try #require(try await store.auditEntries(AuditFilter()).last { $0.action == "mapping.explain" })
                #expect(entry.person == "ada" && entry.reason == "en vårdnadshavare ringde" && entry.subject != "\(person.key)")
                try await Self.expectNoComplaints(walk, browser)
                try await walk.keepPicture("mapping-explained", .desktop, .sv, of: browser)

                try await browser.open(walk.url + "/mappings/preview?file=unikum%2Fperson.yaml")
                #expect(try await browser.find("#upload") != nil)
                try await browser.script(
                    "const t = document.querySelector('#text'); t.value = t.value.replace(arguments[0], arguments[1]);",
                    ["from: familyName", "from: givenName"])
                try await browser.tab(to: "main button", showing: "Pröva mot registret")
                try await browser.press(Keys.enter)
                let tried = try await browser.until("what the change would do") {
                    let text = try await browser.text()
                    return text.contains("Vad ändringen skulle göra") ? text : nil
                }
                #expect(tried.contains("efternamn") && tried.contains("exempel stämmer inte längre"), "\(tried.prefix(2000))")
                try await Self.expectNoComplaints(walk, browser)
                try await walk.keepPicture("mapping-tried", .desktop, .sv, of: browser)
                #expect(try String(contentsOfFile: path, encoding: .utf8) == before)

                try await browser.script(
                    "const t = document.querySelector('#text'); t.value = t.value.replace('rows:', 'rowz:');")
                try await browser.tab(to: "main button", showing: "Pröva mot registret")
                try await browser.press(Keys.enter)
                _ = try await browser.until("what is wrong") {
                    try await browser.text().contains("Filen kan inte användas så") ? true : nil
                }
                try await Self.expectNoComplaints(walk, browser)
                try await walk.keepPicture("mapping-wrong", .desktop, .sv, of: browser)

                try await browser.open(walk.url + "/settings/checks")
                try await browser.tab(to: "main button", showing: "Kontrollera nu")
                try await browser.press(Keys.enter)
                let checked = try await browser.until("what the check found") {
                    let text = try await browser.text()
                    return text.contains("Vad kontrollen fann") ? text : nil
                }
                #expect(checked.contains("store") && checked.contains("system unikum"), "\(checked.prefix(2000))")
                try await Self.expectNoComplaints(walk, browser)
                try await walk.keepPicture("settings-checked", .desktop, .sv, of: browser)
            }
            try await walk.signedIn(as: "vera", to: "/mappings/unikum/out/person") { browser in
                let (reason, values) = (try await browser.find("#reason"), try await browser.find("#values"))
                #expect(reason != nil && values == nil)
                for place in ["/settings", "/privacy", "/privacy/log"] {
                    try await browser.open(walk.url + place)
                    #expect(try await browser.text().contains("Du får inte göra det här"), "\(place)")
                }
            }
        }
    }
}
