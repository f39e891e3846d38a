import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import Testing

/// Looking somebody or something up.
extension JobWalk {
    private func anyPerson() async throws -> RegisteredRecord {
        try #require(try await self.store.liveRecords(of: .person, after: nil, limit: 1).first)
    }

    func person() async throws {
        let person = try await self.anyPerson()
        let name = try #require(try JSONValue(parsing: person.body)["givenName"]?.stringValue)
        try await self.signedIn(at: "/person") { browser in
            for (showsValues, action) in [(false, "person.show"), (true, "person.values")] {
                try await browser.open(self.walk.url + "/person")
                try await browser.fill("#id", with: person.key.id)
                try await browser.fill("#reason", with: "en vårdnadshavare ringde")
                if showsValues {
                    try await browser.tab(to: "#values")
                    try await browser.press(Keys.space)
                }
                try await browser.tab(to: "main button")
                try await browser.press(Keys.enter)
                let text = try await self.sees("En annan person", "Another person", in: browser)
                #expect(text.contains(name) == showsValues)
                #expect(try await browser.address() == self.walk.url + "/person")
                let entry = try await self.noted(action)
                #expect(entry.person == "ada" && entry.reason == "en vårdnadshavare ringde")
                try await self.look(at: showsValues ? "person-values" : "person-shown", in: browser)
            }
        }
    }

    func trace() async throws {
        let person = try await self.anyPerson()
        try await self.signedIn(at: "/messages") { browser in
            try await browser.fill("#what", with: "\(person.key)")
            try await browser.press(Keys.enter)
            try await self.sees("Från källan till meddelandekön", "From the source to the broker", in: browser)
            try await browser.tab(to: "summary")
            let was = try await browser.script("return document.activeElement.parentElement.open")
            try await browser.press(Keys.enter)
            let isOpen = try await browser.script("return document.activeElement.parentElement.open")
            #expect(was != isOpen)
        }
    }

    /// By kind and time, page by page, and as a table to take along.
    func changes() async throws {
        try await self.signedIn(at: "/messages/changes") { browser in
            try await browser.choose("placement", in: "#entity")
            try await browser.tab(to: "main form button")
            try await browser.press(Keys.enter)
            _ = try await browser.until("placements") { try await browser.address().contains("entity=placement") ? true : nil }
            #expect(try await browser.text(of: "tbody a").hasPrefix("placement/"))
            try await browser.choose("person", in: "#entity")
            try await browser.tab(to: "main form button")
            try await browser.press(Keys.enter)
            _ = try await browser.until("persons") { try await browser.address().contains("entity=person") ? true : nil }
            let first = try await browser.text(of: "tbody a")
            try await browser.tab(to: "a[rel=next]")
            try await browser.press(Keys.enter)
            _ = try await browser.element("a[rel=prev]")
            #expect(try await browser.text(of: "tbody a") != first)
            try await self.look(at: "changes-next", in: browser)
            let table = try await browser.download("CSV")
            #expect(table.split(whereSeparator: \.isNewline).count > 100, "\(table.prefix(300))")
            #expect(table.contains("\(first.dropFirst("person/".count))"), "the whole choice, and not this page alone")
        }
    }

    /// What was reported in the first month that has lessons, of one school.
    func statistics() async throws {
        let (first, last) = try await self.walk.lessonDays()
        try await self.signedIn(at: "/statistics") { browser in
            for (field, day) in [("#from", first), ("#to", last)] {
                try await browser.tab(to: field)
                try await browser.press(try await self.typed(day, in: browser))
                let value = try await browser.script("return document.activeElement.value")
                #expect(value == .string(day), "\(field)")
            }
            try await browser.tab(to: "main form button")
            try await browser.press(Keys.enter)
            try await self.sees("månad för månad", "month by month", in: browser)
            #expect(try await browser.address().contains("from=\(first)&to=\(last)"))
            try await self.look(at: "statistics-period", in: browser)
            let table = try await browser.download("CSV")
            #expect(table.split(whereSeparator: \.isNewline).count > 1 && table.contains(first.prefix(7)), "\(table.prefix(300))")
            let school = try await browser.script("return document.querySelector('#unit').options[1].text")
            try await browser.choose(try #require(school.stringValue), in: "#unit")
            try await browser.tab(to: "main form button")
            try await browser.press(Keys.enter)
            _ = try await browser.until("one school") {
                let address = try await browser.address()
                return address.contains("unit=") && !address.hasSuffix("unit=") ? true : nil
            }
        }
    }

    /// A day as the browser's field for days takes it from the keyboard: in the order of its own language, which needn't be the page's.
    private func typed(_ day: String, in browser: Browser) async throws -> String {
        let order = try await browser.script(
            "return new Intl.DateTimeFormat().formatToParts(new Date()).map((p) => p.type).filter((t) => t !== 'literal')"
        ).arrayValue?.compactMap(\.stringValue)
        let parts = Dictionary(uniqueKeysWithValues: zip(["year", "month", "day"], day.split(separator: "-").map(String.init)))
        // A year may have six digits there, so that an arrow leaves it.
        return (order ?? []).map { $0 == "year" ? (parts[$0] ?? "") + Keys.right : parts[$0] ?? "" }.joined()
    }

    func privacy() async throws {
        let person = try await self.anyPerson()
        try await self.signedIn(at: "/privacy/log") { browser in
            try await browser.tab(to: "summary")
            try await browser.press(Keys.enter)
            try await browser.fill("#id", with: person.key.id)
            try await browser.press(Keys.enter)
            let text = try await self.sees("person.show", "person.show", in: browser)
            #expect(text.contains("en vårdnadshavare ringde"))
            #expect(try await !browser.address().contains(person.key.id))
            try await self.look(at: "access-log-person", in: browser)
            try await browser.open(self.walk.url + "/privacy/log")
            try await browser.tab(to: "a[href*='/check']")
            try await browser.press(Keys.enter)
            try await self.sees("Loggen är hel", "The log is whole", in: browser)
        }
    }

    func check() async throws {
        try await self.signedIn(at: "/settings/checks") { browser in
            try await browser.tab(to: "main button")
            try await browser.press(Keys.enter)
            let text = try await self.sees("Vad kontrollen fann", "What the check found", in: browser)
            #expect(text.contains("store") && text.contains("system unikum"), "\(text.prefix(2000))")
            try await self.look(at: "settings-checked", in: browser)
        }
    }

    /// Every table that can be taken along.
    func download() async throws {
        let cause = try #require(try await self.store.groups(FailureFilter()).first)
        let run = try #require(try await self.store.reconcileRuns(states: [.done], limit: 1).first)
        let plan = try #require(try await self.store.rolePlans(limit: 1).first)
        let person = try await self.anyPerson()
        let places: [(String, String)] = [
            ("/failed", "code"), ("/failed/list?group=\(cause.fingerprint)", cause.code), ("/held?what=all", "skolon"),
            ("/agreement/runs/\(run.id)/findings", "unikum"), ("/agreement/interop", "unikum"),
            ("/agreement/fields?entity=person", "person.givenName"), ("/roles/\(plan.id)", "grant"), ("/mappings", "unikum"),
            ("/mappings/problems", "severity"), ("/mappings/codes?system=unikum", "unikum"),
            ("/mappings/unikum/out/person", "unikum/person.yaml"), ("/privacy?system=unikum", "unikum"),
            ("/privacy/log", "person.show"), ("/settings/configuration", "retention.audit_days"),
        ]
        // Something that is wrong in a file, for as long as it is looked at; the hub goes on with the version in force.
        let file = URL(fileURLWithPath: self.walk.rehearsal.mappingsDirectory + "/unikum/person.yaml")
        let text = try Data(contentsOf: file)
        try (text + Data("\nrowz: []\n".utf8)).write(to: file)
        defer { try? text.write(to: file) }
        try await self.signedIn(at: "/") { browser in
            for (path, content) in places {
                try await browser.open(self.walk.url + path)
                let table = try await browser.download("CSV")
                #expect(table.contains(content), "\(path): \(table.prefix(300))")
                #expect(!path.hasPrefix("/privacy/log") || !table.contains(person.key.id))
            }
        }
    }
}
