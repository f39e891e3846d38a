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
                    let held = try await subscription.holdTogether(5)
                    #expect(held.messages.allSatisfy { $0.deliveryCount == 0 })
                    held.settle([1], .acknowledge)
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
                let held = try await subscription.holdTogether(20)
                let done = held.messages.indices.filter { !kept.contains($0) }
                for part in [done.filter { $0 > 10 }, done.filter { $0 <= 10 }] {
                    held.settle(part.reversed(), .acknowledge)
                }
                // A second one can't be had by type; made by hand it is ignored.
                held.settle([0], .acknowledge)
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
                    let message = try await subscription.take(.giveBack)
                    #expect(message.message.id == names.message(0).id)
                    #expect(message.deliveryCount == Int64(count))
                }
                let message = try await subscription.take()
                #expect(message.message == names.message(0), "the broker's own counters are no headers of ours")
                try await #expect(subscription.take().message.id == names.message(1).id)
            }
        },
        .init("a message given back too often goes to the dead-letter queue") { broker, names in
            try await broker.declareQueue(names.queue("dead"))
            try await broker.declareQueue(names.queue, deliveryLimit: 2, deadLetterQueue: names.queue("dead"))
            _ = try await broker.publish((0..<2).map { names.publication($0) })
            try await broker.withSubscription(to: names.queue, prefetch: 1) { subscription in
                for _ in 0..<3 {
                    try await #expect(subscription.take(.giveBack).message.id == names.message(0).id)
                }
                try await #expect(subscription.take().message.id == names.message(1).id)
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
                let held = try await subscription.holdTogether(3)
                held.settle([1], .refuse)
                held.settle([0, 2], .acknowledge)
            }
            let dead = try await broker.drain(names.queue("dead"), 1)
            #expect(dead.map(\.message.id) == [names.message(1).id])
            #expect(dead.first?.message.headers["x-first-death-reason"] == .string("rejected"))
            try await #expect(broker.depth(of: names.queue) == 0)
        },
        .init("a delivery that is dropped goes back") { broker, names in
            try await broker.declareQueue(names.queue)
            _ = try await broker.publish((0..<4).map { names.publication($0) })
            try await broker.withSubscription(to: names.queue, prefetch: 1) { subscription in
                _ = try await subscription.next()
                let again = try await subscription.take()
                #expect(again.message.id == names.message(0).id)
                #expect(again.deliveryCount == 1)
                _ = try await subscription.nextBatch(limit: 1, linger: .zero)
                try await #expect(subscription.take().message.id == names.message(1).id)
            }
        },
        .init("a batch settles each message as it is told, and goes back whole on an error") { broker, names in
            try await broker.declareQueue(names.queue("dead"))
            try await broker.declareQueue(names.queue, deadLetterQueue: names.queue("dead"))
            _ = try await broker.publish((0..<2).map { names.publication($0) })
            struct Interrupted: Error {}
            try await broker.withSubscription(to: names.queue, prefetch: 2) { subscription in
                guard let batch = try await subscription.nextBatch(limit: 2, linger: .seconds(5)) else { throw Interrupted() }
                do {
                    try batch.settle { _ in throw Interrupted() }
                    Issue.record("the error was swallowed")
                } catch is Interrupted {}
                guard let again = try await subscription.nextBatch(limit: 2, linger: .seconds(5)) else { throw Interrupted() }
                #expect(again.messages.map(\.deliveryCount) == [1, 1])
                again.settle { $0.message.id == names.message(0).id ? .refuse : .acknowledge }
            }
            try await #expect(broker.drain(names.queue("dead"), 1).map(\.message.id) == [names.message(0).id])
            try await #expect(broker.depth(of: names.queue) == 0)
        },
    ]
}
