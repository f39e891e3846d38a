import Foundation
import Hub
import Testing

@testable import Console

@Suite("Who has an account signs in; who guesses waits")
struct LocalSignInTests {
    private static let address = "192.0.2.7"

    private static func refusal(
        _ signIn: LocalSignIn, _ name: String, _ password: String, address: String = address, cookies: String? = nil
    ) async throws -> AccessRefusal {
        do {
            let signedIn = try await signIn.signIn(name: name, password: password, address: address, cookieHeader: cookies)
            Issue.record("\(signedIn.user.name) was let in")
            throw CancellationError()
        } catch let refusal as AccessRefusal { return refusal }
    }

    @Test func `the right password lets the account's person in, with its roles and units`() async throws {
        try await AccessFixture.with { fixture in
            let account = try await fixture.account()
            for name in ["anna", " Anna ", "ANNA"] {
                let signedIn = try await fixture.signIn().signIn(
                    name: name, password: AccessFixture.password, address: Self.address, cookieHeader: nil)
                #expect(
                    signedIn.user
                        == ConsoleUser(
                            name: "anna", displayName: "Anna på skolan", roles: [.operator], units: .units(["unit-1"]),
                            systems: .all, signIn: .account(revision: account.revision)))
            }
        }
    }

    @Test func `a letter is the same however the keyboard writes it`() async throws {
        try await AccessFixture.with { fixture in
            try await fixture.account()
            let apart = AccessFixture.password.decomposedStringWithCanonicalMapping
            #expect(Array(apart.utf8) != Array(AccessFixture.password.utf8))
            _ = try await fixture.signIn().signIn(
                name: "anna", password: apart, address: Self.address, cookieHeader: nil)
        }
    }

    @Test func `an unknown name, a wrong password and a locked account look the same`() async throws {
        try await AccessFixture.with { fixture in
            try await fixture.account()
            try await fixture.account("bo")
            _ = try await fixture.store.changeConsoleAccount(
                "bo", action: "console.account.lock", reason: nil, by: "root", time: fixture.time.clock.timestamp
            ) { $0.isLocked = true }
            var seen: [AccessRefusal] = []
            for (name, password) in [
                ("nobody", AccessFixture.password), ("anna", "fel lösenord helt"), ("bo", AccessFixture.password),
                ("", ""), ("inte ens / ett namn", "x"),
            ] {
                seen.append(try await Self.refusal(fixture.signIn(), name, password))
            }
            #expect(Set(seen) == [AccessRefusal.wrongCredentials])
        }
    }

    @Test func `after a few tries each next one waits longer, a right one too, for an unknown name as well`() async throws {
        try await AccessFixture.with { fixture in
            try await fixture.account()
            for name in ["anna", "nobody"] {
                let signIn = fixture.signIn()
                for _ in 0..<3 { try await #expect(Self.refusal(signIn, name, "fel").code == .wrongCredentials) }
                var waits: [Int] = []
                for _ in 0..<12 {
                    let refusal = try await Self.refusal(signIn, name, AccessFixture.password)
                    #expect(refusal.code == .tooManyTries && refusal.httpStatus == 429)
                    waits.append(try #require(refusal.retryAfter))
                    fixture.time.move(by: Double(waits.last ?? 0))
                    try await #expect(Self.refusal(signIn, name, "fel").code == .wrongCredentials)
                }
                #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
            }
        }
    }

    @Test func `nobody can shut a person out of a browser that they have signed in with`() async throws {
        try await AccessFixture.with { fixture in
            try await fixture.account()
            let signIn = fixture.signIn()
            var browser = Browser()
            browser.take(
                try await signIn.signIn(
                    name: "anna", password: AccessFixture.password, address: Self.address, cookieHeader: nil
                ).cookies)
            // Somebody guesses from everywhere, from the same address too.
            for number in 0..<40 {
                let address = number % 2 == 0 ? Self.address : "198.51.100.\(number)"
                _ = try await Self.refusal(signIn, "anna", "fel", address: address)
            }
            try await #expect(Self.refusal(signIn, "anna", AccessFixture.password).code == .tooManyTries)
            _ = try await signIn.signIn(
                name: "anna", password: AccessFixture.password, address: Self.address, cookieHeader: browser.header)
            // The mark is its person's: it helps nobody to guess another's password.
            try await fixture.account("bo")
            for _ in 0..<3 { _ = try await Self.refusal(signIn, "bo", "fel", cookies: browser.header) }
            try await #expect(Self.refusal(signIn, "bo", "fel", cookies: browser.header).code == .tooManyTries)
            // And one guesses no faster with it.
            for _ in 0..<5 { _ = try await Self.refusal(signIn, "anna", "fel", cookies: browser.header) }
            try await #expect(
                Self.refusal(signIn, "anna", AccessFixture.password, cookies: browser.header).code == .tooManyTries)
            // In an hour everything is as it was.
            fixture.time.move(by: 3601)
            _ = try await signIn.signIn(
                name: "anna", password: AccessFixture.password, address: Self.address, cookieHeader: nil)
        }
    }

    @Test func `many tries at once are no way around`() async throws {
        try await AccessFixture.with { fixture in
            try await fixture.account()
            let signIn = fixture.signIn()
            let codes = try await withThrowingTaskGroup(of: AccessRefusal.Code.self) { group in
                for _ in 0..<20 { group.addTask { try await Self.refusal(signIn, "anna", "fel").code } }
                return try await group.reduce(into: [AccessRefusal.Code: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(codes == [.wrongCredentials: 3, .tooManyTries: 17])
        }
    }

    @Test func `who knows one password can't wipe out what they try at others`() async throws {
        try await AccessFixture.with { fixture in
            try await fixture.account()
            let signIn = fixture.signIn()
            for number in 0..<30 {
                try await #expect(Self.refusal(signIn, "name\(number)", "fel").code == .wrongCredentials)
                if number % 10 == 5 {
                    _ = try await signIn.signIn(
                        name: "anna", password: AccessFixture.password, address: Self.address, cookieHeader: nil)
                }
            }
            try await #expect(Self.refusal(signIn, "name99", "fel").code == .tooManyTries)
            // Others are somewhere else.
            _ = try await signIn.signIn(
                name: "anna", password: AccessFixture.password, address: "203.0.113.9", cookieHeader: nil)
        }
    }

    @Test func `that somebody guesses is told to the audit log, without the names that aren't there`() async throws {
        try await AccessFixture.with { fixture in
            try await fixture.account()
            let signIn = fixture.signIn()
            for name in ["anna", "secret-typed-as-name"] {
                for number in 0..<12 { _ = try await Self.refusal(signIn, name, "fel", address: "198.51.100.\(number)") }
            }
            let told = try await fixture.audit().filter { $0.contains("refused") }
            #expect(told == ["console console.refused account/anna", "console console.refused account"])
        }
    }

    @Test func `the throttle's memory is bounded, and it keeps those who try most`() {
        let throttle = SignInThrottle()
        let worst = SignInThrottle.Key.account("worst")
        for number in 0..<10 { #expect(throttle.begin([worst], now: Double(number)) == nil) }
        for number in 0..<(SignInThrottle.mostKeys + 100) {
            #expect(throttle.begin([.account("a\(number)")], now: 20 + Double(number) / 100) == nil)
        }
        #expect(throttle.count(worst) == 10)
        let kept = (0..<(SignInThrottle.mostKeys + 100)).count { throttle.count(.account("a\($0)")) > 0 }
        #expect(kept < SignInThrottle.mostKeys)
    }
}
