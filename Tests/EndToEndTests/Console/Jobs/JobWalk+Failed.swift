import ConnectorKit
import Foundation
import Hub
import SchoolRecords
import Testing

/// Messages that failed.
extension JobWalk {
    /// The cause that the municipality was given: a title code without a row.
    private func cause() async throws -> FailureGroup {
        try #require(try await self.store.groups(FailureFilter()).first { $0.message.contains("X901") })
    }

    /// Its open messages that nobody has corrected.
    private func untouched() async throws -> [FailedMessage] {
        var filter = FailureFilter()
        filter.fingerprint = try await self.cause().fingerprint
        let open = try await self.store.list(filter)
        let edits = try await self.store.edits(of: open.map(\.id))
        return open.filter { edits[$0.id] == nil }
    }

    private func untouchedAddress() async throws -> String {
        "/failed/\(try #require(try await self.untouched().first).id)"
    }

    func replay() async throws {
        let cause = try await self.cause()
        try await self.signedIn(at: "/failed/list?group=\(cause.fingerprint)") { browser in
            try await browser.tab(to: "summary")
            try await browser.press(Keys.enter)
            try await browser.tab(to: "button[name=do]", showing: self.language(sv: "Sänd igen", en: "Send again"))
            try await browser.press(Keys.enter)
            // The code has no row still: all come back, and the page says so by itself.
            try await self.sees("Omsändningen är igång.", "The replay has begun.", in: browser)
            try await self.sees("misslyckades igen", "failed again", in: browser)
            _ = try await browser.until("its end") { try await browser.find("main button") == nil ? true : nil }
            try await self.sees("klar", "done", in: browser)
            try await self.look(at: "replay", in: browser)
        }
        let batch = try #require(try await self.store.batches(limit: 1).first)
        #expect(batch.madeBy == "ada" && batch.size == cause.count && batch.state == .done)
    }

    /// First what would happen, then at most one a minute, with a pause, and not to the end.
    func replayInSteps() async throws {
        let cause = try await self.cause()
        try await self.signedIn(at: "/failed/list?group=\(cause.fingerprint)") { browser in
            try await browser.tab(to: "summary")
            try await browser.press(Keys.enter)
            try await browser.fill("#rate", with: "1")
            try await browser.tab(to: "button[name=do]", showing: self.language(sv: "Pröva utan", en: "Try without"))
            try await browser.press(Keys.enter)
            try await self.sees("Inget är sänt än.", "Nothing is sent yet.", in: browser)
            try await self.look(at: "replay-tried", in: browser)
            for (button, state, word) in [
                (("Sänd just dessa", "Send exactly these"), ReplayBatch.State.running, ("pågår", "running")),
                (("Pausa", "Pause"), .paused, ("pausad", "paused")), (("Fortsätt", "Go on"), .running, ("pågår", "running")),
                (("Avbryt", "Cancel"), .cancelled, ("avbruten", "cancelled")),
            ] {
                try await browser.tab(to: "main button", showing: self.language(sv: button.0, en: button.1))
                try await browser.press(Keys.enter)
                _ = try await browser.until("\(state)") {
                    try await self.store.batches(limit: 1).first?.state == state ? true : nil
                }
                try await self.sees(word.0, word.1, in: browser)
            }
        }
    }

    /// Writes a correction into the form of a message.
    private func correct(_ browser: Browser) async throws {
        try await browser.fill("#path", with: "description")
        try await browser.fill("#value", with: "2070 Rektor")
        try await browser.fill("#edit-reason", with: "koden saknas")
        try await browser.press(Keys.enter)
        try await self.sees("Rättelsen väntar på", "The correction waits for", in: browser)
    }

    func correct() async throws {
        let address = try await self.untouchedAddress()
        try await self.signedIn(at: address) { browser in
            try await self.correct(browser)
            #expect(
                try await browser.find("form[action$='/approve']") == nil, "nobody approves what they have corrected themselves")
            try await self.look(at: "failed-corrected", in: browser)
            try await browser.tab(to: "form[action$='/undo'] button")
            try await browser.press(Keys.enter)
            try await self.sees("Gjort.", "Done.", in: browser)
            _ = try await browser.element("#edit-reason")
        }
        let number = try #require(Int64(address.split(separator: "/")[1]))
        #expect(try await self.store.edits(of: [number]).isEmpty)
    }

    func approveCorrection() async throws {
        let address = try await self.untouchedAddress()
        let number = try #require(Int64(address.split(separator: "/")[1]))
        try await self.signedIn(at: address) { browser in try await self.correct(browser) }
        try await self.signedIn(as: "bo", at: address) { browser in
            try await self.look(at: "failed-approve", in: browser)
            try await browser.tab(to: "form[action$='/approve'] button")
            try await browser.press(Keys.enter)
            try await self.sees("Godkänt.", "Approved.", in: browser)
        }
        let edit = try #require(try await self.store.edits(of: [number])[number])
        #expect(edit.isReleased && edit.person == "ada")
        #expect(try await self.noted("edit.approve").person == "bo")
        // What it was for: it goes through now.
        try await self.signedIn(at: address) { browser in
            try await browser.tab(to: "button[name=do]", showing: self.language(sv: "Sänd igen", en: "Send again"))
            try await browser.press(Keys.enter)
            try await self.sees("klar", "done", in: browser)
        }
        #expect(try await self.store.message(number)?.state != .failed)
    }

    func discard() async throws {
        let address = try await self.untouchedAddress()
        try await self.signedIn(at: address) { browser in
            try await browser.fill("#discard-reason", with: "har slutat")
            try await browser.press(Keys.enter)
            try await self.sees("Kastat.", "Discarded.", in: browser)
            try await self.look(at: "failed-discarded", in: browser)
        }
        let number = try #require(Int64(address.split(separator: "/")[1]))
        #expect(try await self.store.message(number)?.state == .discarded)
    }

    func seeContent() async throws {
        let address = try await self.untouchedAddress()
        try await self.signedIn(at: address) { browser in
            try await browser.fill("#see-reason", with: "ärende 4711")
            try await browser.press(Keys.enter)
            let text = try await browser.until("the content") {
                try await browser.find("main pre") == nil ? nil : try await browser.text(of: "main pre")
            }
            #expect(text.contains("\"person\""), "\(text)")
            #expect(try await !browser.address().contains("4711"))
            try await self.look(at: "failed-content", in: browser)
        }
        let entry = try await self.noted("see")
        #expect(entry.person == "ada" && entry.reason == "ärende 4711")
    }

    /// Goes through causes and messages: by another order, by a filter, and to the next page.
    func list() async throws {
        let time = HubClock.system.timestamp
        try await self.store.record(
            (0..<120).map { number in
                NewFailure(
                    stage: .delivery, system: "vega", key: RecordKey(.placement, "listed-\(number)"), sequence: 1,
                    kind: "rejected",
                    code: "listed", field: nil, place: nil, message: "listed", body: nil)
            }, time: time)
        try await self.signedIn(at: "/failed") { browser in
            try await browser.choose("System", in: "#sort")
            try await browser.tab(to: "main form button")
            try await browser.press(Keys.enter)
            _ = try await browser.until("the order") { try await browser.address().contains("sort=system") ? true : nil }
            let systems = try await browser.script(
                "return [...document.querySelectorAll('tbody tr td:nth-child(3)')].map((c) => c.innerText.split('\\n')[0])"
            ).arrayValue?.compactMap(\.stringValue)
            #expect(systems?.count ?? 0 >= 2 && systems == systems?.sorted(), "\(systems ?? [])")

            try await browser.open(self.walk.url + "/failed/list")
            try await browser.fill("#code", with: "listed")
            try await browser.press(Keys.enter)
            try await self.sees("100 visas", "100 shown", in: browser)
            let first = try await browser.text(of: "tbody tr td")
            try await browser.tab(to: "a[rel=next]")
            try await browser.press(Keys.enter)
            try await self.sees("20 visas", "20 shown", in: browser)
            let (now, further) = (try await browser.text(of: "tbody tr td"), try await browser.find("a[rel=next]"))
            #expect(now != first && further == nil)
            try await self.look(at: "failed-list-end", in: browser)
            try await browser.tab(to: "a[rel=prev]")
            try await browser.press(Keys.enter)
            try await self.sees("100 visas", "100 shown", in: browser)
        }
    }
}
