import ConnectorKit
import Foundation
import SchoolRecords

/// The token for Skolverket's interface: GNAP (RFC 9635) over mutual TLS, of a client that has a certificate and no secret.
///
/// However many callers need a new one at the same time, it is asked for once; it is renewed when four fifths of its life have passed.
actor DNPTokens {
    struct Token: Sendable, Hashable {
        let text: String
        /// Which one it is: the first is 1.
        let number: Int
    }

    private nonisolated let turn = Turn()
    private nonisolated let settings: DNPSettings
    private nonisolated let calls: RetryingCalls
    private nonisolated let clock: ConnectorClock
    private var held: (token: Token, renewAt: Duration)?
    private var count = 0
    private var lastTaken = 0

    init(settings: DNPSettings, calls: RetryingCalls, clock: ConnectorClock) {
        self.settings = settings
        self.calls = calls
        self.clock = clock
    }

    /// A token to use now.
    ///
    /// - Parameter refused: the token that was just refused.
    /// - Throws: ``ConnectorFailure``; `CancellationError`.
    nonisolated func token(insteadOf refused: Token? = nil) async throws -> Token {
        try await self.turn.run {
            if let good = await self.good(insteadOf: refused) { return good }
            let began = self.clock.uptime()
            let (text, lifetime) = try await self.request()
            return await self.keep(text, until: began + .seconds(lifetime * 0.8))
        }
    }

    /// Skolverket took a token.
    func wasTaken(_ token: Token) { self.lastTaken = max(self.lastTaken, token.number) }

    /// Whether a token, or a later one, has been taken before: then it died, and another may do.
    func isKnownGood(_ token: Token) -> Bool { token.number <= self.lastTaken }

    private func good(insteadOf refused: Token?) -> Token? {
        guard let held, held.token != refused, self.clock.uptime() < held.renewAt else { return nil }
        return held.token
    }

    private func keep(_ text: String, until renewAt: Duration) -> Token {
        self.count += 1
        let token = Token(text: text, number: self.count)
        self.held = (token, renewAt)
        return token
    }

    // MARK: Asking

    /// What is asked for: one bearer token for the interface at our address.
    static func body(_ settings: DNPSettings) -> JSONValue {
        [
            "access_token": [["access": [Self.access(settings)], "flags": ["bearer"]]],
            "client": ["key": settings.clientKey],
        ]
    }

    private static func access(_ settings: DNPSettings) -> JSONValue {
        ["type": "provisioning-api", "locations": [.string(settings.baseURL)]]
    }

    private nonisolated func request() async throws -> (text: String, lifetime: Double) {
        let call = HTTPCall(
            method: .post, url: self.settings.tokenURL,
            headers: [("content-type", "application/json"), ("accept", "application/json")],
            body: Array(Self.body(self.settings).canonicalData))
        let target = CallTarget(name: "the token endpoint", setting: "connection.token_url", url: self.settings.tokenURL)
        let reply: HTTPReply
        do {
            reply = try await self.calls.send(call, to: target)
        } catch is CutShort {
            throw TransportError.cutShort.failure(of: target)
        }
        guard (200...299).contains(reply.status) else { throw self.refusal(reply, target) }
        return try self.grant(reply, target)
    }

    /// The token, when it is what was asked for.
    private nonisolated func grant(_ reply: HTTPReply, _ target: CallTarget) throws(ConnectorFailure) -> (String, Double) {
        func unreadable(_ what: String) -> ConnectorFailure {
            ConnectorFailure(
                .malformedReply, code: .tokenUnreadable,
                message: "\(target): \(what); check that connection.token_url is the token endpoint of the same environment")
        }
        let token = (try? JSONValue(parsing: reply.body))?["access_token"]
        guard let token, let text = token["value"]?.stringValue, !text.isEmpty,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw unreadable("the reply holds no access_token with a value") }
        let isBearer = token["flags"]?.arrayValue?.contains("bearer") ?? false
        let opens = (token["access"]?.arrayValue ?? []).contains { access in
            access["type"] == "provisioning-api"
                && (access["locations"]?.arrayValue?.contains(.string(self.settings.baseURL)) ?? true)
        }
        guard isBearer, opens else { throw unreadable("the token isn't for the provisioning interface at connection.base_url") }
        let lifetime: Double =
            switch token["expires_in"] {
            case .integer(let whole)?: Double(whole)
            case .number(let number)?: number
            default: 3600
            }
        guard lifetime > 0, lifetime < 1e9 else { throw unreadable("the token's life can't be read") }
        return (text, lifetime)
    }

    private nonisolated func refusal(_ reply: HTTPReply, _ target: CallTarget) -> ConnectorFailure {
        switch reply.status {
        case 400, 401, 403:
            ConnectorFailure(
                .misconfigured, code: .tokenRefused,
                message:
                    "\(target) refused the client (\(reply.status)): check that connection.client_certificate is registered with "
                    + "the municipality's organisation number, that connection.entity_id is the one in the federation's metadata, and "
                    + "that base_url and token_url are of one environment")
        case 404, 405:
            ConnectorFailure(
                .misconfigured, code: .tokenEndpointNotFound,
                message: "\(target) is not there (\(reply.status)): check connection.token_url")
        default:
            ConnectorFailure(
                .malformedReply, code: .tokenUnreadable,
                message: "\(target) answered \(reply.status): check connection.token_url")
        }
    }
}
