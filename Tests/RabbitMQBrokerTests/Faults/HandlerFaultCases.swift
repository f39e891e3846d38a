import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// Consumers that stop, are slow, or throw.
    @Suite(.serialized) struct HandlerFaultCases {
        @Test(.timeLimit(.minutes(5))) func `C7 graceful stop with messages prefetched`() async throws {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    let count = this.random.number(40...150)
                    try await this.publish(this.publications(count, to: this.queue), through: broker)
                    let inHand = this.random.number(1...10)
                    try await broker.withSubscription(to: this.queue, prefetch: 30) { subscription in
                        let held = try await subscription.hold(inHand)
                        try await proxy.seen.wait(for: "messages prefetched") { $0.deliveries >= 30 }
                        this.ledger.faultHappened("stopped with \(30 - inHand) prefetched, \(inHand) in hand")
                        await subscription.stop()
                        let more = try await subscription.hold()
                        #expect(more == nil)
                        for held in held {
                            this.ledger.apply(held.incoming)
                            held.acknowledge()
                        }
                    }
                    try await this.consumeAll(through: broker)
                    try await this.drain(through: broker)
                    #expect(this.ledger.now.repeats == 0, "what was settled after the stop was settled")
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `C19 slow handler: back-pressure and no redelivery`() async throws {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(500, to: this.queue), through: broker)
                    let prefetch = this.random.number(2...8)
                    try await broker.withSubscription(to: this.queue, prefetch: prefetch) { subscription in
                        for slow in 1...3 {
                            let held = try #require(try await subscription.hold())
                            let before = proxy.seen.value.heartbeatsToBroker
                            // As long as both sides give a sign of life twice; without one the link would be dropped.
                            try await proxy.seen.wait(for: "heartbeats during slow work") { $0.heartbeatsToBroker >= before + 3 }
                            #expect(proxy.seen.value.deliveries <= prefetch + slow - 1, "no more than the prefetch on the way")
                            this.ledger.apply(held.incoming)
                            held.acknowledge()
                        }
                        this.ledger.faultHappened("three messages took longer than a heartbeat")
                        while this.ledger.now.open > 0 { _ = try await subscription.settle(20, this.ledger.apply) }
                    }
                    #expect(this.ledger.now.redelivered == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `C20 the consumer throws: afterwards the broker has one again`() async throws {
            struct Crash: Error {}
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await TestNode.withBroker(on: node) { broker in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(100, to: this.queue), through: broker)
                    for crash in 1...5 {
                        await #expect(throws: Crash.self) {
                            try await broker.withSubscription(to: this.queue, prefetch: 20) { subscription in
                                for _ in 0..<this.random.number(0...10) {
                                    _ = try await subscription.settle(1, this.ledger.apply)
                                }
                                _ = try await subscription.hold()
                                this.ledger.faultHappened("crash \(crash)")
                                throw Crash()
                            }
                        }
                    }
                    try await broker.withSubscription(to: this.queue, prefetch: 20) { subscription in
                        _ = try await subscription.settle(1, this.ledger.apply)
                        try await #expect(TestNode.consumers(of: this.queue, node) == 1)
                        while this.ledger.now.open > 0 { _ = try await subscription.settle(20, this.ledger.apply) }
                    }
                    try await #expect(TestNode.consumers(of: this.queue, node) == 0)
                    #expect(this.ledger.now.repeats == 0)
                }
            }
        }
    }
}
