import Foundation
import Messaging
import SchoolRecords
import Synchronization
import Testing

extension BrokerRequirement {
    static let lanes: [BrokerRequirement] = [
        .init("lanes keep the order within a key and work side by side across keys") { broker, names in
            try await broker.declareQueue(names.queue)
            let keys = ["a", "b", "c"]
            _ = try await broker.publish((0..<60).map { names.publication($0, key: keys[$0 % 3]) })
            let seen = Mutex<[String: [Int]]>([:])
            let meeting = Meeting(of: 3)
            try await broker.withSubscription(to: names.queue, prefetch: 60) { subscription in
                try await subscription.forEach(lanes: 3) { incoming in
                    let number = names.number(of: incoming)
                    // The first of each key wait for one another: only side by side do they all get here.
                    if number < 3 { await meeting.arrive() }
                    let count = seen.withLock { seen in
                        seen[incoming.partitionKey, default: []].append(number)
                        return seen.values.map(\.count).reduce(0, +)
                    }
                    if count == 60 { await subscription.stop() }
                    return .acknowledge
                }
            }
            for (index, key) in keys.enumerated() {
                #expect(seen.withLock { $0[key] } == Array(stride(from: index, to: 60, by: 3)))
            }
            try await #expect(broker.depth(of: names.queue) == 0)
        },
        .init("what a lane gives back comes again before what is behind it") { broker, names in
            try await broker.declareQueue(names.queue, deliveryLimit: 20)
            _ = try await broker.publish((0..<12).map { names.publication($0, key: $0 % 2 == 0 ? "even" : "odd") })
            let seen = Mutex<[Int]>([])
            let tries = Mutex(0)
            try await broker.withSubscription(to: names.queue, prefetch: 12) { subscription in
                try await subscription.forEach(lanes: 4) { incoming in
                    let number = names.number(of: incoming)
                    if number == 2,
                        tries.withLock({ tries in
                            tries += 1
                            return tries <= 3
                        })
                    {
                        return .giveBack
                    }
                    let count = seen.withLock { seen in
                        seen.append(number)
                        return seen.count
                    }
                    if count == 12 { await subscription.stop() }
                    return .acknowledge
                }
            }
            #expect(tries.withLock { $0 } == 4)
            let all = seen.withLock { $0 }
            #expect(all.filter { $0 % 2 == 0 } == [0, 2, 4, 6, 8, 10])
            #expect(all.filter { $0 % 2 == 1 } == [1, 3, 5, 7, 9, 11])
        },
        .init("a lane goes on past a message that the queue has given up") { broker, names in
            try await broker.declareQueue(names.queue("dead"))
            try await broker.declareQueue(names.queue, deliveryLimit: 2, deadLetterQueue: names.queue("dead"))
            _ = try await broker.publish([0].map { names.publication($0, key: "k") })
            try await broker.withSubscription(to: names.queue, prefetch: 8) { subscription in
                try await subscription.forEach(lanes: 4) { incoming in
                    guard names.number(of: incoming) == 0 else {
                        await subscription.stop()
                        return .acknowledge
                    }
                    // The second comes when the first is on its last try.
                    if incoming.deliveryCount == 2 { _ = try? await broker.publish([names.publication(1, key: "k")]) }
                    return .giveBack
                }
            }
            try await #expect(broker.drain(names.queue("dead"), 1).map(\.message.id) == [names.message(0).id])
        },
        .init("stopping lets handlers finish and gives back what nobody had begun") { broker, names in
            try await broker.declareQueue(names.queue)
            _ = try await broker.publish((0..<10).map { names.publication($0, key: "same") })
            let handled = Mutex(0)
            try await broker.withSubscription(to: names.queue, prefetch: 10) { subscription in
                try await subscription.forEach(lanes: 2) { _ in
                    await subscription.stop()
                    handled.withLock { $0 += 1 }
                    return .acknowledge
                }
            }
            let count = handled.withLock { $0 }
            #expect((1...10).contains(count))
            try await #expect(
                broker.drain(names.queue, 10 - count).map(\.message.id) == (count..<10).map { names.message($0).id })
        },
    ]

    static let partitions: [BrokerRequirement] = [
        .init("a further routing key reaches a queue once and isn't shown to anybody") { broker, names in
            try await broker.declareQueue(names.queue)
            try await broker.declare(
                Topology(
                    exchanges: [.init(name: names.exchange, kind: .topic)],
                    bindings: [
                        .init(exchange: names.exchange, queue: names.queue, routingKey: "slot.1.*"),
                        .init(exchange: names.exchange, queue: names.queue, routingKey: "record.#"),
                    ]))
            let publication = Publication(
                names.message(1), exchange: names.exchange, routingKey: "record.person",
                furtherRoutingKeys: ["slot.1.person", "slot.2.person"])
            try await #expect(broker.publish([publication]).map(\.failureCode) == [nil])
            let message = try await broker.drain(names.queue, 1)
            #expect(message.map(\.message) == [names.message(1)])
            #expect(message.map(\.routingKey) == ["record.person"])
            try await #expect(broker.depth(of: names.queue) == 0)
        },
        .init("every record has its partition, whatever the change") { broker, names in
            let partitioning = try #require(Partitioning(name: names.queue, count: 4))
            try await broker.declare(
                Topology(
                    exchanges: [.init(name: names.exchange, kind: .topic)],
                    queues: partitioning.queues.map { .init(name: $0, deliveryLimit: 20, singleActiveConsumer: true) },
                    bindings: partitioning.bindings(exchange: names.exchange, entities: ["person"])))
            let keys = (0..<40).map { RecordKey(.person, "\(names.prefix)-\($0)") }
            let outcomes = try await broker.publish(
                keys.enumerated().map { number, key in
                    Publication(
                        names.message(number), exchange: names.exchange, routingKey: "record.person.upserted.test",
                        furtherRoutingKeys: [Partitioning.routingKey(of: key)])
                })
            #expect(outcomes.allSatisfy { $0.failureCode == nil })
            for queue in partitioning.queues {
                let expected = keys.indices.filter { partitioning.queue(of: keys[$0].id) == queue }
                let messages = try await broker.drain(queue, expected.count)
                #expect(messages.map(\.message.id) == expected.map { names.message($0).id })
                try await #expect(broker.depth(of: queue) == 0)
            }
        },
        .init("a single active consumer that stops hands over when all it holds is settled") { broker, names in
            try await broker.declare(
                Topology(queues: [.init(name: names.queue, deliveryLimit: 20, singleActiveConsumer: true)]))
            _ = try await broker.publish((0..<6).map { names.publication($0) })
            let order = Mutex<[String]>([])
            let note: @Sendable (IncomingMessage) -> Void = { incoming in order.withLock { $0.append(incoming.message.id) } }
            try await broker.withSubscription(to: names.queue, prefetch: 3) { first in
                let held = try await first.holdTogether(3)
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        try await broker.withSubscription(to: names.queue, prefetch: 3) { second in
                            for _ in 0..<3 { note(try await second.take()) }
                        }
                    }
                    await first.stop()
                    for (index, incoming) in held.messages.enumerated() {
                        note(incoming)
                        held.settle([index], .acknowledge)
                    }
                    try await group.waitForAll()
                }
            }
            #expect(order.withLock { $0 } == (0..<6).map { names.message($0).id })
        },
    ]
}

/// Lets those who arrive wait until all are there.
private actor Meeting {
    private var missing: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(of count: Int) { self.missing = count }

    func arrive() async {
        self.missing -= 1
        guard self.missing > 0 else {
            for continuation in self.waiting { continuation.resume() }
            return
        }
        await withCheckedContinuation { self.waiting.append($0) }
    }
}

extension BrokerNames {
    fileprivate func publication(_ number: Int, key: String) -> Publication {
        Publication(
            self.message(number, headers: ["cloudEvents_partitionkey": .string(key)]), exchange: "", routingKey: self.queue)
    }

    fileprivate func number(of incoming: IncomingMessage) -> Int {
        Int(incoming.message.id.split(separator: "-").last ?? "") ?? -1
    }
}
