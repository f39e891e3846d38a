import Crypto
import Foundation
public import Hub
public import Logging

/// Somebody who has shown who they are, and what their browser is to keep beside the session.
public struct SignedIn: Sendable, Hashable {
    public let user: ConsoleUser
    /// `Set-Cookie` headers for the answer.
    public let cookies: [String]
}

/// Signing in with an account of the hub's own.
///
/// An unknown name, a wrong password and a locked account look the same and take the same time.
public struct LocalSignIn: Sendable {
    private let store: any ConsoleAccounts & PermissionBook
    private let hasher: PasswordHasher
    private let throttle = SignInThrottle()
    private let browsers: KnownBrowser
    private let clock: HubClock
    private let logger: Logger

    /// - Parameters:
    ///   - key: the hub's, of which what this needs is derived.
    ///   - isSecure: whether the console is served by https.
    public init(
        store: any ConsoleAccounts & PermissionBook, key: HubKey, isSecure: Bool, hasher: PasswordHasher = PasswordHasher(),
        clock: HubClock = .system, logger: Logger
    ) {
        self.store = store
        self.hasher = hasher
        self.browsers = KnownBrowser(key: key.consoleKey("browser"), isSecure: isSecure)
        self.clock = clock
        self.logger = logger
    }

    /// - Parameters:
    ///   - address: the client's, see ``ClientAddress``.
    ///   - cookieHeader: the request's `Cookie` header.
    /// - Throws: ``AccessRefusal`` (`wrong-credentials`, `too-many-tries`, `busy`), and what the store says.
    public func signIn(
        name written: String, password: String, address: String, cookieHeader: String?
    ) async throws -> SignedIn {
        let now = self.clock.now()
        // What can't be a name is counted and compared like one.
        let name = AccountName.normal(written.filter { !$0.isWhitespace }) ?? Secrets.digest(String(written.prefix(256)))
        let keys = self.keys(name, address: address, cookieHeader: cookieHeader, now: now)
        if let wait = self.throttle.begin(keys, now: now.timeIntervalSince1970) {
            throw AccessRefusal.tooManyTries(max(1, Int(wait.rounded(.up))))
        }
        let account: ConsoleAccount?
        let isRight: Bool
        do {
            account = try await self.store.consoleAccount(name)
            isRight = try await self.hasher.matches(password, account?.password)
        } catch {
            self.throttle.succeeded(keys)
            throw error
        }
        guard isRight, let account, !account.isLocked else {
            try await self.tell(name, isKnown: account != nil, now)
            throw AccessRefusal.wrongCredentials
        }
        self.throttle.succeeded(keys)
        return SignedIn(user: ConsoleUser(account), cookies: [self.browsers.mark(for: name, now: now)])
    }

    /// Gives somebody another password when they know the present one; all their sessions end.
    ///
    /// - Returns: who they are from now on, for a new session.
    /// - Throws: ``AccessRefusal`` as ``signIn(name:password:address:cookieHeader:)``; ``PasswordRules/Problem`` for a password that can't
    ///   be chosen; what the store says.
    func changePassword(
        of name: String, from present: String, to chosen: String, address: String, cookieHeader: String?
    ) async throws -> SignedIn {
        let signedIn = try await self.signIn(name: name, password: present, address: address, cookieHeader: cookieHeader)
        if let problem = PasswordRules.problem(with: chosen, names: [signedIn.user.name, signedIn.user.displayName]) {
            throw problem
        }
        let digest = try await self.hasher.digest(chosen)
        let account = try await self.store.changeConsoleAccount(
            signedIn.user.name, action: "console.account.password", reason: nil, by: signedIn.user.name,
            time: self.clock.timestamp
        ) { $0.password = digest }
        guard let account else { throw AccessRefusal.wrongCredentials }
        return SignedIn(user: ConsoleUser(account), cookies: signedIn.cookies)
    }

    private func keys(_ name: String, address: String, cookieHeader: String?, now: Date) -> [SignInThrottle.Key] {
        if let id = self.browsers.id(in: cookieHeader, for: name, now: now) { return [.browser(id)] }
        let network = ClientAddress.network(of: address)
        return [.accountAndAddress(name, network), .address(network), .account(name)]
    }

    /// Tells the audit log, and who watches the hub's own log, that somebody guesses: at the tenth, hundredth, … try.
    private func tell(_ name: String, isKnown: Bool, _ now: Date) async throws {
        let count = self.throttle.count(.account(name))
        guard [10, 100, 1000, 10_000].contains(count) else { return }
        self.logger.warning("Somebody guesses a password of the console", metadata: ["tries": "\(count)"])
        try await self.store.note(
            "console.refused", subject: isKnown ? "account/\(name)" : "account", reason: "\(count) tries", by: "console",
            time: RFC3339.text(now))
    }
}

extension ConsoleUser {
    /// The person of an account.
    public init(_ account: ConsoleAccount) {
        self.init(
            name: account.name, displayName: account.displayName,
            roles: Set(account.roles.compactMap(ConsoleRole.init(rawValue:))), units: account.units, systems: account.systems,
            signIn: .account(revision: account.revision))
    }
}
