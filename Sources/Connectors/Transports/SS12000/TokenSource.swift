import ConnectorKit
import Foundation
import Logging
import SchoolRecords

/// The bearer token of one server (OAuth 2 client credentials, RFC 6749, 4.4).
///
/// A token is renewed when four fifths of its life have passed, or when the server no longer takes it. However many
/// callers need a new one at the same time, it is asked for once. While a token still lives, a token endpoint that is
/// down is no failure.
actor TokenSource {
    /// A token, and which one it is: the first is 1.
    struct Token: Sendable, Hashable {
        let text: String
        let number: Int
    }

    private struct Grant {
        let text: String
        /// Seconds; `nil` when the server doesn't say.
        let lifetime: Double?
    }

    private struct Held {
        let token: Token
        /// In terms of the clock's uptime; `nil` for a token of unknown life.
        var renewAt: Duration?
        let expiresAt: Duration?
    }

    private let settings: SS12000Settings
    private let calls: RetryingCalls
    private let clock: ConnectorClock
    private let logger: Logger
    private var held: Held?
    private var count = 0
    private var lastTaken = 0
    /// How many calls are under way with each token.
    private var trials: [Int: Int] = [:]
    private var renewal: (task: Task<Grant, any Error>, waiters: Int, number: Int)?
    private var renewals = 0

    init(settings: SS12000Settings, calls: RetryingCalls, clock: ConnectorClock, logger: Logger) {
        self.settings = settings
        self.calls = calls
        self.clock = clock
        self.logger = logger
    }

    /// A token to use now.
    ///
    /// - Parameter refused: the token that the server has just refused.
    /// - Throws: ``ConnectorFailure``; `CancellationError`.
    func token(insteadOf refused: Token? = nil) async throws -> Token {
        let now = self.clock.uptime()
        if let held, held.token != refused {
            guard let renewAt = held.renewAt, now >= renewAt else { return held.token }
            do {
                return try await self.renewed()
            } catch let failure as ConnectorFailure where failure.kind == .systemUnavailable {
                // The old one may do a while longer; the next try comes later, not with every call.
                guard let expiresAt = held.expiresAt, self.clock.uptime() < expiresAt else { throw failure }
                self.logger.debug(
                    "The token could not be renewed; the old one is still good", metadata: ["code": "\(failure.code)"])
                if self.held?.token == held.token { self.held?.renewAt = now + (expiresAt - now) / 4 }
                return held.token
            }
        }
        return try await self.renewed()
    }

    /// A call sets out with a token.
    func isTried(_ token: Token) { self.trials[token.number, default: 0] += 1 }

    /// A call with a token has ended.
    ///
    /// - Parameter isTaken: whether the server took the token.
    /// - Returns: whether the server took the token, or a later one, from any call, or may yet take it from one that is under
    ///   way: replies come in another order than the server gives them.
    @discardableResult
    func wasTried(_ token: Token, isTaken: Bool) -> Bool {
        if isTaken { self.lastTaken = max(self.lastTaken, token.number) }
        let others = (self.trials[token.number] ?? 1) - 1
        self.trials[token.number] = others > 0 ? others : nil
        return token.number <= self.lastTaken || others > 0
    }

    /// Joins the renewal that is under way, or begins one.
    private func renewed() async throws -> Token {
        let began = self.clock.uptime()
        if self.renewal == nil {
            self.renewals += 1
            self.renewal = (Task { try await self.request() }, 0, self.renewals)
        }
        guard let renewal = self.renewal else { throw CancellationError() }
        self.renewal?.waiters += 1
        let result = await withTaskCancellationHandler {
            await renewal.task.result
        } onCancel: {
            Task { await self.leave(renewal.number) }
        }
        if self.renewal?.number == renewal.number {
            // The first to come back keeps the result for all.
            self.renewal = nil
            if case .success(let grant) = result { self.keep(grant, since: began) }
        }
        try Task.checkCancellation()
        _ = try result.get()
        guard let held else { throw CancellationError() }
        return held.token
    }

    /// A caller that waits for a renewal was cancelled; with the last one the renewal ends.
    private func leave(_ number: Int) {
        guard let renewal, renewal.number == number else { return }
        self.renewal?.waiters -= 1
        guard renewal.waiters <= 1 else { return }
        renewal.task.cancel()
        self.renewal = nil
    }

    private func keep(_ grant: Grant, since began: Duration) {
        self.count += 1
        let token = Token(text: grant.text, number: self.count)
        self.held = Held(
            token: token,
            renewAt: grant.lifetime.map { began + .seconds($0 * 0.8) },
            expiresAt: grant.lifetime.map { began + .seconds($0) })
        self.logger.debug("Got a token", metadata: ["lifetime_seconds": "\(grant.lifetime.map { "\($0)" } ?? "unknown")"])
    }

    private nonisolated func request() async throws -> Grant {
        let form = Percent.query([
            ("grant_type", "client_credentials"),
            ("client_id", try self.settings.clientID.resolve()),
            ("client_secret", try self.settings.clientSecret.resolve()),
        ])
        let call = HTTPCall(
            method: .post, url: self.settings.tokenURL,
            headers: [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")],
            body: Array(form.utf8))
        let target = CallTarget(name: "the token endpoint", setting: "connection.token_url", url: self.settings.tokenURL)
        let reply: HTTPReply
        do {
            reply = try await self.calls.send(call, to: target)
        } catch is CutShort {
            throw TransportError.cutShort.failure(of: target)
        }
        guard reply.status == 200 || reply.status == 201 else { throw self.refusal(reply, target) }
        guard let document = try? JSONValue(parsing: reply.body),
            let text = document["access_token"]?.stringValue, Self.isToken(text)
        else {
            throw ConnectorFailure(
                .malformedReply, code: .tokenUnreadable,
                message: "\(target): the reply holds no access_token; check that connection.token_url is the token endpoint")
        }
        return Grant(text: text, lifetime: Self.lifetime(document["expires_in"]))
    }

    /// RFC 6750, 2.1; anything else could not stand in a header.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// A number by the standard (RFC 6749, 5.1); some servers write it as a text.
    private static func lifetime(_ value: JSONValue?) -> Double? {
        let seconds: Double? =
            switch value {
            case .integer(let whole): Double(whole)
            case .number(let number): number
            case .string(let text): Double(text)
            default: nil
            }
        guard let seconds, seconds > 0, seconds < 1e9 else { return nil }
        return seconds
    }

    // MARK: Refusals

    /// RFC 6749, 5.2. Other words of a reply are not repeated: they may be anything.
    private static let knownErrors: Set<String> = [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
    ]

    private nonisolated func refusal(_ reply: HTTPReply, _ target: CallTarget) -> ConnectorFailure {
        let word = (try? JSONValue(parsing: reply.body))?["error"]?.stringValue.flatMap {
            Self.knownErrors.contains($0) ? $0 : nil
        }
        let said = word.map { "\(reply.status) \($0)" } ?? "\(reply.status)"
        switch reply.status {
        case 400, 401, 403:
            return ConnectorFailure(
                .misconfigured, code: .tokenRefused,
                message: "\(target) refused the client (\(said)): check connection.client_id and connection.client_secret, "
                    + "and that they are meant for this server")
        case 404, 405:
            return ConnectorFailure(
                .misconfigured, code: .tokenEndpointNotFound,
                message: "\(target) is not there (\(said)): check connection.token_url")
        default:
            return ConnectorFailure(
                .malformedReply, code: .tokenUnreadable,
                message: "\(target) answered \(said): check connection.token_url")
        }
    }
}
