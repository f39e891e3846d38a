import Messaging

/// One delivery in a test's hand.
final class Held {
    let incoming: IncomingMessage
    private let subscription: any Subscription

    init(_ incoming: IncomingMessage, _ subscription: any Subscription) {
        self.incoming = incoming
        self.subscription = subscription
    }

    var id: String { self.incoming.message.id }
    var deliveryCount: Int64 { self.incoming.deliveryCount }

    func acknowledge() async throws { try await self.subscription.acknowledge([self.incoming.token]) }
    func giveBack() async throws { try await self.subscription.giveBack([self.incoming.token]) }
    func refuse() async throws { try await self.subscription.refuse([self.incoming.token]) }
}

extension Subscription {
    /// The next delivery, to be settled by the test.
    func hold() async throws -> Held? { try await self.next().map { Held($0, self) } }

    /// So many deliveries, all unsettled.
    func hold(_ count: Int) async throws -> [Held] {
        var held: [Held] = []
        while held.count < count, let next = try await self.hold() { held.append(next) }
        return held
    }

    /// Takes a batch, has each message applied, and acknowledges it.
    ///
    /// - Returns: false when the subscription was stopped.
    func settle(_ limit: Int, _ apply: (IncomingMessage) -> Void) async throws -> Bool {
        let batch = try await self.nextBatch(limit: limit, linger: .zero)
        batch.forEach(apply)
        try await self.acknowledge(batch.map(\.token))
        return !batch.isEmpty
    }
}
