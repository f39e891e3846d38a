import Foundation
import Messaging
import SchoolRecords
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// The public message on a real broker.
    @Suite(.serialized) struct WireTests {
        @Test(.timeLimit(.minutes(1))) func `a record change goes over the wire persistent and comes back the same`() async throws
        {
            let node = try await TestNode.shared.value
            let change = RecordChange(
                id: UUID().uuidString.lowercased(), key: RecordKey(.person, UUID().uuidString.lowercased()), operation: .upserted,
                source: "edlevo", sequence: 7, time: "2026-11-23T08:00:00Z", trace: nil, body: Data(#"{"id":"å"}"#.utf8))
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
