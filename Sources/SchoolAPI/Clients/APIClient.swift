/// A system that may fetch from the hub.
public struct APIClient: Sendable {
    /// How it shows who it is.
    public enum SignIn: Sendable {
        /// By its name and a secret, at the hub's own token endpoint. The secret as it is kept now; `nil` when it can't be had.
        /// Asked at every use, so that a changed file counts at once.
        case secret(@Sendable () -> String?)
        /// By tokens of somebody else's issuer.
        case tokens(ForeignTokens)
    }

    /// Its name: the `client_id` that it signs in with.
    public let name: String
    /// The system that it is: what its `provide.yaml` says is what it sees.
    public let system: String
    /// Where its notices may be posted: scheme, host and port of the addresses that it may subscribe with; `nil` = it can't subscribe.
    public let notify: String?
    /// How its notices spell the list of what has changed.
    public let spelling: NoticeSpelling
    let signIn: SignIn

    /// - Parameter notify: an address such as `https://library.example`.
    public init(name: String, system: String, notify: String?, spelling: NoticeSpelling = .standard, signIn: SignIn) {
        self.name = name
        self.system = system
        self.notify = notify
        self.spelling = spelling
        self.signIn = signIn
    }

    /// Its secret now; `nil` when it can't be had, or it signs in without one.
    var secret: String? {
        guard case .secret(let secret) = self.signIn else { return nil }
        return secret()
    }

    /// What its tokens must be like; `nil` when it signs in by a secret.
    var foreignTokens: ForeignTokens? {
        guard case .tokens(let tokens) = self.signIn else { return nil }
        return tokens
    }
}
