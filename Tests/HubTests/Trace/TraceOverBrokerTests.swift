import ConnectorKit
import Foundation
import Messaging
import MessagingTesting
import RabbitMQBroker
import SchoolRecords
import Synchronization
import Testing

@testable import Hub

/// On a real store and a real RabbitMQ.
@Suite(.serialized) struct TraceOverBrokerTests {
    @Test(.timeLimit(.minutes(5))) func `every message on the wire has its trace, and it goes on into what is written`()
        async throws
    {
        try await FaultCase.run { this in
            try await FaultHub.with(this) { fault in
                let count = try await fault.fill(ScriptedSource(), persons: this.random.number(20...60))
                let target = RecordingTarget()
                try await fault.withBroker { broker in
                    // The broker gets everything twice, as it does when a confirm is lost.
                    let entries = try await fault.hub.store.next(limit: count)
                    _ = try await broker.publish(
                        entries.map { Publication($0.change.message, exchange: $0.exchange, routingKey: $0.routingKey) })
                    try await fault.run([fault.relay(broker), fault.delivery(target, broker)]) {
                        try await fault.isAtRest(broker)
                    }
                    var traces: [RecordKey: TraceContext] = [:]
                    var left = 2 * count
                    try await broker.withSubscription(to: FaultHub.tap, prefetch: 50) { subscription in
                        while left > 0, let delivery = try await subscription.next() {
                            let incoming = delivery.incoming
                            delivery.acknowledge()
                            this.ledger.apply(incoming)
                            left -= 1
                            guard case .string(let header)? = incoming.message.headers["traceparent"] else {
                                Issue.record("no traceparent")
                                continue
                            }
                            let key = try RecordChange(incoming.message).key
                            #expect(traces[key] == nil || traces[key]?.header == header, "the same however often it comes")
                            traces[key] = TraceContext(header)
                        }
                    }
                    this.ledger.faultHappened("\(this.ledger.now.repeats) sent twice")
                    #expect(traces.count == count && Set(traces.values.map(\.traceID)).count == count)
                    let writes = target.state.withLock { $0.batches.flatMap(\.writes) }
                    #expect(!writes.isEmpty)
                    for write in writes { #expect(write.trace == traces[write.record]) }
                    for (key, trace) in traces {
                        let passages = try await fault.hub.store.passages(of: key)
                        #expect(passages.last?.trace == trace.traceID && passages.last?.publishedAt != nil)
                    }

                    // Sent again it goes on with the same trace, as a step of its own.
                    let key = try #require(writes.first?.record)
                    try await fault.hub.store.redeliver([key], to: "unikum", reason: "retry")
                    let again = try #require(try await fault.hub.store.next(limit: 9).first?.change.trace)
                    #expect(again.traceID == traces[key]?.traceID && again.parentID != traces[key]?.parentID)
                }
            }
        }
    }
}
