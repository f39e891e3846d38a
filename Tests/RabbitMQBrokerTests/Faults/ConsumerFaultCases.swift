import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// A consumer loses its broker, its channel, its queue, or its head.
    @Suite(.serialized) struct ConsumerFaultCases {
        enum Loss: CaseIterable { case brokerKilled, connectionReset, connectionClosed }

        @Test(.timeLimit(.minutes(5)), arguments: Loss.allCases)
        func `C1 killed with messages prefetched: all come again and are applied once`(_ loss: Loss) async throws {
            let node = try await TestNode.disturbed.value
            try await FaultCase.run("\(loss)") { this in
                try await this.withProxiedBroker(on: node) {
                    $0.newQueuePause = .milliseconds(1500)
                } _: { broker, proxy in
                    try await broker.declare(this.orderedTopology)
                    let count = this.random.number(10...200)
                    try await this.publish(this.publications(count, to: this.queue), through: broker)
                    try await broker.withSubscription(to: this.queue, prefetch: 250) { subscription in
                        let held = try await subscription.hold(count)
                        #expect(held.allSatisfy { $0.deliveryCount == 0 })
                        switch loss {
                        case .brokerKilled: try TestNode.kill(node)
                        case .connectionReset: proxy.cut(.reset)
                        case .connectionClosed: try await TestNode.closeConnections(node)
                        }
                        while this.ledger.now.open > 0 { _ = try await subscription.settle(50, this.ledger.apply) }
                    }
                    #expect(this.ledger.now.repeats == 0)
                    let again = this.ledger.now.redelivered
                    if again == count { this.ledger.faultHappened("all \(count) were handed out before") }
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `C2 settling on a replaced channel does nothing`() async throws {
            let node = try await TestNode.disturbed.value
            try await FaultCase.run { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    let count = this.random.number(3...20)
                    try await this.publish(this.publications(count, to: this.queue), through: broker)
                    try await broker.withSubscription(to: this.queue, prefetch: count) { subscription in
                        let stale = try await subscription.hold(count)
                        proxy.cut(.reset)
                        let fresh = try await subscription.hold(count)
                        #expect(fresh.map(\.id) == stale.map(\.id))
                        if fresh.allSatisfy({ $0.deliveryCount == 1 }) { this.ledger.faultHappened("the channel was replaced") }
                        let before = proxy.seen.value
                        for held in this.random.shuffled(stale) {
                            switch this.random.number(0...2) {
                            case 0: held.acknowledge()
                            case 1: held.giveBack()
                            default: held.refuse()
                            }
                        }
                        for held in fresh {
                            this.ledger.apply(held.incoming)
                            held.acknowledge()
                        }
                        try await this.publish(this.publications(1, to: this.queue), through: broker)
                        _ = try await subscription.settle(1, this.ledger.apply)
                        let seen = proxy.seen.value
                        #expect(seen.channelsClosedByBroker == before.channelsClosedByBroker, "no tag was unknown to the broker")
                        #expect(seen.settlements.allSatisfy { !$0.isNegative }, "no stale word was sent")
                    }
                    try await #expect(broker.depth(of: this.queue) == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `C3 completed out of order: no acknowledgement takes others along`() async throws {
            let node = try await TestNode.shared.value
            // The test itself completes them in any order.
            try await FaultCase.run(ordered: false) { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    let count = this.random.number(20...120)
                    try await this.publish(this.publications(count, to: this.queue), through: broker)
                    var done: [Int] = []
                    let before = proxy.seen.value.settlements.count
                    try await broker.withSubscription(to: this.queue, prefetch: count) { subscription in
                        let held = try await subscription.hold(count)
                        done = Array(this.random.shuffled(Array(held.indices)).prefix(this.random.number(2...count - 1)))
                        for index in done {
                            this.ledger.apply(held[index].incoming)
                            held[index].acknowledge()
                        }
                    }
                    // What the broker was told covers exactly what was done.
                    var open = Set(1...UInt64(count))
                    for answer in proxy.seen.value.settlements[before...] {
                        open = open.filter { answer.multiple ? $0 > answer.tag : $0 != answer.tag }
                    }
                    #expect(open == Set(1...UInt64(count)).subtracting(done.map { UInt64($0 + 1) }))
                    if done != done.sorted() { this.ledger.faultHappened("\(done.count) done out of order") }
                    try await this.consumeAll(through: broker)
                    // RabbitMQ 3.10 may lose the last of many acknowledgements when their channel closes: a repeat, no loss.
                    #expect(this.ledger.now.redelivered - this.ledger.now.repeats == count - done.count)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `C4 held past the consumer timeout: the channel is rebuilt, applied once`()
            async throws
        {
            let node = try await TestNode.disturbed.value
            try await FaultCase.run { this in
                func set(timeout: Int, sweep: Int) async throws {
                    try await TestNode.control(
                        node, "eval",
                        """
                        application:set_env(rabbit, consumer_timeout, \(timeout)), \
                        application:set_env(rabbit, channel_tick_interval, \(sweep)).
                        """)
                }
                // The broker looks once a minute by itself.
                try await set(timeout: 1000, sweep: 500)
                let log = LogListener()
                try await this.withProxiedBroker(on: node, log: log) { broker, proxy in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(5, records: 1, to: this.queue), through: broker)
                    try await broker.withSubscription(to: this.queue, prefetch: 3) { subscription in
                        let late = try #require(try await subscription.hold())
                        let before = proxy.seen.value.channelsClosedByBroker
                        try await proxy.seen.wait(for: "channel closed by the consumer timeout") {
                            $0.channelsClosedByBroker > before
                        }
                        try await log.hears("no connection with the broker")
                        this.ledger.faultHappened("the broker closed the channel")
                        try await set(timeout: 2_592_000_000, sweep: 60_000)
                        late.acknowledge()
                        while this.ledger.now.open > 0 { _ = try await subscription.settle(3, this.ledger.apply) }
                    }
                    #expect(this.ledger.now.repeats == 0)
                    #expect(this.ledger.now.redelivered > 0)
                    try await #expect(broker.depth(of: this.queue) == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `C5 queue deleted under the consumer: it ends with an error that names it`()
            async throws
        {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(1, to: this.queue), through: broker)
                    let error = await #expect(throws: BrokerError.self) {
                        try await broker.withSubscription(to: this.queue, prefetch: 10) { subscription in
                            _ = try await subscription.settle(1, this.ledger.apply)
                            try await TestNode.deleteQueue(this.queue, node)
                            _ = try await subscription.next()
                        }
                    }
                    #expect(error?.code == .queueMissing)
                    #expect(error?.message.contains(this.queue) == true)
                    if proxy.seen.value.consumersCancelledByBroker == 1 { this.ledger.faultHappened("the broker cancelled it") }
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `C6 queue deleted and declared again at once: the consumer gets its messages`()
            async throws
        {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                let log = LogListener()
                try await this.withProxiedBroker(on: node, log: log) {
                    $0.consumerRenewal = .seconds(1)
                } _: { broker, _ in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(1, to: this.queue), through: broker)
                    try await broker.withSubscription(to: this.queue, prefetch: 10) { subscription in
                        _ = try await subscription.settle(1, this.ledger.apply)
                        let answer = try await TestNode.control(
                            node, "eval",
                            """
                            R = rabbit_misc:r(<<"\(NodeDirectory.virtualHost)">>, queue, <<"\(this.queue)">>), \
                            {ok, Q} = rabbit_amqqueue:lookup(R), A = amqqueue:get_arguments(Q), \
                            {ok, _} = rabbit_amqqueue:delete(Q, false, false, <<"test">>), \
                            {new, _} = rabbit_amqqueue:declare(R, true, false, A, none, <<"test">>), again.
                            """)
                        if answer.contains("again") { this.ledger.faultHappened("deleted and declared again in one go") }
                        try await this.publish(this.publications(20, to: this.queue), through: broker)
                        while this.ledger.now.open > 0 { _ = try await subscription.settle(10, this.ledger.apply) }
                    }
                }
            }
        }
    }
}
