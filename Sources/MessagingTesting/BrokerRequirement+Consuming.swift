import Foundation
import Messaging
import Testing

extension BrokerRequirement {
    static let consuming: [BrokerRequirement] = [
        .init("a subscription gets messages published after it began") { broker, names in
            try await broker.declareQueue(names.queue)
            let id = try await broker.withSubscription(to: names.queue, prefetch: 1) { subscription in
                async let published = broker.publish([names.publication(1)])
                let message = try await subscription.take()
                _ = try await published
                return message.message.id
            }
            #expect(id == names.message(1).id)
        },
        .init("a batch holds what is there, within its limit") { broker, names in
            try await broker.declareQueue(names.queue)
            _ = try await broker.publish((0..<30).map { names.publication($0) })
            try await broker.withSubscription(to: names.queue, prefetch: 100) { subscription in
                var sizes: [Int] = []
                var ids: [String] = []
                while ids.count < 30, let batch = try await subscription.nextBatch(limit: 20, linger: .seconds(1)) {
                    sizes.append(batch.messages.count)
                    ids += batch.messages.map(\.message.id)
                    batch.acknowledge()
                }
                #expect(sizes.allSatisfy { (1...20).contains($0) })
                #expect(ids == (0..<30).map { names.message($0).id })
            }
        },
        .init("no more than the prefetch is handed out unsettled") { broker, names in
            try await broker.declareQueue(names.queue)
            _ = try await broker.publish((0..<10).map { names.publication($0) })
            try await broker.withSubscription(to: names.queue, prefetch: 3) { subscription in
                let held = try await subscription.holdTogether(3)
                // A second consumer gets the fourth: the first can't have it.
                let other = try await broker.drain(names.queue, 7)
                #expect(other.map(\.message.id) == (3..<10).map { names.message($0).id })
                held.settle(0..<3, .acknowledge)
                _ = try await broker.publish([names.publication(10)])
                try await #expect(subscription.take().message.id == names.message(10).id)
            }
        },
        .init("a subscription to a missing queue fails and names it") { broker, names in
            let error = await #expect(throws: BrokerError.self) {
                try await broker.withSubscription(to: names.queue, prefetch: 1) { _ = try await $0.next() }
            }
            #expect(error?.code == .queueMissing)
            #expect(error?.message.contains(names.queue) == true)
        },
        .init("stop ends the wait for the next message with nil") { broker, names in
            try await broker.declareQueue(names.queue)
            try await broker.withSubscription(to: names.queue, prefetch: 1) { subscription in
                async let hasEnded = subscription.hasEnded()
                await subscription.stop()
                try await #expect(hasEnded)
                try await #expect(subscription.hasEnded(), "and stays so")
            }
        },
        .init("what was handed out before stop can be settled after it") { broker, names in
            try await broker.declareQueue(names.queue)
            _ = try await broker.publish((0..<2).map { names.publication($0) })
            try await broker.withSubscription(to: names.queue, prefetch: 1) { subscription in
                let held = try await subscription.holdTogether(1)
                await subscription.stop()
                held.settle([0], .acknowledge)
            }
            try await #expect(broker.drain(names.queue, 1).map(\.message.id) == [names.message(1).id])
        },
        .init("cancelling ends the wait for the next message") { broker, names in
            try await broker.declareQueue(names.queue)
            let task = Task {
                try await broker.withSubscription(to: names.queue, prefetch: 1) { _ = try await $0.next() }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await #expect(broker.depth(of: names.queue) == 0)
        },
        .init("cancelling one wait leaves the subscription usable") { broker, names in
            try await broker.declareQueue(names.queue)
            try await broker.withSubscription(to: names.queue, prefetch: 1) { subscription in
                let task = Task { try await subscription.hasEnded() }
                task.cancel()
                _ = await task.result
                _ = try await broker.publish([names.publication(1)])
                try await #expect(subscription.take().message.id == names.message(1).id)
            }
        },
        .init("two subscriptions share a queue and no message is lost or doubled") { broker, names in
            try await broker.declareQueue(names.queue)
            _ = try await broker.publish((0..<200).map { names.publication($0) })
            async let first = broker.drain(names.queue, 100, prefetch: 10)
            async let second = broker.drain(names.queue, 100, prefetch: 10)
            let ids = try await (first + second).map(\.message.id)
            #expect(Set(ids) == Set((0..<200).map { names.message($0).id }))
        },
    ]
}
