import Messaging
import MessagingTesting
import Testing

extension BrokerTests {
    @Suite(.serialized) struct Contract {
        @Test(.timeLimit(.minutes(1)), arguments: BrokerRequirement.all)
        func `RabbitMQ keeps the promise:`(_ requirement: BrokerRequirement) async throws {
            try await TestNode.withBroker(on: TestNode.shared.value) { try await requirement.verify($0) }
        }
    }
}
