public import Hub

/// Everything that lets people in to the console and keeps others out, for those who serve its pages.
public struct ConsoleAccess: Sendable {
    public let sessions: SessionKeeper
    /// `nil` when the hub keeps no accounts of its own (`console.accounts`).
    public let accounts: LocalSignIn?
    /// `nil` when no provider is set up (`console.oidc.*`).
    public let openID: OpenIDSignIn?
    let origin: OriginGuard
    let headers: SecurityHeaders
    let rate: RequestRate
    let behindProxy: Bool
    let clock: HubClock

    public init(
        sessions: SessionKeeper, accounts: LocalSignIn?, openID: OpenIDSignIn?, origin: OriginGuard, headers: SecurityHeaders,
        rate: RequestRate = RequestRate(), behindProxy: Bool, clock: HubClock = .system
    ) {
        self.sessions = sessions
        self.accounts = accounts
        self.openID = openID
        self.origin = origin
        self.headers = headers
        self.rate = rate
        self.behindProxy = behindProxy
        self.clock = clock
    }
}
