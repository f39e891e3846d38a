import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension FaultCase {
    /// The one queue of most cases.
    var queue: String { self.name }

    var topology: Topology { Topology(queues: [.init(name: self.queue, deliveryLimit: 100)]) }

    /// The same with a single active consumer, as the hub's own queues have it. Without one a consumer that takes over may be
    /// served before the broker has put back what a dead one held, and records lose their order.
    var orderedTopology: Topology {
        Topology(queues: [.init(name: self.queue, deliveryLimit: 100, singleActiveConsumer: true)])
    }

    /// A broker behind a proxy of its own, quick to notice a dead link.
    func withProxiedBroker<Result: Sendable>(
        on node: PrivateNode, log: LogListener = LogListener(), _ change: (inout RabbitMQConfiguration) -> Void = { _ in },
        _ body: (RabbitMQBroker, TCPProxy) async throws -> Result
    ) async throws -> Result {
        let proxy = try TCPProxy(to: TestNode.configuration(node).port)
        defer { proxy.close() }
        return try await TestNode.withBroker(on: node, logger: log.logger) { configuration in
            configuration.port = proxy.port
            configuration.heartbeat = .seconds(1)
            configuration.requestTimeout = .seconds(3)
            change(&configuration)
        } _: {
            try await body($0, proxy)
        }
    }

    /// Takes and acknowledges until nothing in the books is open.
    func consumeAll(
        from queue: String? = nil, through broker: RabbitMQBroker, prefetch: Int? = nil,
        onCount: (Int) async throws -> Void = { _ in }
    ) async throws {
        let prefetch = prefetch ?? self.random.number(50...300)
        try await broker.withSubscription(to: queue ?? self.queue, prefetch: prefetch) { subscription in
            while self.ledger.now.open > 0, try await subscription.settle(self.random.number(1...80), self.ledger.apply) {
                try await onCount(self.ledger.now.applied)
            }
        }
    }

    /// Publishes and expects a confirm for each.
    func publish(
        _ publications: [Publication], through broker: RabbitMQBroker, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let outcomes = try await broker.publish(publications)
        #expect(outcomes.compactMap(\.failureCode) == [], sourceLocation: sourceLocation)
    }
}

extension FaultCase {
    /// Takes what is left in the queue: repeats, when the books are balanced. A mark sent behind them tells the end.
    func drain(from queue: String? = nil, through broker: RabbitMQBroker) async throws {
        let queue = queue ?? self.queue
        let mark = Message(id: "\(self.name)-end", contentType: "text/plain", body: Data())
        try await self.publish([Publication(mark, exchange: "", routingKey: queue)], through: broker)
        try await broker.withSubscription(to: queue, prefetch: 100) { subscription in
            let isOver = Observed(false)
            while !isOver.value {
                _ = try await subscription.settle(100) { incoming in
                    if incoming.message.id == mark.id { isOver.update { $0 = true } } else { self.ledger.apply(incoming) }
                }
            }
        }
    }
}
