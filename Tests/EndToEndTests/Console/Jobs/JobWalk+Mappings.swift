import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// Mappings, and records that are handed in.
extension JobWalk {
    func explainMapping() async throws {
        let person = try #require(try await self.store.liveRecords(of: .person, after: nil, limit: 1).first)
        try await self.signedIn(at: "/mappings/unikum/out/person") { browser in
            try await browser.tab(to: "#explain > summary")
            try await browser.press(Keys.enter)
            try await browser.fill("#id", with: person.key.id)
            try await browser.fill("#reason", with: "en vårdnadshavare ringde")
            try await browser.tab(to: "#explain button")
            try await browser.press(Keys.enter)
            let explained = try await browser.until("the explanation") {
                try await browser.find("#explained-title") == nil ? nil : try await browser.text()
            }
            #expect(explained.contains("•••") && explained.contains("unikum/person.yaml:"))
            #expect(try await !browser.address().contains(person.key.id))
            try await self.look(at: "mapping-explained", in: browser)
        }
        let entry = try await self.noted("mapping.explain")
        #expect(entry.person == "ada" && entry.reason == "en vårdnadshavare ringde" && entry.subject != "\(person.key)")
    }

    /// A file that was edited elsewhere, then a line that is typed in: the files on the disk stay as they are.
    func tryMapping() async throws {
        let path = self.walk.rehearsal.mappingsDirectory + "/unikum/person.yaml"
        let before = try String(contentsOfFile: path, encoding: .utf8)
        try await TemporaryDirectory.with { directory in
            let edited = directory + "/person.yaml"
            try Data(before.replacing("from: familyName", with: "from: givenName").utf8).write(to: URL(fileURLWithPath: edited))
            try await self.signedIn(at: "/mappings/preview") { browser in
                try await browser.choose("unikum/person.yaml", in: "#file")
                try await browser.tab(to: "main form button")
                try await browser.press(Keys.enter)
                _ = try await browser.element("#text")
                try await browser.choose(file: edited, in: "#upload")
                _ = try await browser.until("the edited file") {
                    try await browser.script("return document.querySelector('#text').value.includes('from: familyName')")
                        == .bool(false) ? true : nil
                }
                try await browser.tab(to: "main button", showing: self.language(sv: "Pröva mot registret", en: "Try it against"))
                try await browser.press(Keys.enter)
                let tried = try await self.sees("Vad ändringen skulle göra", "What the change would do", in: browser)
                #expect(tried.contains("efternamn"), "\(tried.prefix(2000))")
                #expect(
                    tried.contains(self.language(sv: "exempel stämmer inte längre", en: "don't hold any more")),
                    "\(tried.prefix(2000))")
                try await self.look(at: "mapping-tried", in: browser)

                try await browser.tab(to: "#text")
                try await browser.press(Keys.end, holding: Keys.control)
                try await browser.press("\(Keys.enter)rowz: []")
                try await browser.tab(to: "main button", showing: self.language(sv: "Pröva mot registret", en: "Try it against"))
                try await browser.press(Keys.enter)
                let wrong = try await self.sees("Filen kan inte användas så", "The file can't be used", in: browser)
                #expect(wrong.contains("rowz"), "\(wrong.prefix(2000))")
                try await self.look(at: "mapping-wrong", in: browser)
            }
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
    }

    /// A group under another name, tried first; and a row that can't be used.
    func handIn() async throws {
        let group = try #require(try await self.walk.rehearsal.edlevo.truth(.group).min { $0.key < $1.key }).value
        guard case .object(var renamed) = group else { throw Browser.Failure(description: "no group") }
        renamed["displayName"] = .string("Handed in")
        var broken = renamed
        broken["id"] = .string("11111111-2222-4333-8444-555555555555")
        broken["displayName"] = nil
        try await TemporaryDirectory.with { directory in
            let path = directory + "/groups.json"
            try JSONValue.array([.object(renamed), .object(broken)]).canonicalData.write(to: URL(fileURLWithPath: path))
            try await self.signedIn(at: "/upload") { browser in
                for (button, answer) in [
                    (("Prova", "Try"), ("provat, inget är taget", "tried, nothing was taken")),
                    (("Lämna in", "Hand in"), ("taget", "taken")),
                ] {
                    try await browser.choose("edlevo: group", in: "#what")
                    try await browser.choose(file: path, in: "#file")
                    try await browser.tab(to: "button[name=do]", showing: self.language(sv: button.0, en: button.1))
                    try await browser.press(Keys.enter)
                    let text = try await browser.until("the report") {
                        let text = try await browser.find(".note b") == nil ? "" : try await browser.text(of: ".note")
                        return text.contains(self.language(sv: answer.0, en: answer.1)) ? text : nil
                    }
                    #expect(text.contains(self.language(sv: "1 ändrad", en: "1 changed")), "\(text)")
                    #expect(text.contains(self.language(sv: "1 kan inte användas", en: "1 can't be used")), "\(text)")
                    try await self.look(at: answer.1 == "taken" ? "upload-taken" : "upload-tried", in: browser)
                }
            }
        }
        let id = try #require(group["id"]?.stringValue)
        let key = RecordKey(.group, id)
        let held = try #require(try await self.store.records([key])[key])
        #expect(try JSONValue(parsing: held.body)["displayName"] == .string("Handed in"))
    }
}
