import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SchoolRecords
public import ServiceLifecycle
import Synchronization

/// Posts a stand-in's notices to its subscribers, as soon as there are any. One that can't be posted is lost: subscribers read by
/// their schedule too.
public final class NoticePoster: Service {
    /// What became of the notices so far.
    public struct Outcome: Sendable, Hashable {
        /// Posted and answered with 2xx.
        public var taken = 0
        /// Answered otherwise, or not at all.
        public var lost = 0
        /// The traces of the latest that were taken: each notice begins one.
        public var traces: [String] = []
    }

    private let standIn: SS12000StandIn
    private let counts = Mutex(Outcome())

    /// Makes one; ``run()`` starts it.
    public init(_ standIn: SS12000StandIn) { self.standIn = standIn }

    /// What became of the notices so far.
    public var outcome: Outcome { self.counts.withLock { $0 } }

    /// Posts until it is cancelled or shut down.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    try await self.standIn.wait { $0.subscriptions.hasNotices }
                    for notice in await self.standIn.takeNotices() { await self.post(notice) }
                }
            }
        } catch is CancellationError {}
    }

    private func post(_ notice: SubscriptionNotice) async {
        var request = HTTPClientRequest(url: notice.target)
        request.method = .POST
        let trace = TraceContext.begin()
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "traceparent", value: trace.header)
        request.body = .bytes(ByteBuffer(bytes: Array(notice.body.canonicalData)))
        let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(5))
        // The connection goes back to the pool when the body has been read.
        _ = try? await response?.body.collect(upTo: 64 * 1024)
        let isTaken = response.map { (200...299).contains($0.status.code) } ?? false
        self.counts.withLock { outcome in
            guard isTaken else { return outcome.lost += 1 }
            outcome.taken += 1
            outcome.traces = outcome.traces.suffix(99) + [trace.traceID]
        }
    }
}
