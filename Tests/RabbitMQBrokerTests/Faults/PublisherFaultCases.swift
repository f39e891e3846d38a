import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// The broker, its connections or the network go away under a publisher.
    @Suite(.serialized) struct PublisherFaultCases {
        @Test(.timeLimit(.minutes(5))) func `P1 broker killed in the middle of a batch`() async throws {
            let node = try await TestNode.disturbed.value
            let first = try #require(node.processID)
            try await FaultCase.run { this in
                let log = LogListener()
                try await TestNode.withBroker(on: node, logger: log.logger) {
                    $0.newQueuePause = .milliseconds(1500)
                } _: { broker in
                    try await broker.declare(this.orderedTopology)
                    let count = this.random.number(5000...7000)
                    let isKilled = Observed(false)
                    let begun = this.publications(count, records: 200, to: this.queue)
                    // However slow the consumer is: batch after batch, so that death finds one under way.
                    async let published: Void = {
                        var batch = begun
                        while true {
                            try await this.publish(batch, through: broker)
                            if isKilled.value { return }
                            batch = this.publications(count, records: 200, to: this.queue)
                        }
                    }()
                    var mark: Int? = this.random.number(count / 10...count / 3)
                    try await this.consumeAll(through: broker) { applied in
                        guard let there = mark, applied >= there else { return }
                        mark = nil
                        try TestNode.kill(node)
                        isKilled.update { $0 = true }
                    }
                    try await published
                    try await log.hears("connected with the broker again")
                    #expect(mark == nil)
                }
                if node.processID != first { this.ledger.faultHappened("another process is the broker") }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P1 what was confirmed outlives the broker's death`() async throws {
            let node = try await TestNode.disturbed.value
            try await FaultCase.run { this in
                let first = try #require(node.processID)
                try await TestNode.withBroker(on: node) {
                    $0.newQueuePause = .milliseconds(1500)
                } _: { broker in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(1000, to: this.queue), through: broker)
                    try TestNode.kill(node)
                    try await this.consumeAll(through: broker)
                }
                #expect(this.ledger.now.repeats == 0)
                if node.processID != first { this.ledger.faultHappened("another process is the broker") }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P1 a queue made just before the broker's death is usable after it`() async throws {
            let node = try await TestNode.disturbed.value
            try await FaultCase.run { this in
                let first = try #require(node.processID)
                try await TestNode.withBroker(on: node) { broker in
                    try await broker.declare(this.topology)
                    try TestNode.kill(node)
                    try await this.publish(this.publications(10, to: this.queue), through: broker)
                    try await this.consumeAll(through: broker)
                }
                if node.processID != first { this.ledger.faultHappened("another process is the broker") }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P2 connections closed by the broker, publisher and consumer`() async throws {
            let node = try await TestNode.disturbed.value
            try await FaultCase.run { this in
                let log = LogListener()
                try await this.withProxiedBroker(on: node, log: log) { broker, proxy in
                    try await broker.declare(this.topology)
                    let count = this.random.number(3000...5000)
                    let publications = this.publications(count, to: this.queue)
                    async let published: Void = this.publish(publications, through: broker)
                    var marks = [count / 4, count / 2]
                    var isOver = false
                    try await this.consumeAll(through: broker) { applied in
                        if let mark = marks.first, applied >= mark {
                            marks.removeFirst()
                            try await TestNode.closeConnections(node)
                        } else if marks.isEmpty, !isOver, applied == count {
                            // What is sent after the kill arrives too.
                            isOver = true
                            try await this.publish(this.publications(10, to: this.queue), through: broker)
                        }
                    }
                    try await published
                    let closed = proxy.seen.value.connectionsClosedByBroker
                    for purpose in ["publish", "consume"]
                    where log.lines.contains(where: { $0.hasPrefix("no connection") && $0.contains(purpose) }) {
                        this.ledger.faultHappened("\(purpose) connection closed (\(closed) in all)")
                    }
                    #expect(this.ledger.now.evidence.count == 2)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P2 a queue that is gone after a closed connection is declared again`() async throws {
            let node = try await TestNode.disturbed.value
            try await FaultCase.run { this in
                let log = LogListener()
                try await TestNode.withBroker(on: node, logger: log.logger) { broker in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(1, to: this.queue), through: broker)
                    try await this.consumeAll(through: broker)
                    try await TestNode.deleteQueue(this.queue, node)
                    try await #expect(broker.depth(of: this.queue) == nil)
                    try await TestNode.closeConnections(node)
                    try await log.hears("no connection with the broker")
                    this.ledger.faultHappened("the queue was gone and the connection closed")
                    try await this.publish(this.publications(1, to: this.queue), through: broker)
                    try await this.consumeAll(through: broker)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P3 channel closed, connection alive`() async throws {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(1, to: this.queue), through: broker)
                    let before = proxy.seen.value
                    for _ in 0..<this.random.number(3...6) {
                        // No such exchange: the broker closes the channel, and all that shared it is sent again.
                        var publications = this.publications(this.random.number(1...60), to: this.queue)
                        let culprit = this.random.number(0...publications.count - 1)
                        publications[culprit].exchange = this.name
                        this.ledger.withdraw(publications[culprit].message.id)
                        let codes = try await broker.publish(publications).map(\.failureCode)
                        #expect(codes == publications.indices.map { $0 == culprit ? .unroutable : nil })
                    }
                    let closed = proxy.seen.value.channelsClosedByBroker - before.channelsClosedByBroker
                    #expect(proxy.seen.value.opened == before.opened, "the connection was kept")
                    if closed >= 3 { this.ledger.faultHappened("\(closed) channels closed on one connection") }
                    // Also the passive question for a queue that isn't there.
                    try await #expect(broker.depth(of: this.name + "-none") == nil)
                    try await this.consumeAll(through: broker)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P11 confirm lost after the broker stored the message`() async throws {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(1, to: this.queue), through: broker)
                    proxy.swallowConfirms()
                    let count = this.random.number(20...300)
                    let publications = this.publications(count, to: this.queue)
                    async let published: Void = this.publish(publications, through: broker)
                    // All are stored when the broker has confirmed all.
                    try await proxy.seen.wait(for: "swallowed confirms") { seen in
                        seen.confirms.contains { $0.tag == UInt64(count + 1) } && seen.swallowedConfirms > 0
                    }
                    proxy.cut(this.random.pick(TCPProxy.Cut.allCases))
                    try await published
                    try await #expect(broker.depth(of: this.queue) ?? 0 > count + 1)
                    try await this.consumeAll(through: broker)
                    try await this.drain(through: broker)
                    let repeats = this.ledger.now.repeats
                    if repeats > 0 { this.ledger.faultHappened("\(repeats) were stored twice, under the same ids") }
                }
            }
        }
    }
}
