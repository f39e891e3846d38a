package import Messaging

/// Messages that a test took and settles one by one, in an order of its own.
package struct HeldTogether: Sendable {
    package private(set) var messages: [IncomingMessage] = []
    private var settler: (any DeliverySettler)?

    package init() {}

    package mutating func add(_ batch: consuming DeliveryBatch) {
        let (messages, settler) = batch.handOver()
        self.messages += messages
        self.settler = settler
    }

    package func settle(_ indices: some Sequence<Int>, _ verdict: Verdict) {
        self.settler?.settle(indices.map { self.messages[$0].token }, verdict)
    }
}

extension Subscription {
    /// Waits until so many messages were handed out and holds them unsettled.
    package func holdTogether(_ count: Int) async throws -> HeldTogether {
        var held = HeldTogether()
        while held.messages.count < count {
            guard let batch = try await self.nextBatch(limit: count - held.messages.count, linger: .seconds(1)) else {
                throw SubscriptionEnded()
            }
            held.add(batch)
        }
        return held
    }

    /// Takes one message and settles it at once.
    package func take(_ verdict: Verdict = .acknowledge) async throws -> IncomingMessage {
        guard let delivery = try await self.next() else { throw SubscriptionEnded() }
        let incoming = delivery.incoming
        delivery.settle(verdict)
        return incoming
    }

    /// Whether the subscription was stopped; a message that comes instead goes back.
    package func hasEnded() async throws -> Bool {
        guard let delivery = try await self.next() else { return true }
        delivery.giveBack()
        return false
    }
}

/// A subscription ended while a test waited for messages.
package struct SubscriptionEnded: Error {}
