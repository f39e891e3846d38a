import Messaging
import MessagingTesting
import Testing

@Suite("The broker in memory keeps the broker's promises")
struct InMemoryBrokerTests {
    @Test(.timeLimit(.minutes(1)), arguments: BrokerRequirement.all)
    func `the broker in memory keeps its promise:`(_ requirement: BrokerRequirement) async throws {
        try await requirement.verify(InMemoryBroker())
    }

    @Test func `a closed broker says so`() async throws {
        let broker = InMemoryBroker()
        await broker.close()
        let error = await #expect(throws: BrokerError.self) { try await broker.publish([]) }
        #expect(error?.code == .closed)
    }

    @Test func `a deleted queue ends its consumers`() async throws {
        let broker = InMemoryBroker()
        try await broker.declare(Topology(queues: [.init(name: "q", deliveryLimit: 5)]))
        let error = await #expect(throws: BrokerError.self) {
            try await broker.withSubscription(to: "q", prefetch: 1) { subscription in
                async let message = subscription.take()
                broker.delete(queue: "q")
                _ = try await message
            }
        }
        #expect(error?.code == .queueMissing)
    }
}
