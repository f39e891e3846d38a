import Foundation
import Hub
import Testing

@testable import Console

@Suite("A session is its browser's alone, and ends")
struct SessionKeeperTests {
    private static let user = ConsoleUser(
        name: "bo@kommun.example", displayName: "Bo", roles: [.viewer, .approver], units: .units(["unit-1"]),
        systems: .systems(["unikum"]), signIn: .openID(issuer: "https://idp.example", subject: "1"))

    private static func keeper(_ fixture: AccessFixture, store: (any ConsoleSessions)? = nil) -> SessionKeeper {
        SessionKeeper(store: store ?? fixture.store, isSecure: true, clock: fixture.time.clock)
    }

    @Test func `who has signed in stays so after a restart, as they were`() async throws {
        try await AccessFixture.with { fixture in
            var browser = Browser()
            let begun = try await Self.keeper(fixture).begin(Self.user, insteadOf: nil)
            browser.take(begun.cookies)
            let again = try await Self.keeper(fixture, store: fixture.reopened()).current(browser.header)
            #expect(again?.user == Self.user)
            #expect(again?.csrfToken == begun.csrfToken)
            #expect(again?.endsAt == fixture.time.now.addingTimeInterval(12 * 3600))
        }
    }

    @Test func `what the browser holds is found nowhere in the store`() async throws {
        try await AccessFixture.with { fixture in
            var browser = Browser()
            let begun = try await Self.keeper(fixture).begin(Self.user, insteadOf: nil)
            browser.take(begun.cookies)
            let token = try #require(browser.cookies["__Host-knutpunkt"])
            #expect(token.utf8.count == 43)
            let directory = (fixture.path as NSString).deletingLastPathComponent
            var found: Set<String> = []
            for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name))
                for text in [token, begun.csrfToken, "approver", "unit-1"] where bytes.range(of: Data(text.utf8)) != nil {
                    found.insert(text)
                }
                if bytes.range(of: Data(Secrets.digest(token).utf8)) != nil { found.insert("its hash") }
            }
            #expect(found == ["its hash"])
        }
    }

    @Test func `a session that nobody uses ends, one in use goes on until the working day is over`() async throws {
        try await AccessFixture.with { fixture in
            let keeper = Self.keeper(fixture)
            var browser = Browser()
            browser.take(try await keeper.begin(Self.user, insteadOf: nil).cookies)
            fixture.time.move(by: 30 * 60 - 1)
            try await #expect(keeper.current(browser.header) != nil)
            fixture.time.move(by: 30 * 60 - 1)
            try await #expect(keeper.current(browser.header) != nil)
            fixture.time.move(by: 30 * 60)
            try await #expect(keeper.current(browser.header) == nil)

            browser.take(try await keeper.begin(Self.user, insteadOf: nil).cookies)
            for _ in 0..<47 {
                fixture.time.move(by: 15 * 60)
                try await #expect(keeper.current(browser.header) != nil)
            }
            fixture.time.move(by: 15 * 60)
            try await #expect(keeper.current(browser.header) == nil)
        }
    }

    @Test func `a new sign-in has a new cookie, and the old one is worth nothing`() async throws {
        try await AccessFixture.with { fixture in
            let keeper = Self.keeper(fixture)
            // What somebody has put into the browser before isn't taken for a session.
            var browser = Browser()
            browser.take(["__Host-knutpunkt=chosen-by-somebody-else; Path=/"])
            let first = try await keeper.begin(Self.user, insteadOf: browser.header)
            #expect(!first.cookies.contains { $0.contains("chosen") })
            browser.take(first.cookies)
            let before = browser.header
            let second = try await keeper.begin(Self.user, insteadOf: before)
            browser.take(second.cookies)
            #expect(browser.header != before && second.csrfToken != first.csrfToken)
            try await #expect(keeper.current(before) == nil)
            try await #expect(keeper.current(browser.header) != nil)
        }
    }

    @Test func `signing out ends it in the store, and takes the cookie away`() async throws {
        try await AccessFixture.with { fixture in
            let keeper = Self.keeper(fixture)
            var browser = Browser()
            browser.take(try await keeper.begin(Self.user, insteadOf: nil).cookies)
            let before = browser.header
            browser.take([try await keeper.end(before)])
            #expect(browser.header.isEmpty)
            try await #expect(keeper.current(before) == nil)
            #expect(
                try await fixture.audit() == [
                    "bo@kommun.example console.sign-in console", "bo@kommun.example console.sign-out console",
                ])
            try await #expect(keeper.end(nil) == keeper.end("__Host-knutpunkt=unknown"))
        }
    }

    @Test func `an account that is changed or removed is signed out`() async throws {
        try await AccessFixture.with { fixture in
            let keeper = Self.keeper(fixture)
            var browser = Browser()
            let user = ConsoleUser(try await fixture.account())
            browser.take(try await keeper.begin(user, insteadOf: nil).cookies)
            try await #expect(keeper.current(browser.header)?.user == user)
            _ = try await fixture.store.changeConsoleAccount(
                "anna", action: "console.account.roles", reason: nil, by: "root", time: fixture.time.clock.timestamp
            ) { $0.roles = ["viewer"] }
            try await #expect(keeper.current(browser.header) == nil)
            // Who was about to sign in while that happened isn't let in with the old roles.
            let error = await #expect(throws: AccessRefusal.self) { try await keeper.begin(user, insteadOf: nil) }
            #expect(error?.code == .accountChanged)
            let now = ConsoleUser(try #require(try await fixture.store.consoleAccount("anna")))
            browser.take(try await keeper.begin(now, insteadOf: nil).cookies)
            try await #expect(keeper.current(browser.header)?.user.roles == [.viewer])
            _ = try await fixture.reopened().removeConsoleAccount("anna", by: "root", time: fixture.time.clock.timestamp)
            try await #expect(keeper.current(browser.header) == nil)
        }
    }

    @Test func `a form must bring the token of its own session`() async throws {
        try await AccessFixture.with { fixture in
            let keeper = Self.keeper(fixture)
            var (one, other) = (Browser(), Browser())
            let first = try await keeper.begin(Self.user, insteadOf: nil)
            let second = try await keeper.begin(Self.user, insteadOf: nil)
            one.take(first.cookies)
            other.take(second.cookies)
            let current = try #require(try await keeper.current(one.header))
            #expect(current.accepts(csrf: first.csrfToken))
            for wrong in [nil, "", second.csrfToken, first.csrfToken + "a", String(first.csrfToken.dropLast())] {
                #expect(!current.accepts(csrf: wrong))
            }
        }
    }

    @Test func `old sessions don't stay in the store`() async throws {
        try await AccessFixture.with { fixture in
            let keeper = Self.keeper(fixture)
            var browser = Browser()
            browser.take(try await keeper.begin(Self.user, insteadOf: nil).cookies)
            let token = try #require(browser.cookies["__Host-knutpunkt"])
            fixture.time.move(by: 31 * 60)
            _ = try await keeper.begin(Self.user, insteadOf: nil)
            try await #expect(fixture.store.consoleSession(Secrets.digest(token)) == nil)
        }
    }

    @Test func `the cookie is as safe as the address allows`() {
        let secure = ConsoleCookie(isSecure: true)
        #expect(secure.set("v") == "__Host-knutpunkt=v; Path=/; HttpOnly; SameSite=Lax; Secure")
        #expect(secure.clearing == "__Host-knutpunkt=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0")
        let loopback = ConsoleCookie("oidc", isSecure: false)
        #expect(loopback.set("v", seconds: 600) == "knutpunkt-oidc=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=600")
    }

    @Test(
        arguments: [
            ("knutpunkt=a", "a"), ("x=1; knutpunkt=a; y=2", "a"), ("x=1;knutpunkt=a==", "a=="), (nil, nil), ("", nil),
            ("knutpunkt=", nil), ("knutpunkt=a; knutpunkt=b", nil), ("knutpunkt=a; knutpunkt=a", nil), ("knutpunkt", nil),
            ("Knutpunkt=a", nil), ("knutpunkt-oidc=a", nil), ("xknutpunkt=a", nil), (";;=; knutpunkt=a", "a"),
        ] as [(String?, String?)])
    func `a cookie is found by its name, and not when there are two`(header: String?, value: String?) {
        #expect(ConsoleCookie(isSecure: false).value(in: header) == value)
    }
}
