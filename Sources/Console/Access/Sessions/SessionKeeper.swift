import Crypto
public import Foundation
public import Hub

/// Who is signed in, by the cookie that the browser holds.
///
/// The cookie is 256 random bits, new at each sign-in; the store has its hash. A session ends when nobody has used it for a while,
/// after a working day, when its person says so, and when the person's account is changed or removed.
public struct SessionKeeper: Sendable {
    /// How long sessions last.
    public struct Limits: Sendable, Hashable {
        /// Seconds without a request.
        public var idle: Double = 30 * 60
        /// Seconds in all.
        public var whole: Double = 12 * 3600

        public init() {}
    }

    /// A session that has begun.
    public struct Begun: Sendable, Hashable {
        /// `Set-Cookie` headers for the answer.
        public let cookies: [String]
        public let csrfToken: String
    }

    /// Who asks.
    public struct Current: Sendable, Hashable {
        public let user: ConsoleUser
        /// What each form of this session must bring along, in a hidden field.
        public let csrfToken: String
        /// Names the session to whoever counts requests; can't be led back to the cookie.
        public let digest: String
        /// When it ends at the latest, however much it is used.
        public let endsAt: Date

        /// Whether a form was made for this session. Takes the same time wherever it differs.
        ///
        /// - Parameter token: what the form brought; `nil` when it brought none.
        public func accepts(csrf token: String?) -> Bool { token.map { Secrets.areEqual($0, self.csrfToken) } ?? false }
    }

    private let store: any ConsoleSessions
    private let limits: Limits
    private let clock: HubClock
    public let cookie: ConsoleCookie
    /// A session in use is noted at most so often: seconds.
    private let noteEvery: Double

    /// - Parameter isSecure: whether the console is served by https.
    public init(store: any ConsoleSessions, limits: Limits = Limits(), isSecure: Bool, clock: HubClock = .system) {
        self.store = store
        self.limits = limits
        self.clock = clock
        self.cookie = ConsoleCookie(isSecure: isSecure)
        self.noteEvery = min(60, limits.idle / 4)
    }

    /// Begins a session under a new cookie and ends the one that the browser held.
    ///
    /// - Parameter cookieHeader: the request's `Cookie` header.
    /// - Throws: ``AccessRefusal`` (`account-changed`), and what the store says.
    public func begin(_ user: ConsoleUser, insteadOf cookieHeader: String?) async throws -> Begun {
        let now = self.clock.now()
        try await self.store.forgetConsoleSessions(
            startedBefore: RFC3339.text(now.addingTimeInterval(-self.limits.whole)),
            seenBefore: RFC3339.text(now.addingTimeInterval(-self.limits.idle)))
        if let earlier = self.cookie.value(in: cookieHeader), let session = try await self.session(earlier) {
            try await self.store.endConsoleSession(Secrets.digest(earlier), by: session.user.name, time: RFC3339.text(now))
        }
        let token = Secrets.token()
        let time = RFC3339.text(now)
        let account: ConsoleSession.Account? =
            if case .account(let revision) = user.signIn { .init(name: user.name, revision: revision) } else { nil }
        let session = ConsoleSession(
            digest: Secrets.digest(token), account: account, content: try JSONEncoder().encode(user), startedAt: time,
            seenAt: time)
        let reason = account == nil ? "openid" : "account"
        guard try await self.store.begin(session, by: user.name, reason: reason) else { throw AccessRefusal.accountChanged }
        return Begun(cookies: [self.cookie.set(token)], csrfToken: Self.csrfToken(token))
    }

    /// Who asks.
    ///
    /// - Parameter cookieHeader: the request's `Cookie` header.
    /// - Returns: `nil` when nobody is signed in by it, or no more.
    public func current(_ cookieHeader: String?) async throws -> Current? {
        guard let token = self.cookie.value(in: cookieHeader), let session = try await self.session(token) else { return nil }
        let now = self.clock.now()
        if now.timeIntervalSince(session.seenAt) >= self.noteEvery {
            try await self.store.seeConsoleSession(Secrets.digest(token), time: RFC3339.text(now))
        }
        return Current(
            user: session.user, csrfToken: Self.csrfToken(token), digest: Secrets.digest(token),
            endsAt: session.startedAt.addingTimeInterval(self.limits.whole))
    }

    /// Ends the browser's session, in the store as well.
    ///
    /// - Returns: the `Set-Cookie` header for the answer.
    public func end(_ cookieHeader: String?) async throws -> String {
        if let token = self.cookie.value(in: cookieHeader), let session = try await self.session(token) {
            try await self.store.endConsoleSession(
                Secrets.digest(token), by: session.user.name, time: RFC3339.text(self.clock.now()))
        }
        return self.cookie.clearing
    }

    /// A session that still holds, with its user.
    private func session(_ token: String) async throws -> (user: ConsoleUser, startedAt: Date, seenAt: Date)? {
        guard let kept = try await self.store.consoleSession(Secrets.digest(token)),
            let startedAt = RFC3339.date(kept.startedAt), let seenAt = RFC3339.date(kept.seenAt)
        else { return nil }
        let now = self.clock.now()
        guard now.timeIntervalSince(startedAt) < self.limits.whole, now.timeIntervalSince(seenAt) < self.limits.idle,
            // What another version has written may be another thing: then one signs in again.
            let user = try? JSONDecoder().decode(ConsoleUser.self, from: kept.content)
        else { return nil }
        return (user, startedAt, seenAt)
    }

    /// Follows from the cookie, which no other page can read, and doesn't tell it.
    private static func csrfToken(_ token: String) -> String {
        let key = SymmetricKey(data: Data(token.utf8))
        return Base64URL.text(Data(HMAC<SHA256>.authenticationCode(for: Data("knutpunkt.csrf.v1".utf8), using: key)))
    }
}
