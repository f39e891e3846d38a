import Foundation
import Messaging
import MessagingTesting
import SchoolRecords
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// What the broker, or the address, does not let through.
    @Suite(.serialized) struct Refusal {
        @Test(.timeLimit(.minutes(1))) func `a wrong password is refused at once, everywhere, and not in the message`()
            async throws
        {
            let node = try await TestNode.shared.value
            let log = LogListener()
            let url = node.url.replacing(/:[0-9a-f]{48}@/, with: ":not-the-password@")
            let broker = RabbitMQBroker(configuration: try RabbitMQConfiguration(url: url), logger: log.logger)
            let attempts: [@Sendable () async throws -> Void] = [
                { try await broker.probe() }, { try await broker.declare(Topology()) },
                { _ = try await broker.publish([Names().publication(1)]) },
                { try await broker.withSubscription(to: "any", prefetch: 1) { _ = try await $0.next() } },
            ]
            let began = ContinuousClock.now
            for attempt in attempts {
                let error = await #expect(throws: BrokerError.self) { try await attempt() }
                #expect(error?.code == .accessRefused)
                #expect(error?.message.contains("knutpunkt") == true)
                #expect(error?.message.contains("not-the-password") == false)
            }
            #expect(ContinuousClock.now - began < .seconds(5))
            #expect(!log.lines.contains { $0.contains("not-the-password") })
            await broker.close()
        }

        @Test(.timeLimit(.minutes(1))) func `refused calls don't storm the broker`() async throws {
            let node = try await TestNode.shared.value
            let log = LogListener()
            let url = node.url.replacing(/:[0-9a-f]{48}@/, with: ":not-the-password@")
            var configuration = try RabbitMQConfiguration(url: url)
            configuration.reconnectDelay = .seconds(10)
            let broker = RabbitMQBroker(configuration: configuration, logger: log.logger)
            for _ in 0..<20 {
                let error = await #expect(throws: BrokerError.self) { try await broker.publish([Names().publication(1)]) }
                #expect(error?.code == .accessRefused)
            }
            #expect(log.lines.filter { $0.contains("no connection with the broker") }.count == 1)
            await broker.close()
        }

        @Test(.timeLimit(.minutes(1)), arguments: ["guest:guest@", "knutpunkt:@"])
        func `the node has no guest and no empty password`(_ login: String) async throws {
            let node = try await TestNode.shared.value
            let url = node.url.replacing(/knutpunkt:[0-9a-f]{48}@/, with: login)
            let broker = RabbitMQBroker(configuration: try RabbitMQConfiguration(url: url), logger: TestNode.quiet)
            let error = await #expect(throws: BrokerError.self) { try await broker.probe() }
            #expect(error?.code == .accessRefused)
        }

        @Test(.timeLimit(.minutes(1))) func `a vhost that is not there is refused and named`() async throws {
            try await TestNode.withBroker(on: TestNode.shared.value) {
                $0.virtualHost = "elsewhere"
            } _: { broker in
                let error = await #expect(throws: BrokerError.self) { try await broker.probe() }
                #expect(error?.code == .accessRefused)
                #expect(error?.message.contains("elsewhere") == true)
            }
        }

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

        @Test(.timeLimit(.minutes(1))) func `headers over the bound fail before they are sent and harm nothing`() async throws {
            let names = Names()
            try await TestNode.withBroker(on: TestNode.shared.value) { broker in
                try await broker.declare(names.topology)
                var publications = (0..<6).map { names.publication($0) }
                publications[1].message.headers["big"] = .string(String(repeating: "x", count: 140_000))
                publications[2].routingKey = String(repeating: "k", count: 256)
                publications[3].message.headers[String(repeating: "h", count: 129)] = .bool(true)
                publications[4].message.id = String(repeating: "i", count: 256)
                let codes = try await broker.publish(publications).map(\.failureCode)
                #expect(codes == [nil, .messageTooLarge, .messageTooLarge, .messageTooLarge, .messageTooLarge, nil])
                let messages = try await broker.collect(names.queue, 2)
                #expect(messages.map(\.message.id) == [0, 5].map { names.publication($0).message.id })
            }
        }

        @Test(.timeLimit(.minutes(1))) func `headers and bodies just within the bounds arrive`() async throws {
            let names = Names()
            try await TestNode.withBroker(on: TestNode.shared.value) { broker in
                try await broker.declare(names.topology)
                var publication = names.publication(1, bytes: 10 << 20)
                publication.message.headers = ["big": .string(String(repeating: "å", count: 16_000))]
                let outcomes = try await broker.publish([publication])
                #expect(outcomes.map(\.failureCode) == [nil])
                try await #expect(broker.collect(names.queue, 1).map(\.message) == [publication.message])
            }
        }

        @Test(.timeLimit(.minutes(1))) func `a queue deleted under its consumer ends it with an error that names it`()
            async throws
        {
            let node = try await TestNode.shared.value
            let names = Names()
            try await TestNode.withBroker(on: node) { broker in
                try await broker.declare(names.topology)
                _ = try await broker.publish([names.publication(1)])
                let error = await #expect(throws: BrokerError.self) {
                    try await broker.withSubscription(to: names.queue, prefetch: 10) { subscription in
                        _ = try await subscription.take()
                        try await TestNode.control(node, "delete_queue", "-p", NodeDirectory.virtualHost, names.queue)
                        _ = try await subscription.take()
                    }
                }
                #expect(error?.code == .queueMissing)
                #expect(error?.message.contains(names.queue) == true)
            }
        }

        @Test(.timeLimit(.minutes(1))) func `closing ends what is under way and what comes later`() async throws {
            let names = Names()
            try await TestNode.withBroker(on: TestNode.shared.value) { broker in
                try await broker.declare(names.topology)
                let consuming = Task {
                    try await broker.withSubscription(to: names.queue, prefetch: 1) { subscription in
                        _ = try await broker.publish([names.publication(1)])
                        _ = try await subscription.take()
                        await broker.close()
                        _ = try await subscription.take()
                    }
                }
                let error = await #expect(throws: BrokerError.self) { try await consuming.value }
                #expect(error?.code == .closed)
                let later = await #expect(throws: BrokerError.self) { try await broker.publish([names.publication(2)]) }
                #expect(later?.code == .closed)
            }
        }

        @Test(.timeLimit(.minutes(1))) func `a record change goes over the wire persistent and comes back the same`() async throws
        {
            let node = try await TestNode.shared.value
            let change = RecordChange(
                id: UUID().uuidString.lowercased(), key: RecordKey(.person, UUID().uuidString.lowercased()), operation: .upserted,
                source: "edlevo", sequence: 7, time: "2026-11-23T08:00:00Z", traceparent: nil, body: Data(#"{"id":"å"}"#.utf8))
            // A classic queue, which tells how many of its messages are persistent.
            let queue = "test.\(UUID().uuidString.lowercased())"
            try await TestNode.control(
                node, "eval",
                """
                rabbit_amqqueue:declare(rabbit_misc:r(<<"\(NodeDirectory.virtualHost)">>, queue, <<"\(queue)">>), \
                true, false, [], none, <<"test">>).
                """)
            let exchange = "test.\(UUID().uuidString.lowercased())"
            try await TestNode.withBroker(on: node) { broker in
                try await broker.declare(
                    Topology(
                        exchanges: [.init(name: exchange, kind: .topic)],
                        bindings: [.init(exchange: exchange, queue: queue, routingKey: "record.#")]))
                _ = try await broker.publish([Publication(change.message, exchange: exchange, routingKey: change.routingKey)])
                let counts = try await TestNode.control(
                    node, "list_queues", "-p", NodeDirectory.virtualHost, "--no-table-headers", "name", "messages_persistent")
                #expect(counts.split(separator: "\n").contains { $0.split(separator: "\t") == [Substring(queue), "1"] })
                let message = try #require(try await broker.collect(queue, 1).first)
                #expect(message.routingKey == "record.person.upserted.edlevo")
                #expect(try RecordChange(message.message) == change)
            }
        }
    }
}
