import ConnectorKit
import Foundation
import Logging

/// Asks an SS 12000:2020 server, with a token that is kept fresh.
struct SS12000Client: Sendable {
    /// Tokens that may die before one call goes through. Where a token is good for a few calls and many go side by side, one
    /// call may find each new token used up by the others; it is the server's word on a fresh token that tells a fault.
    private static let mostDeaths = 100

    let settings: SS12000Settings
    let calls: RetryingCalls
    let tokens: TokenSource

    init(
        settings: SS12000Settings, transport: any HTTPTransport, policy: RetryPolicy, clock: ConnectorClock, logger: Logger
    ) {
        self.settings = settings
        self.calls = RetryingCalls(transport: transport, policy: policy, clock: clock, logger: logger)
        self.tokens = TokenSource(settings: settings, calls: self.calls, clock: clock, logger: logger)
    }

    /// Gets what is at a path below the API's.
    ///
    /// - Parameters:
    ///   - name: the call in words that may stand in messages, e.g. `persons, page 3`.
    /// - Returns: the reply, whatever its status, but never 401, 403, 429 or 5xx.
    /// - Throws: ``ConnectorFailure``; ``CutShort``; `CancellationError`.
    func get(_ path: String, _ query: [(name: String, value: String)] = [], name: String) async throws -> HTTPReply {
        let suffix = query.isEmpty ? "" : "?" + Percent.query(query)
        return try await self.send(.get, path + suffix, name: name)
    }

    /// Sends a call to a path below the API's.
    ///
    /// - Parameters:
    ///   - isRepeatable: whether the call made again does the same; otherwise it is made again only when it was refused
    ///     undone (401, 403, 429).
    ///   - body: JSON; nothing when it is empty.
    ///   - name: the call in words that may stand in messages, e.g. `absences/{id}`.
    /// - Returns: the reply, whatever its status, but never 401, 403, 429 or 5xx.
    /// - Throws: ``ConnectorFailure``; ``CutShort``; `CancellationError`.
    func send(
        _ method: HTTPCall.Method, _ path: String, body: [UInt8] = [], name: String, isRepeatable: Bool = true
    ) async throws -> HTTPReply {
        let url = self.settings.baseURL + self.settings.apiPath + "/" + path
        let target = CallTarget(name: name, setting: "connection.base_url", url: self.settings.baseURL)
        var calls = self.calls
        if !isRepeatable { calls.policy.attempts = 1 }
        var token = try await self.tokens.token()
        var refusals = 0
        var deaths = 0
        while true {
            var headers = [("accept", "application/json"), ("authorization", "Bearer \(token.text)")]
            if !body.isEmpty { headers.append(("content-type", "application/json")) }
            let reply: HTTPReply
            await self.tokens.isTried(token)
            do {
                reply = try await calls.send(HTTPCall(method: method, url: url, headers: headers, body: body), to: target)
            } catch {
                await self.tokens.wasTried(token, isTaken: false)
                throw error
            }
            guard reply.status == 401 || reply.status == 403 else {
                await self.tokens.wasTried(token, isTaken: true)
                return reply
            }
            // A token that other calls have used, or may be using up, has died, however new it is.
            let isKnownGood = await self.tokens.wasTried(token, isTaken: false)
            if reply.status == 403 || !isKnownGood { refusals += 1 }
            deaths += 1
            // The first refusal may be of a token that died unused; a second one is of a token just had.
            guard refusals < 2, deaths < Self.mostDeaths else { throw self.refused(reply, target) }
            token = try await self.tokens.token(insteadOf: token)
        }
    }

    private func refused(_ reply: HTTPReply, _ target: CallTarget) -> ConnectorFailure {
        let code = ServerErrorCode(reply.body).map { " (\($0.text))" } ?? ""
        if reply.status == 403 {
            return ConnectorFailure(
                .misconfigured, code: .accessDenied,
                message: "\(target) denies access with a fresh token (403\(code)): ask for the rights of the client in "
                    + "connection.client_id, and check connection.api_path")
        }
        return ConnectorFailure(
            .misconfigured, code: .tokenNotAccepted,
            message: "\(target) does not take a fresh token (401\(code)): check that connection.token_url and "
                + "connection.base_url belong together, and connection.client_id and connection.client_secret")
    }
}
