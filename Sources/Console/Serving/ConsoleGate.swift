/// Who may come in, and how: sessions and the ways to sign in.
public protocol ConsoleGate: Sendable {
    /// Who sends these cookies; `nil` when nobody is signed in by them.
    ///
    /// - Parameter cookies: the header `Cookie` as it came.
    func guest(cookies: String?) async throws -> ConsoleGuest?

    /// Signs somebody in by an account of the hub.
    ///
    /// - Parameters:
    ///   - cookies: the header `Cookie` as it came: a session that it names ends.
    ///   - address: where the request comes from.
    /// - Returns: the headers `Set-Cookie`.
    /// - Throws: ``ConsoleRefusal`` for wrong names and passwords, and too many tries.
    func signIn(name: String, password: String, cookies: String?, address: String) async throws -> [String]

    /// Ends the session.
    ///
    /// - Returns: the header `Set-Cookie`.
    func signOut(cookies: String?) async throws -> String

    /// Gives somebody who has an account of the hub another password: all their sessions end, and a new one begins.
    ///
    /// - Returns: the headers `Set-Cookie`.
    /// - Throws: ``ConsoleRefusal`` for a wrong present password, one that can't be chosen, too many tries, and people without an account.
    func changePassword(
        of user: ConsoleUser, from present: String, to chosen: String, cookies: String?, address: String
    ) async throws -> [String]

    /// Whether there are accounts of the hub's own.
    var hasAccounts: Bool { get }

    /// The name of the OpenID provider on the button; `nil` when there is none.
    var openIDName: String? { get }

    /// Sends somebody to the OpenID provider.
    ///
    /// - Returns: where to, and the header `Set-Cookie`.
    func startOpenID(to path: String) async throws -> (location: String, cookie: String)

    /// Takes somebody back from there.
    ///
    /// - Parameter query: what the provider sent along, as it came.
    /// - Returns: where the visitor wanted to go, and the headers `Set-Cookie`.
    func finishOpenID(query: String, cookies: String?, address: String) async throws -> (path: String, cookies: [String])
}

extension ConsoleGate {
    public func changePassword(
        of user: ConsoleUser, from present: String, to chosen: String, cookies: String?, address: String
    ) async throws -> [String] { throw ConsoleRefusal.unknownPage }
}

/// Somebody with a session.
public struct ConsoleGuest: Sendable, Hashable {
    public let user: ConsoleUser
    /// What this session's forms carry.
    public let csrf: String

    public init(user: ConsoleUser, csrf: String) {
        self.user = user
        self.csrf = csrf
    }
}
