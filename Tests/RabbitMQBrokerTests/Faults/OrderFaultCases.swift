import Foundation
import Messaging
import MessagingTesting
import SchoolRecords
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// The order of each record's states, when consumers change hands, give back, or share the work.
    @Suite(.serialized) struct OrderFaultCases {
        enum End: CaseIterable { case settled, halfSettled, killed }

        @Test(.timeLimit(.minutes(5)), arguments: End.allCases)
        func `C17 single-active-consumer hand-over overtakes nobody`(_ end: End) async throws {
            let node = try await TestNode.shared.value
            try await FaultCase.run("\(end)") { this in
                try await this.withProxiedBroker(on: node) { first, firstProxy in
                    try await this.withProxiedBroker(on: node) { second, secondProxy in
                        try await first.declare(
                            Topology(queues: [.init(name: this.queue, deliveryLimit: 100, singleActiveConsumer: true)]))
                        try await this.publish(this.publications(300, records: 5, to: this.queue), through: first)
                        let successor = Observed<Task<Void, any Error>?>(nil)
                        try await first.withSubscription(to: this.queue, prefetch: 40) { subscription in
                            let held = try await subscription.hold(this.random.number(4...30))
                            let task = Task { try await this.consumeAll(through: second) }
                            successor.update { $0 = task }
                            while try await TestNode.consumers(of: this.queue, node) < 2 { try Task.checkCancellation() }
                            await subscription.stop()
                            // The broker answers a question of the successor: what it had for it would be there by now.
                            try await second.probe()
                            #expect(secondProxy.seen.value.deliveries == 0, "nothing is handed over while something is in flight")
                            if end == .killed { return firstProxy.cut(.reset) }
                            for held in held.prefix(end == .settled ? held.count : held.count / 2) {
                                this.ledger.apply(held.incoming)
                                held.acknowledge()
                            }
                        }
                        try await successor.value?.value
                        #expect(this.ledger.now.repeats == 0)
                        if secondProxy.seen.value.deliveries > 0 { this.ledger.faultHappened("the other one took over") }
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `C18 same record, same partition, after a restart of the broker`() async throws {
            let node = try await TestNode.disturbed.value
            let first = try #require(node.processID)
            try await FaultCase.run { this in
                let partitioning = try #require(Partitioning(name: this.queue, count: this.random.number(2...5)))
                func publications() -> [Publication] {
                    this.publications(200, to: "").map { publication in
                        guard case .string(let id)? = publication.message.headers["cloudEvents_partitionkey"] else {
                            return publication
                        }
                        return Publication(
                            publication.message, exchange: this.name,
                            routingKey: Partitioning.routingKey(of: RecordKey(.person, id)))
                    }
                }
                try await TestNode.withBroker(on: node) {
                    $0.newQueuePause = .milliseconds(1500)
                } _: { broker in
                    try await broker.declare(
                        Topology(
                            exchanges: [.init(name: this.name, kind: .topic)],
                            queues: partitioning.queues.map {
                                .init(name: $0, deliveryLimit: 100, singleActiveConsumer: true)
                            },
                            bindings: partitioning.bindings(exchange: this.name, entities: ["person"])))
                    let places = Observed<[String: Set<String>]>([:])
                    try await this.publish(publications(), through: broker)
                    try await self.consumeAll(this, partitioning.queues, broker, places)
                    try TestNode.kill(node)
                    try await this.publish(publications(), through: broker)
                    try await self.consumeAll(this, partitioning.queues, broker, places)
                    #expect(places.value.count == 20)
                    for (record, queues) in places.value { #expect(queues == [partitioning.queue(of: record)]) }
                }
                if node.processID != first { this.ledger.faultHappened("another process is the broker") }
            }
        }

        /// Consumes several queues at once, and notes where each record was.
        private func consumeAll(
            _ this: FaultCase, _ queues: [String], _ broker: RabbitMQBroker, _ places: Observed<[String: Set<String>]>
        ) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for queue in queues {
                    group.addTask {
                        try await broker.withSubscription(to: queue, prefetch: 50) { subscription in
                            let stopping = Task {
                                try await this.ledger.waitsForAll()
                                await subscription.stop()
                            }
                            while try await subscription.settle(
                                20,
                                { incoming in
                                    places.update { _ = $0[incoming.partitionKey, default: []].insert(queue) }
                                    this.ledger.apply(incoming)
                                })
                            {}
                            try await stopping.value
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
