import ConnectorKit
import Hub

/// The way in to the console: accounts of the hub's own, an OpenID provider, and the sessions that both begin.
public struct AccessGate: ConsoleGate {
    private let access: ConsoleAccess
    public let openIDName: String?

    /// - Parameter openIDName: how people know the provider.
    public init(_ access: ConsoleAccess, openIDName: String?) {
        self.access = access
        self.openIDName = access.openID == nil ? nil : openIDName
    }

    public var hasAccounts: Bool { self.access.accounts != nil }

    public func guest(cookies: String?) async throws -> ConsoleGuest? {
        guard let current = try await self.access.sessions.current(cookies), self.isStillOpen(current.user.signIn) else {
            return nil
        }
        return ConsoleGuest(user: current.user, csrf: current.csrfToken)
    }

    /// Whether people still come in the way that somebody came: the hub may have been started anew with another configuration.
    private func isStillOpen(_ way: ConsoleUser.SignIn) -> Bool {
        switch way {
        case .account: self.access.accounts != nil
        case .openID(let issuer, _): self.access.openID?.issuer == issuer
        // A token begins no session.
        case .token: false
        }
    }

    public func signIn(name: String, password: String, cookies: String?, address: String) async throws -> [String] {
        guard let accounts = self.access.accounts else { throw ConsoleRefusal.unknownPage }
        return try await Self.told {
            let signedIn = try await accounts.signIn(name: name, password: password, address: address, cookieHeader: cookies)
            return try await self.access.sessions.begin(signedIn.user, insteadOf: cookies).cookies + signedIn.cookies
        }
    }

    public func changePassword(
        of user: ConsoleUser, from present: String, to chosen: String, cookies: String?, address: String
    ) async throws -> [String] {
        guard let accounts = self.access.accounts, case .account = user.signIn else { throw ConsoleRefusal.unknownPage }
        return try await Self.told {
            do {
                let signedIn = try await accounts.changePassword(
                    of: user.name, from: present, to: chosen, address: address, cookieHeader: cookies)
                return try await self.access.sessions.begin(signedIn.user, insteadOf: cookies).cookies + signedIn.cookies
            } catch let problem as PasswordRules.Problem {
                throw ConsoleRefusal.wrongInput(sv: problem.swedish, en: problem.english)
            }
        }
    }

    public func signOut(cookies: String?) async throws -> String { try await self.access.sessions.end(cookies) }

    public func startOpenID(to path: String) async throws -> (location: String, cookie: String) {
        guard let openID = self.access.openID else { throw ConsoleRefusal.unknownPage }
        return try await Self.told {
            let started = try await openID.start(returnTo: path)
            return (started.location, started.cookie)
        }
    }

    public func finishOpenID(
        query: String, cookies: String?, address: String
    ) async throws -> (path: String, cookies: [String]) {
        guard let openID = self.access.openID else { throw ConsoleRefusal.unknownPage }
        return try await Self.told {
            let finished = try await openID.finish(query: query, cookieHeader: cookies)
            let begun = try await self.access.sessions.begin(finished.user, insteadOf: cookies)
            return (finished.returnTo ?? "/", begun.cookies + finished.cookies)
        }
    }

    private static func told<Result>(_ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch let refusal as AccessRefusal {
            throw ConsoleRefusal(
                refusal.httpStatus, title: Bilingual(sv: "Du kom inte in", en: "You weren't let in"),
                text: Bilingual(sv: refusal.swedish, en: refusal.english))
        }
    }
}
