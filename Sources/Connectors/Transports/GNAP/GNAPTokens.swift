import ConnectorKit
import Foundation
import SchoolRecords

/// The token for an interface whose authorisation server speaks GNAP (RFC 9635) over mutual TLS.
///
/// However many callers need a new one at the same time, it is asked for once; it is renewed when four fifths of its life have passed.
actor GNAPTokens {
    struct Token: Sendable, Hashable {
        let text: String
        /// Which one it is: the first is 1.
        let number: Int
    }

    private nonisolated let turn = Turn()
    private nonisolated let access: GNAPAccess
    private nonisolated let calls: RetryingCalls
    private nonisolated let clock: ConnectorClock
    private var held: (token: Token, renewAt: Duration)?
    private var count = 0
    private var lastTaken = 0

    init(_ access: GNAPAccess, calls: RetryingCalls, clock: ConnectorClock) {
        self.access = access
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

    /// The interface took a token.
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

    private nonisolated func request() async throws -> (text: String, lifetime: Double) {
        let call = HTTPCall(
            method: .post, url: self.access.tokenURL,
            headers: [("content-type", "application/json"), ("accept", "application/json")],
            body: Array(self.access.body.canonicalData))
        let target = CallTarget(
            name: "the token endpoint", setting: self.setting("token_url"), url: self.access.tokenURL,
            certificates: self.access.settings)
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
                message:
                    "\(target): \(what); check that \(self.setting("token_url")) is the token endpoint of the same environment")
        }
        let token = (try? JSONValue(parsing: reply.body))?["access_token"]
        guard let token, let text = token["value"]?.stringValue, !text.isEmpty,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw unreadable("the reply holds no access_token with a value") }
        let isBearer = token["flags"]?.arrayValue?.contains("bearer") ?? false
        let opens = (token["access"]?.arrayValue ?? []).contains { access in
            access["type"] == .string(self.access.type)
                && (access["locations"]?.arrayValue?.contains(.string(self.access.location)) ?? true)
        }
        guard isBearer, opens else {
            throw unreadable("the token isn't for \(self.access.type) at \(self.setting(self.access.locationSetting))")
        }
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
                    "\(target) refused the client (\(reply.status)): check that \(self.setting("client_certificate")) is registered with "
                    + "the municipality's organisation number, that \(self.setting("entity_id")) is the one in the federation's "
                    + "metadata, and that \(self.access.locationSetting) and token_url are of one environment")
        case 404, 405:
            ConnectorFailure(
                .misconfigured, code: .tokenEndpointNotFound,
                message: "\(target) is not there (\(reply.status)): check \(self.setting("token_url"))")
        default:
            ConnectorFailure(
                .malformedReply, code: .tokenUnreadable,
                message: "\(target) answered \(reply.status): check \(self.setting("token_url"))")
        }
    }

    private nonisolated func setting(_ name: String) -> String { "\(self.access.settings).\(name)" }
}
