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

    /// - Returns: the reply, whose status is 2xx.
    /// - Throws: ``ConnectorFailure`` saying what to look at.
    func send(_ call: HTTPCall) async throws -> HTTPReply {
        let reply: HTTPReply
        do {
            reply = try await self.calls.send(call, to: self.target)
        } catch is CutShort {
            throw TransportError.cutShort.failure(of: self.target)
        }
        guard (200...299).contains(reply.status) else {
            let isSecret = reply.status == 401 || reply.status == 403
            throw ConnectorFailure(
                .misconfigured, code: isSecret ? .secretRefused : .alarmRefused,
                message: "\(self.target) answers \(reply.status): check \(self.target.setting)"
                    + (isSecret ? " and the secret that goes with it" : ""))
        }
        return reply
    }

    func shutdown() async { await self.transport.shutdown() }
}
