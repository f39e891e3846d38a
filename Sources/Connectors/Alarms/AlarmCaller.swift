import ConnectorKit
import Foundation
import Logging
import SchoolRecords

/// Makes the calls of a sink, each once: what fails is told again later, after a look at what is there.
struct AlarmCaller: Sendable {
    let target: CallTarget
    private let calls: RetryingCalls
    private let transport: any HTTPTransport

    init(_ target: CallTarget, clock: ConnectorClock = .system, logger: Logger) {
        let transport = AsyncHTTPTransport(
            limits: .init(connect: .seconds(10), reply: .seconds(30), bytes: 4 << 20), tls: nil)
        var policy = RetryPolicy()
        policy.attempts = 1
        policy.throttledAttempts = 1
        self.target = target
        self.transport = transport
        self.calls = RetryingCalls(transport: transport, policy: policy, clock: clock, logger: logger)
    }

    /// - Parameter accepting: statuses beside 2xx whose replies the caller reads.
    /// - Returns: the reply, whose status is 2xx or one of those.
    /// - Throws: ``ConnectorFailure`` saying what to look at.
    func send(_ call: HTTPCall, accepting: Set<Int> = []) async throws -> HTTPReply {
        let reply: HTTPReply
        do {
            reply = try await self.calls.send(call, to: self.target)
        } catch is CutShort {
            throw TransportError.cutShort.failure(of: self.target)
        }
        guard (200...299).contains(reply.status) || accepting.contains(reply.status) else {
            throw self.refusal(reply.status)
        }
        return reply
    }

    /// What a status says that isn't 2xx.
    func refusal(_ status: Int) -> ConnectorFailure {
        let isSecret = status == 401 || status == 403
        return ConnectorFailure(
            .misconfigured, code: isSecret ? .secretRefused : .alarmRefused,
            message: "\(self.target) answers \(status): check \(self.target.setting)"
                + (isSecret ? " and the secret that goes with it" : ""))
    }

    func shutdown() async { await self.transport.shutdown() }
}
