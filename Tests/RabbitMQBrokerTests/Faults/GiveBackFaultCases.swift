import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// What is given back keeps its place.
    @Suite(.serialized) struct GiveBackFaultCases {
        @Test(.timeLimit(.minutes(5))) func `C16 given back: the place is kept with a delivery limit, and lost without one`()
            async throws
        {
            struct Crash: Error {}
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await TestNode.withBroker(on: node) { broker in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(120, records: 5, to: this.queue), through: broker)
                    // One at a time, now and then given back.
                    try await broker.withSubscription(to: this.queue, prefetch: 1) { subscription in
                        while this.ledger.now.open > 60 {
                            let held = try #require(try await subscription.hold())
                            if this.random.number(0...2) == 0, held.deliveryCount < 50 {
                                held.giveBack()
                            } else {
                                this.ledger.apply(held.incoming)
                                held.acknowledge()
                            }
                        }
                    }
                    // Many at a time; the first are done, then the consumer is gone.
                    for _ in 0..<5 {
                        await #expect(throws: Crash.self) {
                            try await broker.withSubscription(to: this.queue, prefetch: 12) { subscription in
                                for held in try await subscription.hold(12).prefix(this.random.number(0...8)) {
                                    this.ledger.apply(held.incoming)
                                    held.acknowledge()
                                }
                                throw Crash()
                            }
                        }
                    }
                    try await this.consumeAll(through: broker)
                    #expect(this.ledger.now.repeats == 0)
                    let again = this.ledger.now.redelivered
                    try await self.showWithoutLimit(this, broker, node)
                    if again > 0 { this.ledger.faultHappened("\(again) given back and applied in their places") }
                }
            }
        }

        /// Why every queue of the hub has a limit.
        private func showWithoutLimit(_ this: FaultCase, _ broker: RabbitMQBroker, _ node: PrivateNode) async throws {
            let queue = this.name + "-unlimited"
            try await TestNode.control(
                node, "eval",
                """
                rabbit_amqqueue:declare(rabbit_misc:r(<<"\(NodeDirectory.virtualHost)">>, queue, <<"\(queue)">>), true, false, \
                [{<<"x-queue-type">>, longstr, <<"quorum">>}], none, <<"test">>).
                """)
            let names = Names()
            try await this.publish(
                (0..<3).map { number in
                    var publication = names.publication(number)
                    publication.routingKey = queue
                    return publication
                }, through: broker)
            try await broker.withSubscription(to: queue, prefetch: 1) { subscription in
                let first = try #require(try await subscription.hold())
                first.giveBack()
                let second = try #require(try await subscription.hold())
                #expect(second.id != first.id, "the broker still puts it behind the others")
                if second.id != first.id { this.ledger.faultHappened("without a limit the second overtook the first") }
                second.acknowledge()
            }
        }

        enum Disorder: CaseIterable { case givenBack, cut, both }

        @Test(.timeLimit(.minutes(5)), arguments: Disorder.allCases)
        func `C16 given back in lanes: nothing of the same record overtakes`(_ disorder: Disorder) async throws {
            let node = try await TestNode.shared.value
            // What was given back stands in the queue in the order in which it was; when the channel is lost too, its
            // consumer can't tell any more. Receivers then go by the sequence, as with any repeat.
            try await FaultCase.run("\(disorder)", ordered: disorder != .both) { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(Topology(queues: [.init(name: this.queue, deliveryLimit: 10_000)]))
                    try await this.publish(this.publications(600, records: 12, to: this.queue), through: broker)
                    let cuts = Observed(this.random.shuffled([100, 250, 400].map { $0 + this.random.number(-50...50) }).sorted())
                    let givenBack = Observed(0)
                    try await broker.withSubscription(to: this.queue, prefetch: this.random.number(10...80)) { subscription in
                        let stopping = Task {
                            try await this.ledger.waitsForAll()
                            await subscription.stop()
                        }
                        try await subscription.forEach(lanes: this.random.number(2...10)) { incoming in
                            if this.random.number(0...9) == 0, disorder != .cut {
                                givenBack.update { $0 += 1 }
                                return .giveBack
                            }
                            this.ledger.apply(incoming)
                            let isDue = cuts.update { cuts in
                                guard let next = cuts.first, this.ledger.now.applied >= next else { return false }
                                cuts.removeFirst()
                                return true
                            }
                            if isDue, disorder != .givenBack { proxy.cut(.reset) }
                            return .acknowledge
                        }
                        try await stopping.value
                    }
                    let cut = proxy.seen.value.cut
                    if disorder == .cut || givenBack.value > 0, disorder == .givenBack || cut > 0 {
                        this.ledger.faultHappened("\(givenBack.value) given back, \(cut) connections cut")
                    }
                }
            }
        }
    }
}
