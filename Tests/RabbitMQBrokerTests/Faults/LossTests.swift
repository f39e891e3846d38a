import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// The broker, its connections or the network go away under load.
    @Suite(.serialized) struct Loss {
        /// Publishes and consumes at once; does `disturb` when a third and two thirds have arrived.
        private func load(on node: PrivateNode, pause: Duration = .zero, disturb: @escaping @Sendable () async throws -> Void)
            async throws
        {
            let names = Names()
            let count = 6000
            let log = LogListener()
            try await TestNode.withBroker(on: node, logger: log.logger) {
                $0.newQueuePause = pause
            } _: { broker in
                try await broker.declare(names.topology)
                async let published: Void = {
                    for start in stride(from: 0, to: count, by: 200) {
                        let outcomes = try await broker.publish((start..<start + 200).map { names.publication($0) })
                        #expect(outcomes.allSatisfy { $0.failureCode == nil })
                    }
                }()
                var marks = [count / 3, count * 2 / 3]
                let messages = try await broker.collect(names.queue, count) { arrived in
                    guard let mark = marks.first, arrived >= mark else { return }
                    marks.removeFirst()
                    try await disturb()
                }
                try await published
                #expect(Set(messages.map(\.message.id)) == Set((0..<count).map { names.publication($0).message.id }))
                #expect(marks.isEmpty)
                #expect(log.lines.contains { $0.hasPrefix("no connection with the broker") }, "the disturbance was felt")
            }
        }

        @Test(.timeLimit(.minutes(2))) func `killing the broker under load loses no message`() async throws {
            let node = try await TestNode.disturbed.value
            let first = try #require(node.processID)
            try await self.load(on: node, pause: .milliseconds(1500)) {
                let process = try #require(node.processID)
                #expect(kill(process, SIGKILL) == 0)
            }
            #expect(node.processID != first)
        }

        @Test(.timeLimit(.minutes(2))) func `confirmed messages outlive the broker's death`() async throws {
            let node = try await TestNode.disturbed.value
            let names = Names()
            try await TestNode.withBroker(on: node) {
                $0.newQueuePause = .milliseconds(1500)
            } _: { broker in
                try await broker.declare(names.topology)
                let outcomes = try await broker.publish((0..<1000).map { names.publication($0) })
                #expect(outcomes.allSatisfy { $0.failureCode == nil })
                kill(try #require(node.processID), SIGKILL)
                let messages = try await broker.collect(names.queue, 1000)
                #expect(messages.map(\.message.id) == (0..<1000).map { names.publication($0).message.id })
            }
        }

        @Test(.timeLimit(.minutes(2))) func `a queue made just before the broker's death is usable after it`() async throws {
            let node = try await TestNode.disturbed.value
            let names = Names()
            try await TestNode.withBroker(on: node) { broker in
                try await broker.declare(names.topology)
                kill(try #require(node.processID), SIGKILL)
                let outcomes = try await broker.publish([names.publication(1)])
                #expect(outcomes.map(\.failureCode) == [nil])
                try await #expect(broker.collect(names.queue, 1).count == 1)
            }
        }

        @Test(.timeLimit(.minutes(1))) func `connections closed by the broker come back and nothing is lost`() async throws {
            let node = try await TestNode.disturbed.value
            try await self.load(on: node) {
                try await TestNode.control(node, "close_all_connections", "--vhost", NodeDirectory.virtualHost, "test")
            }
        }

        @Test(.timeLimit(.minutes(1))) func `a queue that is gone after a lost connection is declared again`() async throws {
            let node = try await TestNode.disturbed.value
            let names = Names()
            let log = LogListener()
            try await TestNode.withBroker(on: node, logger: log.logger) { broker in
                try await broker.declare(names.topology)
                _ = try await broker.publish([names.publication(1)])
                try await TestNode.control(node, "delete_queue", "-p", NodeDirectory.virtualHost, names.queue)
                try await TestNode.control(node, "close_all_connections", "--vhost", NodeDirectory.virtualHost, "test")
                await log.hears("no connection with the broker")
                let outcomes = try await broker.publish([names.publication(2)])
                #expect(outcomes.map(\.failureCode) == [nil])
            }
        }

        @Test(.timeLimit(.minutes(1))) func `a settled token of a lost connection is ignored and its message comes again`()
            async throws
        {
            let node = try await TestNode.disturbed.value
            let names = Names()
            let log = LogListener()
            try await TestNode.withBroker(on: node, logger: log.logger) { broker in
                try await broker.declare(names.topology)
                _ = try await broker.publish((0..<2).map { names.publication($0) })
                try await broker.withSubscription(to: names.queue, prefetch: 1) { subscription in
                    let first = try await subscription.hold(1)
                    try await TestNode.control(node, "close_all_connections", "--vhost", NodeDirectory.virtualHost, "test")
                    let again = try await subscription.hold(1)
                    #expect(again.messages[0].message.id == first.messages[0].message.id)
                    #expect(again.messages[0].token != first.messages[0].token)
                    #expect(again.messages[0].deliveryCount == 1)
                    first.settle([0], .acknowledge)
                    first.settle([0], .giveBack)
                    again.settle([0], .acknowledge)
                    try await #expect(subscription.take().message.id == names.publication(1).message.id)
                }
            }
        }
    }
}
