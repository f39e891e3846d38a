import ConnectorKit
public import Foundation
public import Logging
import NIOSSL
public import SchoolRecords

/// The tokens that a subscriber's notices are posted with, from its authorisation server; Skolverket's webhook takes none without.
public struct NoticeTokens: Sendable {
    private let access: GNAPAccess
    private let tokens: GNAPTokens
    private let transport: AsyncHTTPTransport

    /// Reads the settings below `notify_tokens`; the files that they name are read now, and nothing else is opened.
    ///
    /// ```yaml
    /// token_url: https://nutid-auth.sunet.se/transaction
    /// location: https://api.skolverket.se/provtjanst/ss12000/klient/v1   # the address that the token is for
    /// access: ss12000-client
    /// entity_id: https://kommun.example   # in the TLS federation; without it the certificate's fingerprint is shown
    /// client_certificate: client.pem      # PEM, with client_key; only on the loopback it may be missing
    /// client_key: client.key
    /// ca: ca.pem                          # optional: trust these certificates and no others at token_url
    /// ```
    ///
    /// - Throws: ``SettingsError`` with every problem, by paths from `notify_tokens` on.
    public init(client: String, settings: JSONValue, logger: Logger) throws(SettingsError) {
        try self.init(client: client, settings: settings, clock: .system, policy: RetryPolicy(), logger: logger)
    }

    package init(
        client: String, settings: JSONValue, clock: ConnectorClock, policy: RetryPolicy, logger: Logger
    ) throws(SettingsError) {
        let place = "notify_tokens"
        var reader = SettingsReader([place: settings])
        let tokenURL = GNAPAccess.address("\(place).token_url", &reader)
        let location = GNAPAccess.address("\(place).location", &reader)
        if tokenURL.lowercased().hasPrefix("https:"), reader.value("\(place).client_certificate") == nil {
            reader.complain("\(place).client_certificate", "is missing; tokens are given to clients with a certificate alone")
        }
        let tls = SS12000Settings.tls(&reader, below: place)
        self.access = GNAPAccess(
            tokenURL: tokenURL, clientKey: GNAPAccess.clientKey(below: place, &reader),
            type: reader.text("\(place).access", default: "ss12000-client"), location: location, settings: place,
            locationSetting: "location")
        guard reader.problems.isEmpty else { throw SettingsError(system: client, problems: reader.problems) }
        self.transport = AsyncHTTPTransport(
            limits: .init(connect: .seconds(10), reply: .seconds(20), bytes: 1 << 20), tls: tls)
        self.tokens = GNAPTokens(
            self.access, calls: RetryingCalls(transport: self.transport, policy: policy, clock: clock, logger: logger),
            clock: clock)
    }

    /// Posts a notice with a token; once more with another, when the first isn't taken any more.
    ///
    /// - Returns: the answer's status, never 401 or 403.
    /// - Throws: ``ConnectorFailure`` when no token can be had, or none is taken; what keeps the notice from being posted.
    public func post(_ body: Data, to url: String, by sender: NoticeSender) async throws -> Int {
        var refused: GNAPTokens.Token?
        while true {
            let token = try await self.tokens.token(insteadOf: refused)
            let status = try await sender.post(body, to: url, token: token.text)
            guard status == 401 || status == 403 else { return status }
            guard refused == nil else {
                throw ConnectorFailure(
                    .misconfigured, code: .tokenNotAccepted,
                    message:
                        "the subscriber takes no fresh token (\(status)): check that \(self.access.settings).location and token_url "
                        + "are of one environment, and that the target of its subscription is below location")
            }
            refused = token
        }
    }

    /// Asks for a token, unless one is there.
    ///
    /// - Throws: ``ConnectorFailure``.
    public func probe() async throws { _ = try await self.tokens.token() }

    public func shutdown() async { await self.transport.shutdown() }
}
