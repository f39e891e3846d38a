import Messaging
import MessagingTesting

/// One delivery in a test's hand.
final class Held {
    let incoming: IncomingMessage
    private let settler: any DeliverySettler

    init(_ incoming: IncomingMessage, _ settler: any DeliverySettler) {
        self.incoming = incoming
        self.settler = settler
    }

    var id: String { self.incoming.message.id }
    var deliveryCount: Int64 { self.incoming.deliveryCount }

    // Not by consuming: these tests settle twice, late and out of order on purpose.
    func acknowledge() { self.settler.settle([self.incoming.token], .acknowledge) }
    func giveBack() { self.settler.settle([self.incoming.token], .giveBack) }
    func refuse() { self.settler.settle([self.incoming.token], .refuse) }
}

extension Subscription {
    /// The next delivery, to be settled by the test.
    func hold() async throws -> Held? {
        guard let batch = try await self.nextBatch(limit: 1, linger: .zero) else { return nil }
        let (messages, settler) = batch.handOver()
        return Held(messages[0], settler)
    }

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
        guard let batch = try await self.nextBatch(limit: limit, linger: .zero) else { return false }
        batch.messages.forEach(apply)
        batch.acknowledge()
        return true
    }
}
