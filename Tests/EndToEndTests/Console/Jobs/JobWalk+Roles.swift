import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// Role plans: asked for by one, approved by another, carried out to the end.
extension JobWalk {
    /// Opens accounts for the staff, and has the systems say what they hold.
    private func openAccounts() async throws {
        let rehearsal = self.walk.rehearsal
        let staff = Set(try await rehearsal.edlevo.truth(.duty).values.compactMap { $0["person"]?["id"]?.stringValue })
        for (system, standIn) in rehearsal.others {
            try await standIn.setAccounts(staff.sorted().map { HeldAccount($0, .active) })
            try await rehearsal.snapshotRoles(of: system.rawValue)
        }
    }

    /// Asks for a plan of one system, for today.
    private func plan(_ system: String, _ browser: Browser) async throws -> KeptRolePlan {
        try await browser.open(self.walk.url + "/roles/new")
        try await browser.tab(to: "#term")
        try await browser.press(Keys.backspace)
        try await browser.tab(to: "#system-\(system)")
        try await browser.press(Keys.space)
        try await browser.tab(to: "main button")
        try await browser.press(Keys.enter)
        try await self.sees("Planen är gjord", "The plan is made", in: browser)
        return try #require(try await self.store.rolePlans(limit: 1).first)
    }

    func planRoles() async throws {
        try await self.signedIn(at: "/roles/new") { browser in
            try await self.look(at: "role-planning", in: browser)
            let plan = try await self.plan("tempus", browser)
            #expect(plan.madeBy == "ada" && plan.state == .open && plan.parts.count > 1)
            #expect(try await browser.find("#reason") == nil, "nobody approves a plan of their own")
            try await self.look(at: "role-plan", in: browser)
        }
    }

    /// One unit's part first, then all of it; carried out, and followed to the end.
    func approveRoles() async throws {
        let id = try #require(try await self.store.rolePlans(limit: 1).first).id
        try await self.signedIn(as: "bo", at: "/roles/\(id)") { browser in
            try await self.look(at: "role-plan-approving", in: browser)
            try await browser.tab(to: "tbody input[name=reason]")
            let unit = try await browser.script("return document.activeElement.form.querySelector('[name=unit]').value")
            try await browser.press("rektor har sett den" + Keys.enter)
            try await self.sees("Godkänt.", "Approved.", in: browser)
            let first = try #require(try await self.store.rolePlan(id))
            #expect(first.approved.count == 1 && first.approvals.map { $0.unit ?? "-" } == [unit.stringValue])

            try await browser.fill("#reason", with: "sedd")
            try await browser.press(Keys.enter)
            _ = try await browser.until("all of it is approved") {
                let kept = try await self.store.rolePlan(id)
                return kept.map { $0.parts.allSatisfy { part in kept?.lacking(part) == 0 } } == true ? true : nil
            }
            try await browser.open(self.walk.url + "/roles/\(id)")
            try await self.look(at: "role-plan-approved", in: browser)
            try await browser.tab(to: "form[action$='/apply'] button")
            try await browser.press(Keys.enter)
            try await self.sees("Igång.", "Begun.", in: browser)
            // The page follows it by itself.
            _ = try await browser.until("the plan is carried out") {
                try await browser.text(of: "main p .badge") == self.language(sv: "genomförd", en: "carried out") ? true : nil
            }
            let shown = try await browser.script(
                "const p = document.querySelector('progress'); return p.value > 0 && p.value === p.max")
            #expect(shown == .bool(true))
            #expect(try await browser.find("form[action$='/stop']") == nil, "what is over can't be stopped")
            #expect(try await self.store.rolePlan(id)?.state == .applied)
            try await self.look(at: "role-plan-applied", in: browser)
        }
        // What the page says is so: the system holds the roles.
        _ = try await self.walk.rehearsal.settle(within: 300, allowingFailures: true)
        #expect(try await !self.walk.rehearsal.heldRoles(in: "tempus").isEmpty)
    }

    func stopRoles() async throws {
        try await self.openAccounts()
        try await self.signedIn(at: "/roles") { browser in
            let plan = try await self.plan("tempus", browser)
            try await browser.tab(to: "form[action$='/stop'] button")
            try await browser.press(Keys.enter)
            try await self.sees("Avbrutet.", "Cancelled.", in: browser)
            try await self.sees("stoppad", "stopped", in: browser)
            #expect(try await self.store.rolePlan(plan.id)?.state == .stopped)
            try await browser.open(self.walk.url + "/roles")
            try await self.look(at: "roles", in: browser)
        }
    }

    func explainRoles() async throws {
        let person = try #require(try await self.store.liveRecords(of: .duty, after: nil, limit: 1).first)
        let duty = try JSONValue(parsing: person.body)
        let id = try #require(duty["person"]?["id"]?.stringValue)
        try await self.signedIn(at: "/roles/explain") { browser in
            try await browser.fill("#id", with: id)
            try await browser.fill("#reason", with: "rektor frågade")
            try await browser.press(Keys.enter)
            try await self.sees("En annan person", "Another person", in: browser)
            #expect(try await !browser.address().contains(id))
            try await self.look(at: "role-explanation", in: browser)
        }
        let asked = try await self.noted("person.roles")
        #expect(asked.person == "ada" && asked.reason == "rektor frågade")
    }
}
