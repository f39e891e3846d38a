import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// The network swallows everything and closes nothing. With a heartbeat of one second that must show after two.
    @Suite(.serialized) struct DeadLink {
        private func withProxiedBroker(_ body: (RabbitMQBroker, TCPProxy) async throws -> Void) async throws {
            let node = try await TestNode.shared.value
            let proxy = try TCPProxy(to: TestNode.configuration(node).port)
            defer { proxy.close() }
            try await TestNode.withBroker(on: node) {
                $0.port = proxy.port
                $0.heartbeat = .seconds(1)
                $0.requestTimeout = .seconds(3)
            } _: {
                try await body($0, proxy)
            }
        }

        @Test(.timeLimit(.minutes(1))) func `an idle publisher notices by itself and publishes again`() async throws {
            let names = Names()
            try await self.withProxiedBroker { broker, proxy in
                try await broker.declare(names.topology)
                _ = try await broker.publish([names.publication(1)])
                let began = ContinuousClock.now
                proxy.freeze()
                for await _ in proxy.givenUp { break }
                #expect(ContinuousClock.now - began < .seconds(5))
                let outcomes = try await broker.publish([names.publication(2)])
                #expect(outcomes.map(\.failureCode) == [nil])
            }
        }

        @Test(.timeLimit(.minutes(1)), arguments: [200, 60_000])
        func `a busy publisher gets all its confirms over a new connection`(_ bytes: Int) async throws {
            let names = Names()
            try await self.withProxiedBroker { broker, proxy in
                try await broker.declare(names.topology)
                _ = try await broker.publish([names.publication(0)])
                proxy.freeze(afterBytes: bytes * 50)
                let began = ContinuousClock.now
                let outcomes = try await broker.publish((0..<400).map { names.publication($0, bytes: bytes) })
                #expect(outcomes.count == 400 && outcomes.allSatisfy { $0.failureCode == nil })
                #expect(ContinuousClock.now - began < .seconds(15))
                let messages = try await broker.collect(names.queue, 400)
                #expect(messages.count == 400)
            }
        }

        @Test(.timeLimit(.minutes(1))) func `a consumer comes back and gets what was published meanwhile`() async throws {
            let names = Names()
            let direct = try await TestNode.shared.value
            try await self.withProxiedBroker { broker, proxy in
                try await broker.declare(names.topology)
                try await TestNode.withBroker(on: direct) { other in
                    _ = try await other.publish([names.publication(1)])
                    try await broker.withSubscription(to: names.queue, prefetch: 10) { subscription in
                        _ = try await subscription.take()
                        proxy.freeze()
                        _ = try await other.publish([names.publication(2)])
                        let began = ContinuousClock.now
                        var ids: [String] = []
                        // The first may come again: its acknowledgement may not have got through.
                        while ids.last != names.publication(2).message.id {
                            ids.append(try await subscription.take().message.id)
                        }
                        #expect(ContinuousClock.now - began < .seconds(10))
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(1))) func `a scope on a dead link ends in time`() async throws {
            let names = Names()
            try await self.withProxiedBroker { broker, proxy in
                try await broker.declare(names.topology)
                let began = ContinuousClock.now
                _ = try await broker.publish([names.publication(1)])
                try await broker.withSubscription(to: names.queue, prefetch: 10) { subscription in
                    _ = try await subscription.next()
                    proxy.freeze()
                }
                await broker.close()
                #expect(ContinuousClock.now - began < .seconds(10))
            }
        }
    }
}
