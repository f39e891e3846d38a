import Foundation
import Hub
import SchoolRecords
import Testing

/// Getting in and about.
extension JobWalk {
    func signIn() async throws {
        try await self.visiting("/failed") { browser in
            try await browser.fill("#name", with: "vera")
            try await browser.fill("#password", with: "inte det rätta ordet")
            try await browser.press(Keys.enter)
            try await self.sees("Namnet eller lösenordet stämmer inte.", "The name or the password isn't right.", in: browser)
            try await self.look(at: "sign-in-wrong", in: browser)
            try await browser.fill("#name", with: "vera")
            try await browser.fill("#password", with: ConsoleWalk.password)
            try await browser.press(Keys.enter)
            _ = try await browser.element(".who form")
            #expect(try await browser.address().hasSuffix("/failed"), "where they wanted to go")
            try await browser.tab(to: ".who button", showing: self.language(sv: "Logga ut", en: "Sign out"))
            try await browser.press(Keys.enter)
            _ = try await browser.element("#password")
            try await browser.open(self.walk.url + "/failed")
            _ = try await browser.element("#password")
        }
    }

    func changePassword() async throws {
        let chosen = "sju blå tåg om natten"
        try await self.signedIn(as: "tove", at: "/") { browser in
            try await browser.tab(to: ".who a[href='/account']")
            try await browser.press(Keys.enter)
            _ = try await browser.element("#present")
            for (present, answer) in [
                ("inte det rätta ordet", ("Det nuvarande lösenordet stämmer inte.", "The present password isn't right.")),
                (ConsoleWalk.password, ("Lösenordet är bytt.", "The password is changed.")),
            ] {
                try await browser.fill("#present", with: present)
                try await browser.fill("#new", with: chosen)
                try await browser.fill("#again", with: chosen)
                try await browser.tab(to: "main button")
                try await browser.press(Keys.enter)
                try await self.sees(answer.0, answer.1, in: browser)
                try await self.look(at: present == ConsoleWalk.password ? "account" : "account-wrong", in: browser)
            }
        }
        try await self.visiting("/") { browser in
            try await browser.fill("#name", with: "tove")
            try await browser.fill("#password", with: chosen)
            try await browser.press(Keys.enter)
            _ = try await browser.element(".who form")
        }
    }

    /// The way past the menu, and on a phone into it.
    func menu() async throws {
        try await self.signedIn(at: "/") { browser in
            try await browser.press(Keys.tab)
            let first = try await browser.script("return document.activeElement.getAttribute('href')")
            #expect(first == "#content", "the first stop leads past the menu")
            try await browser.press(Keys.enter)
            let isThere = try await browser.script("return document.activeElement.id === 'content'")
            #expect(isThere == .bool(true))
        }
        try await self.signedIn(at: "/", .phone) { browser in
            #expect(try await browser.script("return document.querySelector('.places').offsetHeight") == .integer(0))
            try await browser.tab(to: ".menu")
            try await browser.press(Keys.enter)
            #expect(try await browser.script("return document.querySelector('.places').offsetHeight > 100") == .bool(true))
            let expanded = try await browser.script("return document.querySelector('.menu').getAttribute('aria-expanded')")
            #expect(expanded == .string("true"))
            try await self.walk.keepPicture("menu", .phone, self.language, of: browser)
            try await browser.tab(to: ".places a[href='/failed']")
            try await browser.press(Keys.enter)
            try await self.sees("Senaste dygnet", "Last 24 hours", in: browser)
        }
    }

    func changeLanguage() async throws {
        let other: Language = self.language == .sv ? .en : .sv
        try await self.signedIn(at: "/failed?sort=system") { browser in
            try await browser.tab(to: ".who a[hreflang]", showing: self.language(sv: "English", en: "Svenska"))
            try await browser.press(Keys.enter)
            let here = self.language(sv: "Inloggad som", en: "Signed in as")
            let there = other(sv: "Inloggad som", en: "Signed in as")
            let text = try await browser.until("the other language") {
                let text = try await browser.text()
                return text.contains(there) ? text : nil
            }
            #expect(!text.contains(here))
            #expect(try await browser.script("return document.documentElement.lang") == .string(other.rawValue))
            #expect(try await browser.address().hasSuffix("/failed?sort=system"), "the same page")
        }
    }
}
