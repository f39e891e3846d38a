public import Console

/// Where the web console is served, and who gets in: the keys `console.*`.
public struct ConsoleConfiguration: Sendable {
    /// Where it is served, `host:port`; `nil` = nowhere.
    public var listen: String?
    /// The address by which people reach it, e.g. `https://hub.kommun.example`, without a slash at the end.
    public var publicURL: String?
    /// Whether a reverse proxy is in front that speaks TLS and says who calls.
    public var behindProxy = false
    public var limits = SessionKeeper.Limits()
    /// Whether people sign in with accounts that the hub keeps.
    public var hasAccounts = true
    /// The OpenID provider, without the client's secret; `nil` = none.
    public var openID: OpenIDSettings?
    /// Where the client's secret is; `nil` for a client without one.
    var openIDSecret: Secret?

    /// A secret's place.
    enum Secret: Sendable, Hashable {
        case file(String)
        case environment(String)
    }

    public init() {}

    /// Whether browsers reach it by https.
    public var isSecure: Bool { self.publicURL?.hasPrefix("https://") ?? false }
}
