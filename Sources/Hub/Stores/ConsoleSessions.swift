public import Foundation

/// Somebody who is signed in to the console.
public struct ConsoleSession: Sendable, Hashable {
    /// An account of the hub's own, as it was when its person signed in.
    public struct Account: Sendable, Hashable {
        public let name: String
        public let revision: Int64

        public init(name: String, revision: Int64) {
            self.name = name
            self.revision = revision
        }
    }

    /// The hash of what the browser holds, in hexadecimal digits; what it holds isn't kept.
    public let digest: String
    /// `nil` for those whom somebody else vouches for.
    public let account: Account?
    /// Who it is and what they may do, as the console writes it. Kept sealed.
    public let content: Data
    /// When it began, RFC 3339 in UTC.
    public let startedAt: String
    /// When the browser was last seen to hold it; RFC 3339 in UTC.
    public let seenAt: String

    public init(digest: String, account: Account?, content: Data, startedAt: String, seenAt: String) {
        self.digest = digest
        self.account = account
        self.content = content
        self.startedAt = startedAt
        self.seenAt = seenAt
    }
}

/// Who is signed in to the console: kept so that a restart signs nobody out.
public protocol ConsoleSessions: Sendable {
    /// Begins a session; the audit log says so.
    ///
    /// - Parameter reason: how the person signed in.
    /// - Returns: `false`, with nothing written, when the account is gone or is no longer what it was when its person signed in.
    func begin(_ session: ConsoleSession, by person: String, reason: String) async throws -> Bool

    /// - Returns: `nil` when there is no such session, or no more.
    func consoleSession(_ digest: String) async throws -> ConsoleSession?

    /// Notes that a session is in use.
    func seeConsoleSession(_ digest: String, time: String) async throws

    /// Ends a session because its person says so; the audit log has it.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    func endConsoleSession(_ digest: String, by person: String, time: String) async throws -> Bool

    /// Forgets sessions that were begun, or last seen, before these times.
    ///
    /// - Returns: how many.
    @discardableResult
    func forgetConsoleSessions(startedBefore: String, seenBefore: String) async throws -> Int
}
