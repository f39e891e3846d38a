import Crypto
import Foundation
public import Hub
public import Logging
import SchoolRecords

/// Signing in with an OpenID provider: authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 6749, RFC 7636).
///
/// Nothing of a token, of a code or of a person is ever in an error or a log line.
public struct OpenIDSignIn: Sendable {
    /// Where in the console the provider sends people back to.
    public static let callbackPath = "/sign-in/openid/callback"

    /// A sign-in that has begun.
    public struct Started: Sendable, Hashable {
        /// Where the browser goes now: the provider.
        public let location: String
        /// The `Set-Cookie` header for the answer.
        public let cookie: String
    }

    /// Somebody who has come back.
    public struct Finished: Sendable, Hashable {
        public let user: ConsoleUser
        /// `Set-Cookie` headers for the answer: the attempt's cookie goes.
        public let cookies: [String]
        /// The path of the console that they wanted to see; `nil` for none in particular.
        public let returnTo: String?
    }

    private let settings: OpenIDSettings
    private let accounts: any ConsoleAccounts
    private let provider: OpenIDProvider
    private let key: SymmetricKey
    private let cookie: ConsoleCookie
    private let used = UsedAttempts()
    private let clock: HubClock
    private let logger: Logger

    /// - Parameters:
    ///   - accounts: the hub's own accounts, whose names nobody else may have.
    ///   - key: the hub's, of which what this needs is derived.
    ///   - isSecure: whether the console is served by https.
    public init(
        _ settings: OpenIDSettings, accounts: any ConsoleAccounts, key: HubKey, isSecure: Bool,
        transport: @escaping OpenIDTransport, clock: HubClock = .system, logger: Logger
    ) {
        self.settings = settings
        self.accounts = accounts
        self.provider = OpenIDProvider(issuer: settings.issuer, transport: transport, clock: clock)
        self.key = key.consoleKey("openid")
        self.cookie = ConsoleCookie("openid", isSecure: isSecure)
        self.clock = clock
        self.logger = logger
    }

    /// The `Set-Cookie` header that takes the attempt's cookie away, for the answer to a refusal.
    public var clearing: String { self.cookie.clearing }

    /// Begins a sign-in.
    ///
    /// - Parameter returnTo: a path of the console to come back to; what leads anywhere else is left out.
    /// - Throws: ``AccessRefusal`` (`provider-down`).
    public func start(returnTo: String? = nil) async throws -> Started {
        let endpoints = try await self.told { try await self.provider.discovered() }
        let attempt = SignInAttempt(returnTo: returnTo.flatMap(LocalPath.valid), now: self.clock.now())
        let query = FormText.encode([
            ("response_type", "code"), ("client_id", self.settings.clientID), ("redirect_uri", self.settings.redirectURI),
            ("scope", (["openid"] + self.settings.scopes).joined(separator: " ")), ("state", attempt.state),
            ("nonce", attempt.nonce), ("code_challenge", attempt.challenge), ("code_challenge_method", "S256"),
        ])
        let separator = endpoints.authorization.contains("?") ? "&" : "?"
        return Started(
            location: endpoints.authorization + separator + query,
            cookie: self.cookie.set(try attempt.sealed(self.key), seconds: Int(SignInAttempt.lasts)))
    }

    /// Takes what the provider sent the browser back with.
    ///
    /// - Parameters:
    ///   - query: of the address, as it came.
    ///   - cookieHeader: the request's `Cookie` header.
    /// - Throws: ``AccessRefusal`` (`not-this-browser`, `declined`, `provider-down`, `untrusted`, `no-role`, `name-taken`), and what
    ///   the store says.
    public func finish(query: String?, cookieHeader: String?) async throws -> Finished {
        try await self.told {
            let now = self.clock.now()
            guard let sealed = self.cookie.value(in: cookieHeader),
                let attempt = SignInAttempt(sealed: sealed, key: self.key, now: now)
            else { throw AccessRefusal.notThisBrowser("no attempt in the browser, or too old") }
            guard let answer = FormText.decode(query ?? ""), let state = answer["state"], Secrets.areEqual(state, attempt.state)
            else { throw AccessRefusal.notThisBrowser("another state") }
            guard self.used.take(attempt, now: now) else { throw AccessRefusal.notThisBrowser("used before") }
            // RFC 9207: an answer of another provider isn't exchanged at this one.
            if let issuer = answer["iss"], issuer != self.settings.issuer {
                throw AccessRefusal.untrusted("answered by another issuer")
            }
            if let error = answer["error"] { throw AccessRefusal.declined(error) }
            guard let code = answer["code"], !code.isEmpty else { throw AccessRefusal.notThisBrowser("no code") }
            let text = try await self.exchange(code, attempt)
            let token = try await IDToken(
                text, provider: self.provider,
                expected: .init(
                    issuer: self.settings.issuer, clientID: self.settings.clientID, nonce: attempt.nonce, now: self.clock.now()))
            return Finished(
                user: try await self.user(token), cookies: [self.cookie.clearing], returnTo: attempt.returnTo)
        }
    }

    /// The ID token for a code.
    private func exchange(_ code: String, _ attempt: SignInAttempt) async throws -> String {
        let endpoints = try await self.provider.discovered()
        var form = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", self.settings.redirectURI),
            ("code_verifier", attempt.verifier),
        ]
        var headers = ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"]
        if let secret = self.settings.clientSecret, endpoints.takesBasic {
            let pair = FormText.escape(self.settings.clientID) + ":" + FormText.escape(secret)
            headers["Authorization"] = "Basic " + Data(pair.utf8).base64EncodedString()
        } else {
            form.append(("client_id", self.settings.clientID))
            if let secret = self.settings.clientSecret { form.append(("client_secret", secret)) }
        }
        let reply = try await self.provider.send(
            OpenIDCall(url: endpoints.token, form: FormText.encode(form), headers: headers), "token")
        let document = try? JSONValue(parsing: reply.body)
        switch (reply.status, document?["error"]?.stringValue) {
        case (200, _):
            guard let token = document?["id_token"]?.stringValue else { throw AccessRefusal.untrusted("no ID token came") }
            return token
        case (_, "invalid_grant"): throw AccessRefusal.notThisBrowser("the provider no longer takes the code")
        case (_, "invalid_client"), (_, "unauthorized_client"):
            throw AccessRefusal.providerDown("the provider doesn't know this client by its id and secret")
        default: throw AccessRefusal.providerDown("token: status \(reply.status)")
        }
    }

    private func user(_ token: IDToken) async throws -> ConsoleUser {
        guard let name = token.texts(self.settings.nameClaim).first.flatMap(Self.name) else {
            throw AccessRefusal.untrusted("no name in the claim \(self.settings.nameClaim)")
        }
        if self.settings.nameClaim == "email", token.claims["email_verified"]?.boolValue == false {
            throw AccessRefusal.untrusted("the e-mail address isn't verified")
        }
        if let own = AccountName.normal(name), try await self.accounts.consoleAccount(own) != nil {
            throw AccessRefusal.nameTaken
        }
        let groups = Set(token.texts(self.settings.groupsClaim))
        let roles = self.settings.roles(of: groups)
        guard !roles.isEmpty else {
            throw AccessRefusal.noRole(
                groups.isEmpty
                    ? "no groups in the claim \(self.settings.groupsClaim)" : "none of \(groups.count) groups has a role")
        }
        let shown = token.texts("name").first { !$0.isEmpty && $0.count <= 128 } ?? name
        return ConsoleUser(
            name: name, displayName: shown, roles: roles, units: self.settings.units(of: groups),
            signIn: .openID(issuer: self.settings.issuer, subject: token.subject))
    }

    /// A name as it may stand in the audit log.
    private static func name(_ text: String) -> String? {
        let name = text.lowercased()
        let isName =
            (1...128).contains(name.count) && !name.contains { $0.isWhitespace || $0.isNewline }
            && name.unicodeScalars.allSatisfy { ![.control, .format].contains($0.properties.generalCategory) }
        return isName && !AccountName.reserved.contains(name) ? name : nil
    }

    /// Those who run the hub see in its log why somebody wasn't let in.
    private func told<Result>(_ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch let refusal as AccessRefusal {
            self.logger.warning(
                "Nobody was signed in to the console",
                metadata: ["code": "\(refusal.code.rawValue)", "detail": "\(refusal.detail ?? "-")"])
            throw refusal
        }
    }
}
