import Foundation
import Messaging
import Testing

extension BrokerRequirement {
    static let settling: [BrokerRequirement] = [
        .init("unsettled messages go back when the scope ends, in order and counted") { broker, names in
            try await broker.declareQueue(names.queue)
            _ = try await broker.publish((0..<5).map { names.publication($0) })
            struct Interrupted: Error {}
            await #expect(throws: Interrupted.self) {
                try await broker.withSubscription(to: names.queue, prefetch: 10) { subscription in
                    var held: [IncomingMessage] = []
                    while held.count < 5 { held += try await subscription.nextBatch(limit: 5, linger: .seconds(1)) }
                    #expect(held.allSatisfy { $0.deliveryCount == 0 })
                    try await subscription.acknowledge([held[1].token])
                    throw Interrupted()
                }
            }
            let again = try await broker.drain(names.queue, 4)
            #expect(again.map(\.message.id) == [0, 2, 3, 4].map { names.message($0).id })
            #expect(again.allSatisfy { $0.deliveryCount == 1 })
        },
        .init("acknowledged messages don't come again, in whatever order they were acknowledged") { broker, names in
            try await broker.declareQueue(names.queue)
            _ = try await broker.publish((0..<20).map { names.publication($0) })
            let kept = [3, 4, 11, 19]
            try await broker.withSubscription(to: names.queue, prefetch: 50) { subscription in
                var held: [IncomingMessage] = []
                while held.count < 20 { held += try await subscription.nextBatch(limit: 20, linger: .seconds(1)) }
                let done = held.indices.filter { !kept.contains($0) }
                for part in [done.filter { $0 > 10 }, done.filter { $0 <= 10 }] {
                    try await subscription.acknowledge(part.reversed().map { held[$0].token })
                }
                // A second acknowledgement and an unknown token are ignored.
                try await subscription.acknowledge([held[0].token, DeliveryToken(tag: 9_999_999, generation: 1)])
            }
            let again = try await broker.drain(names.queue, kept.count)
            #expect(again.map(\.message.id) == kept.map { names.message($0).id })
            try await #expect(broker.depth(of: names.queue) == 0)
        },
        .init("a message given back comes again in its place, with its count") { broker, names in
            try await broker.declareQueue(names.queue)
            _ = try await broker.publish((0..<3).map { names.publication($0) })
            try await broker.withSubscription(to: names.queue, prefetch: 1) { subscription in
                for count in 0..<3 {
                    let message = try #require(try await subscription.next())
                    #expect(message.message.id == names.message(0).id)
                    #expect(message.deliveryCount == Int64(count))
                    try await subscription.giveBack([message.token])
                }
                let message = try #require(try await subscription.next())
                #expect(message.message == names.message(0), "the broker's own counters are no headers of ours")
                try await subscription.acknowledge([message.token])
                try await #expect(subscription.next()?.message.id == names.message(1).id)
            }
        },
        .init("a message given back too often goes to the dead-letter queue") { broker, names in
            try await broker.declareQueue(names.queue("dead"))
            try await broker.declareQueue(names.queue, deliveryLimit: 2, deadLetterQueue: names.queue("dead"))
            _ = try await broker.publish((0..<2).map { names.publication($0) })
            try await broker.withSubscription(to: names.queue, prefetch: 1) { subscription in
                for _ in 0..<3 {
                    let message = try #require(try await subscription.next())
                    #expect(message.message.id == names.message(0).id)
                    try await subscription.giveBack([message.token])
                }
                try await #expect(subscription.next()?.message.id == names.message(1).id)
            }
            let dead = try await broker.drain(names.queue("dead"), 1)
            #expect(dead.map(\.message.id) == [names.message(0).id])
            #expect(dead.map(\.message.body) == [names.message(0).body])
            #expect(dead.first?.message.headers["x-first-death-queue"] == .string(names.queue))
            #expect(dead.first?.message.headers["x-first-death-reason"] == .string("delivery_limit"))
        },
        .init("a refused message goes to the dead-letter queue") { broker, names in
            try await broker.declareQueue(names.queue("dead"))
            try await broker.declareQueue(names.queue, deadLetterQueue: names.queue("dead"))
            _ = try await broker.publish((0..<3).map { names.publication($0) })
            try await broker.withSubscription(to: names.queue, prefetch: 3) { subscription in
                var held: [IncomingMessage] = []
                while held.count < 3 { held += try await subscription.nextBatch(limit: 3, linger: .seconds(1)) }
                try await subscription.refuse([held[1].token])
                try await subscription.acknowledge([held[0].token, held[2].token])
            }
            let dead = try await broker.drain(names.queue("dead"), 1)
            #expect(dead.map(\.message.id) == [names.message(1).id])
            #expect(dead.first?.message.headers["x-first-death-reason"] == .string("rejected"))
            try await #expect(broker.depth(of: names.queue) == 0)
        },
    ]
}
