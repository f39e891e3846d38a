import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// Messages that nobody can settle, and where they go.
    @Suite(.serialized) struct DeadLetterFaultCases {
        private func topology(_ this: FaultCase, limit: Int) -> Topology {
            Topology(queues: [
                .init(name: this.name + "-dead", deliveryLimit: 100),
                .init(name: this.queue, deliveryLimit: limit, deadLetterQueue: this.name + "-dead"),
            ])
        }

        private func reason(_ message: Message) -> HeaderValue? { message.headers["x-first-death-reason"] }

        @Test(.timeLimit(.minutes(5))) func `C11 poison at the head, small delivery limit: its neighbours live`() async throws {
            let node = try await TestNode.shared.value
            // The poison may share its record with a neighbour, which is done before it then.
            try await FaultCase.run(ordered: false) { this in
                try await TestNode.withBroker(on: node) { broker in
                    try await broker.declare(self.topology(this, limit: 2))
                    let publications = this.publications(this.random.number(10...60), records: 1000, to: this.queue)
                    let poison = publications[0].message.id
                    try await this.publish(publications, through: broker)
                    try await broker.withSubscription(to: this.queue, prefetch: this.random.number(2...20)) { subscription in
                        var tries = 0
                        while this.ledger.now.open > 1 || tries < 3 {
                            let held = try #require(try await subscription.hold())
                            if held.id == poison {
                                tries += 1
                                held.giveBack()
                            } else {
                                #expect(held.deliveryCount == 0)
                                this.ledger.apply(held.incoming)
                                held.acknowledge()
                            }
                        }
                    }
                    let dead = try await broker.collect(this.name + "-dead", 1)
                    #expect(dead.map(\.message.id) == [poison])
                    #expect(dead.compactMap { self.reason($0.message) } == [.string("delivery_limit")])
                    dead.forEach { this.ledger.apply($0.message) }
                    if !dead.isEmpty { this.ledger.faultHappened("the poison reached its limit") }
                    try await #expect(broker.depth(of: this.queue) == 0)
                    try await #expect(broker.depth(of: this.name + "-dead") == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `C11 a consumer that dies of the poison: within the hub's limit its neighbours live`()
            async throws
        {
            struct Crash: Error {}
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await TestNode.withBroker(on: node) { broker in
                    try await broker.declare(self.topology(this, limit: 100))
                    let count = this.random.number(10...40)
                    try await this.publish(this.publications(count, to: this.queue), through: broker)
                    let crashes = this.random.number(3...12)
                    for _ in 0..<crashes {
                        await #expect(throws: Crash.self) {
                            try await broker.withSubscription(to: this.queue, prefetch: 50) { subscription in
                                _ = try await subscription.hold(count)
                                throw Crash()
                            }
                        }
                    }
                    try await broker.withSubscription(to: this.queue, prefetch: 50) { subscription in
                        let held = try await subscription.hold(count)
                        // A crash counts for everything prefetched: that is why the hub's limit is so high.
                        #expect(held.allSatisfy { $0.deliveryCount == crashes })
                        if held.allSatisfy({ $0.deliveryCount == crashes }) {
                            this.ledger.faultHappened("\(crashes) crashes counted for each of \(count)")
                        }
                        for held in held {
                            this.ledger.apply(held.incoming)
                            held.acknowledge()
                        }
                    }
                    try await #expect(broker.depth(of: this.name + "-dead") == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `C12 delivery limit reached: parked once, the count is right`() async throws {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await TestNode.withBroker(on: node) { broker in
                    let limit = this.random.number(1...6)
                    try await broker.declare(self.topology(this, limit: limit))
                    try await this.publish(this.publications(this.random.number(1...5), to: this.queue), through: broker)
                    let count = this.ledger.now.open
                    var counts: [String: [Int64]] = [:]
                    try await broker.withSubscription(to: this.queue, prefetch: 1) { subscription in
                        for _ in 0..<count * (limit + 1) {
                            let held = try #require(try await subscription.hold())
                            counts[held.id, default: []].append(held.deliveryCount)
                            held.giveBack()
                        }
                    }
                    #expect(counts.values.allSatisfy { $0 == (0...limit).map(Int64.init) })
                    let dead = try await broker.collect(this.name + "-dead", count)
                    dead.forEach { this.ledger.apply($0.message) }
                    #expect(dead.allSatisfy { self.reason($0.message) == .string("delivery_limit") })
                    if dead.count == count { this.ledger.faultHappened("handed out \(limit + 1) times each") }
                    try await this.drain(from: this.name + "-dead", through: broker)
                    #expect(this.ledger.now.repeats == 0)
                    try await #expect(broker.depth(of: this.queue) == 0)
                }
            }
        }

        enum Obstacle: CaseIterable { case missing, deleted, full }

        @Test(.timeLimit(.minutes(5)), arguments: Obstacle.allCases)
        func `C13 dead-letter target missing, deleted or full: kept, told in the log, arrives later`(_ obstacle: Obstacle)
            async throws
        {
            let node = try await TestNode.disturbed.value
            try await FaultCase.run("\(obstacle)", ordered: false) { this in
                // Every three minutes by itself; asked when the queue is made.
                try await TestNode.control(
                    node, "eval", "application:set_env(rabbit, dead_letter_worker_publisher_confirm_timeout, 1000).")
                try await TestNode.withBroker(on: node) { broker in
                    let topology = self.topology(this, limit: 100)
                    let target = this.name + "-dead"
                    let count = this.random.number(10...25)
                    let publications = this.publications(count, to: this.queue)
                    switch obstacle {
                    case .missing:
                        try await broker.declare(Topology(queues: [topology.queues[1]]))
                        try await this.publish(publications, through: broker)
                    case .deleted:
                        try await broker.declare(topology)
                        try await this.publish(publications, through: broker)
                        try await TestNode.deleteQueue(target, node)
                    case .full:
                        try await broker.declare(topology)
                        try await this.publish(publications, through: broker)
                        try await TestNode.limit(target, to: 10, node)
                        try await self.fill(target, this, broker)
                    }
                    let before = try await broker.depth(of: target) ?? 0
                    // A broker object of its own: it doesn't know the target and doesn't declare it on the way.
                    try await TestNode.withBroker(on: node) { other in
                        try await other.withSubscription(to: this.queue, prefetch: count) { subscription in
                            for held in try await subscription.hold(count) { held.refuse() }
                        }
                    }
                    // Two questions of the operator's tool long.
                    for _ in 0..<2 { try await TestNode.control(node, "list_queues", "-p", NodeDirectory.virtualHost, "name") }
                    let there = try await broker.depth(of: target)
                    #expect(there ?? 0 < before + count)
                    let log = try String(contentsOfFile: node.logFile, encoding: .utf8)
                    let tells = log.split(separator: "\n").contains { $0.contains("dead-letter") && $0.contains(this.queue) }
                    if obstacle == .full {
                        if let there, there < before + count {
                            this.ledger.faultHappened("\(before) were there, \(there - before) of \(count) fitted")
                        }
                    } else if there == nil, tells {
                        this.ledger.faultHappened("there was no target, and the broker's log says so")
                    }
                    if obstacle != .full { try await broker.declare(topology) }
                    try await this.consumeAll(from: target, through: broker)
                    if obstacle == .full { try await TestNode.lift(target, node) }
                }
                try await TestNode.control(
                    node, "eval", "application:set_env(rabbit, dead_letter_worker_publisher_confirm_timeout, 180000).")
            }
        }

        /// Publishes until the queue refuses.
        private func fill(_ target: String, _ this: FaultCase, _ broker: RabbitMQBroker) async throws {
            while true {
                let publication = this.publications(1, to: target)
                guard try await broker.publish(publication)[0].failureCode != nil else { continue }
                return this.ledger.withdraw(publication[0].message.id)
            }
        }
    }
}
