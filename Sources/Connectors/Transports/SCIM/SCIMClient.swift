import ConnectorKit
import Foundation
import Logging

/// Calls a SCIM 2.0 server, let in as the settings say.
struct SCIMClient: Sendable {
    let settings: SCIMSettings
    let calls: RetryingCalls

    init(settings: SCIMSettings, transport: any HTTPTransport, policy: RetryPolicy, clock: ConnectorClock, logger: Logger) {
        self.settings = settings
        self.calls = RetryingCalls(transport: transport, policy: policy, clock: clock, logger: logger)
    }

    /// Sends a call to a path below the base address.
    ///
    /// - Parameters:
    ///   - body: JSON; nothing when it is empty.
    ///   - version: the one that the object must have there, for `If-Match`.
    ///   - name: the call in words that may stand in messages, e.g. `Users/{externalId}`.
    ///   - isRepeatable: whether the call made again does the same; otherwise it is made again only when it was refused undone.
    /// - Returns: the reply, whatever its status, but never 401, 403, 429 or 5xx.
    /// - Throws: ``ConnectorFailure``; ``CutShort``; `CancellationError`.
    func send(
        _ method: HTTPCall.Method, _ path: String, body: [UInt8] = [], version: String? = nil, name: String,
        isRepeatable: Bool = true
    ) async throws -> HTTPReply {
        let target = CallTarget(name: name, setting: "connection.base_url", url: self.settings.baseURL)
        var calls = self.calls
        if !isRepeatable { calls.policy.attempts = 1 }
        var headers = [("accept", self.settings.mediaType), ("user-agent", "Knutpunkt")]
        if !body.isEmpty { headers.append(("content-type", self.settings.mediaType)) }
        if let version { headers.append(("if-match", version)) }
        // Looked up at each call, so that a changed file counts from the next one on.
        switch self.settings.authorization {
        case .none: break
        case .bearer(let token): headers.append(("authorization", "Bearer \(try token.resolve())"))
        case .key(let header, let key): headers.append((header, try key.resolve()))
        }
        let call = HTTPCall(
            method: method, url: "\(self.settings.baseURL)/\(path)", headers: headers.map { (name: $0.0, value: $0.1) },
            body: body)
        let reply = try await calls.send(call, to: target)
        guard reply.status == 401 || reply.status == 403 else { return reply }
        throw self.refused(reply, target)
    }

    private func refused(_ reply: HTTPReply, _ target: CallTarget) -> ConnectorFailure {
        let way =
            switch self.settings.authorization {
            case .none: "connection.client_certificate"
            case .bearer: "connection.token"
            case .key: "connection.api_key"
            }
        if reply.status == 403 {
            return ConnectorFailure(
                .misconfigured, code: .accessDenied,
                message: "\(target) denies access (403): check \(way), and ask for the right to write there")
        }
        return ConnectorFailure(
            .misconfigured, code: .tokenNotAccepted,
            message: "\(target) does not let us in (401): check \(way), and that it belongs to connection.base_url")
    }
}
