import ConnectorKit
import Foundation
import Logging

/// Makes a call until it has an answer to act on, within bounds: waits out 429 and 503, tries again after 5xx and
/// errors of the network. Every other status is the caller's matter.
struct RetryingCalls: Sendable {
    let transport: any HTTPTransport
    var policy: RetryPolicy
    let clock: ConnectorClock
    let logger: Logger

    /// - Throws: ``ConnectorFailure`` when the other side is out of reach, down or misconfigured here;
    ///   ``CutShort`` when the reply ended before its end; `CancellationError`.
    func send(_ call: HTTPCall, to target: CallTarget) async throws -> HTTPReply {
        var call = call
        var failed = 0
        var throttled = 0
        var redirects = 0
        while true {
            try Task.checkCancellation()
            let wait: Duration
            do {
                let reply = try await self.transport.send(call)
                switch reply.status {
                case 429:
                    throttled += 1
                    wait = try self.askedWait(reply, target, failures: throttled, limit: self.policy.throttledAttempts)
                // 501 says that it never will.
                case 500, 502...599:
                    failed += 1
                    wait = try self.askedWait(reply, target, failures: failed, limit: self.policy.attempts)
                case 301, 302, 303, 307, 308:
                    redirects += 1
                    guard redirects <= 3, call.method == .get, let url = Self.sameServer(call.url, reply.location) else {
                        throw self.redirected(reply, target)
                    }
                    call.url = url
                    continue
                default: return reply
                }
            } catch let error as TransportError {
                failed += 1
                if error == .cutShort { throw CutShort() }
                guard error.isWorthARetry, failed < self.policy.attempts else { throw error.failure(of: target) }
                wait = self.policy.wait(after: failed)
                self.logger.debug("Trying again", metadata: ["target": "\(target)", "reason": "\(error)", "wait": "\(wait)"])
            }
            try await self.clock.sleep(wait)
        }
    }

    private func askedWait(
        _ reply: HTTPReply, _ target: CallTarget, failures: Int, limit: Int
    ) throws(ConnectorFailure) -> Duration {
        let asked = RetryAfter.seconds(reply.retryAfter, now: self.clock.now())
        let isThrottle = reply.status == 429
        guard failures < limit, asked ?? 0 <= self.policy.longestAskedWait.seconds else {
            throw ConnectorFailure(
                .systemUnavailable, code: isThrottle ? .tooManyRequests : .serverError,
                message:
                    "\(target) answered \(reply.status) \(failures < limit ? "and asks for a long wait" : "\(failures) times"); "
                    + (isThrottle ? "it allows fewer calls than are made" : "it fails itself; see its own log"),
                retryAfter: asked)
        }
        let wait = asked.map { Duration.seconds($0) } ?? self.policy.wait(after: failures)
        self.logger.debug("Asked to wait", metadata: ["target": "\(target)", "status": "\(reply.status)", "wait": "\(wait)"])
        return wait
    }

    /// Where a reply points to, if that is on the same server over the same scheme.
    private static func sameServer(_ url: String, _ location: String?) -> String? {
        guard let location, let base = URL(string: url), let target = URL(string: location, relativeTo: base)?.absoluteURL,
            target.scheme == base.scheme, target.host == base.host, target.port == base.port, target.user == nil
        else { return nil }
        return target.absoluteString
    }

    private func redirected(_ reply: HTTPReply, _ target: CallTarget) -> ConnectorFailure {
        let elsewhere = reply.location.flatMap { URLComponents(string: $0)?.host }.map { " to \($0)" } ?? ""
        return ConnectorFailure(
            .misconfigured, code: .redirected,
            message: "\(target) sends calls elsewhere (\(reply.status)\(elsewhere)), which is not followed, so that no "
                + "credentials go astray; set \(target.setting) to the final address")
    }
}

/// The reply began and ended before its end.
struct CutShort: Error {}

extension Duration {
    /// In seconds.
    var seconds: Double {
        Double(self.components.seconds) + Double(self.components.attoseconds) / 1e18
    }
}
