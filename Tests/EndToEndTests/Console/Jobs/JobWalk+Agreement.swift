import ConnectorKit
import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// Comparing systems, having the hub mend them, and deciding about what is very much at once.
extension JobWalk {
    /// Presses the button that compares everything, and looks at the page until that run is through.
    private func compareNow(_ browser: Browser) async throws -> ReconcileRun {
        let before = try await self.store.reconcileRuns(states: [.done], limit: 1).first?.id
        try await browser.open(self.walk.url + "/agreement")
        try await browser.tab(to: "button[name=mode]", showing: self.language(sv: "Jämför allt nu", en: "Compare everything now"))
        try await browser.press(Keys.enter)
        try await self.sees("Jämförelsen är igång.", "The comparison has begun.", in: browser)
        let run = try await browser.until("the comparison is through") {
            try await self.store.reconcileRuns(states: [.done], limit: 1).first { $0.id != before }
        }
        try await browser.open(self.walk.url + "/agreement")
        return run
    }

    func compare() async throws {
        try await self.signedIn(at: "/agreement") { browser in
            let run = try await self.compareNow(browser)
            #expect(run.madeBy == "ada")
            let text = try await browser.text()
            #expect(text.contains(self.language(sv: "100,00 %", en: "100.00 %")), "\(text)")
            #expect(text.contains("tempus") && text.contains("vega"), "\(text)")
            try await self.look(at: "agreement-run", in: browser)
            try await browser.tab(to: "main p a")
            try await browser.press(Keys.enter)
            _ = try await browser.until("the differences") {
                try await browser.title().contains(self.language(sv: "Skillnader", en: "Differences")) ? true : nil
            }
        }
    }

    /// Unikum has lost half of the pupils' places in classes: more than the limits let through, so that somebody else has to approve.
    func repair() async throws {
        let rows = await self.walk.rehearsal.unikum.rows("student_in_class")
        let lost = Set(rows.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element.key))
        #expect(lost.count > 50)
        try await self.walk.rehearsal.exportUnikum { $0.kind == "student_in_class" && lost.contains($0.key) ? nil : $0 }
        var waiting = ""
        try await self.signedIn(at: "/agreement") { browser in
            // What was given a moment ago counts as on its way: looked at again, it doesn't.
            var run = try await self.compareNow(browser)
            for _ in 0..<20 where run.systems.first(where: { $0.system == "unikum" })?.differences ?? 0 < lost.count {
                run = try await self.compareNow(browser)
            }
            try await self.look(at: "agreement-differs", in: browser)
            try await browser.tab(to: "main p a")
            try await browser.press(Keys.enter)
            try await browser.choose("unikum", in: "#system")
            try await browser.tab(to: "main form button")
            try await browser.press(Keys.enter)
            _ = try await browser.until("one system's") { try await browser.address().contains("system=unikum") ? true : nil }
            try await self.look(at: "findings", in: browser)
            try await browser.tab(to: "summary")
            try await browser.press(Keys.enter)
            try await browser.tab(to: "button[name=do]", showing: self.language(sv: "Pröva utan", en: "Try without"))
            try await browser.press(Keys.enter)
            try await self.sees("unikum student_in_class", "unikum student_in_class", in: browser)
            try await self.look(at: "repair-tried", in: browser)
            #expect(try await self.store.repairs(of: run.id).isEmpty)
            let kept = try await browser.script("return document.querySelector('form [type=hidden][name=system]').value")
            #expect(kept == .string("unikum"), "what is sent next is what was tried")
            try await browser.tab(to: "summary")
            try await browser.press(Keys.enter)
            try await browser.tab(to: "button[name=do]", showing: self.language(sv: "Rätta", en: "Mend"))
            try await browser.press(Keys.enter)
            try await self.sees("någon annan ska godkänna", "somebody else has to approve", in: browser)
            let order = try #require(try await self.store.repairs(of: run.id).first)
            #expect(order.state == .waiting && order.madeBy == "ada" && order.findings.count >= lost.count)
            #expect(order.parts.allSatisfy { $0.system == "unikum" })
            waiting = order.id
            try await browser.open(self.walk.url + "/agreement/repairs")
            #expect(try await browser.find("main form") == nil, "nobody approves what they have asked for themselves")
        }
        try await self.signedIn(as: "bo", at: "/agreement/repairs") { browser in
            try await self.look(at: "repairs-waiting", in: browser)
            try await browser.fill("#reason-\(waiting)", with: "exporten var avbruten")
            try await browser.tab(to: "button[value=approve]")
            try await browser.press(Keys.enter)
            try await self.sees("Godkänt.", "Approved.", in: browser)
            try await self.look(at: "repairs", in: browser)
        }
        let order = try #require(try await self.store.repair(waiting))
        #expect(order.state == .sent && order.decidedBy == "bo" && order.reason == "exporten var avbruten")
    }

    func massChange() async throws {
        let time = HubClock.system.timestamp
        let person = try #require(try await self.store.liveRecords(of: .person, after: nil, limit: 1).first)
        for id in ["skolon-person-1f2e3d4c", "skolon-person-5a6b7c8d"] {
            let change = HeldChange(
                // Of a source that isn't read here: a reading that finds no such change would take it away.
                id: id, direction: .source, system: "skolon", entity: "person", mode: "full", living: 120,
                counts: ChangeCounts(updates: 40, deletes: 60), excess: [ChangeExcess(kind: .deletes, count: 60, limit: 20)],
                time: time)
            let sample = HeldSample(
                key: person.key, change: .updates, fields: [.init(name: "familyName", before: "Provsson", after: "provsson")])
            try await self.store.hold(change, marks: [1], samples: [sample])
        }
        try await self.signedIn(at: "/held") { browser in
            try await self.look(at: "held-list", in: browser)
            try await browser.tab(to: "tbody a", showing: "1f2e3d4c")
            try await browser.press(Keys.enter)
            try await browser.fill("#see-reason", with: "ärende 4711")
            try await browser.press(Keys.enter)
            let shown = try await self.sees("Provsson", "Provsson", in: browser)
            #expect(shown.contains("provsson"))
            try await self.look(at: "held", in: browser)
            try await browser.fill("#reason", with: "exporten är avbruten")
            try await browser.tab(to: "button[formaction]")
            try await browser.press(Keys.enter)
            try await self.sees("Avvisat.", "Rejected.", in: browser)

            try await browser.open(self.walk.url + "/held/skolon-person-5a6b7c8d")
            try await browser.fill("#reason", with: "skolan är nedlagd")
            try await browser.press(Keys.enter)
            try await self.sees("Godkänt.", "Approved.", in: browser)
            try await self.look(at: "held-approved", in: browser)
        }
        let changes = try await self.store.heldChanges(HeldFilter())
        let states = changes.filter { $0.entity == "person" && $0.decidedBy == "ada" }.map { "\($0.id.suffix(8)) \($0.state)" }
        #expect(Set(states) == ["1f2e3d4c rejected", "5a6b7c8d approved"], "\(changes)")
    }
}
