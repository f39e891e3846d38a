import Messaging
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// Nobody is there, or somebody else.
    @Suite(.serialized) struct AddressTests {
        @Test(.timeLimit(.minutes(1))) func `a closed port is unreachable, and publishing to it times out`() async throws {
            let port = try FreePorts.pick(1)[0]
            try await TestNode.withBroker(on: TestNode.shared.value) {
                $0.port = port
                $0.publishDeadline = .seconds(1)
            } _: { broker in
                let unreachable = await #expect(throws: BrokerError.self) { try await broker.probe() }
                #expect(unreachable?.code == .unreachable)
                #expect(unreachable?.message.contains("127.0.0.1:\(port)") == true)
                let timedOut = await #expect(throws: BrokerError.self) { try await broker.publish([Names().publication(1)]) }
                #expect(timedOut?.code == .timedOut)
                #expect((timedOut?.cause as? BrokerError)?.code == .unreachable)
            }
        }

        @Test(.timeLimit(.minutes(1))) func `a host that is not known is unreachable and named`() async throws {
            try await TestNode.withBroker(on: TestNode.shared.value) {
                $0.host = "broker.invalid"
            } _: { broker in
                let error = await #expect(throws: BrokerError.self) { try await broker.probe() }
                #expect(error?.code == .unreachable)
                #expect(error?.message.contains("broker.invalid") == true)
            }
        }

        @Test(.timeLimit(.minutes(1))) func `cancelling a publish that waits for a broker ends it`() async throws {
            let port = try FreePorts.pick(1)[0]
            try await TestNode.withBroker(on: TestNode.shared.value) {
                $0.port = port
            } _: { broker in
                let task = Task { try await broker.publish([Names().publication(1)]) }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }

        @Test(.timeLimit(.minutes(1))) func `a plain port is no TLS port, and a file without certificates no trust`() async throws
        {
            let node = try await TestNode.shared.value
            try await TestNode.withBroker(on: node) {
                $0.usesTLS = true
            } _: { broker in
                let error = await #expect(throws: BrokerError.self) { try await broker.probe() }
                #expect(error?.code == .tlsFailed)
            }
            try await TestNode.withBroker(on: node) {
                $0.usesTLS = true
                $0.caFile = "/nowhere/ca.pem"
            } _: { broker in
                let error = await #expect(throws: BrokerError.self) { try await broker.probe() }
                #expect(error?.code == .tlsFailed)
                #expect(error?.message.contains("/nowhere/ca.pem") == true)
            }
        }

        @Test(.timeLimit(.minutes(1))) func `closing ends what is under way and what comes later`() async throws {
            let names = Names()
            try await TestNode.withBroker(on: TestNode.shared.value) { broker in
                try await broker.declare(names.topology)
                let consuming = Task {
                    try await broker.withSubscription(to: names.queue, prefetch: 1) { subscription in
                        _ = try await broker.publish([names.publication(1)])
                        while try await subscription.next() != nil { await broker.close() }
                    }
                }
                let error = await #expect(throws: BrokerError.self) { try await consuming.value }
                #expect(error?.code == .closed)
                let later = await #expect(throws: BrokerError.self) { try await broker.publish([names.publication(2)]) }
                #expect(later?.code == .closed)
            }
        }
    }
}
