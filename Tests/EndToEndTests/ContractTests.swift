import Foundation
import Hub
import KnutpunktApp
import Logging
import Messaging
import RabbitMQBroker
import SchoolRecords
import StandIns
import Testing

/// The public message contract, on the wire of a broker that isn't the hub's own.
@Suite("Other people's consumers get what the contract says", .serialized)
struct ContractTests {
    @Test(.timeLimit(.minutes(5)))
    func `a consumer's own queue gets every record as a persistent CloudEvent with SS 12000 JSON`() async throws {
        try await TemporaryDirectory.with { directory in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            try await PrivateNode.withPrivateNode(directory: directory + "/node", logger: logger) { node in
                var options = Rehearsal.Options(
                    scale: .small, seed: 11, directory: directory + "/hub", mappings: Program.mappings, executable: Program.path)
                options.brokerURL = node.url
                let broker = RabbitMQBroker(configuration: try RabbitMQConfiguration(url: node.url), logger: logger)
                try await broker.declare(
                    Topology(
                        exchanges: [.init(name: RecordChange.exchange, kind: .topic)],
                        queues: [.init(name: "reader.test", deliveryLimit: 10)],
                        bindings: [.init(exchange: RecordChange.exchange, queue: "reader.test", routingKey: "record.#")]))
                try await Rehearsal.with(options) { rehearsal in
                    try rehearsal.startHub()
                    try await rehearsal.waitUntilRunning()
                    try await rehearsal.settle()
                    let expected = try await rehearsal.context.status().records.values.reduce(0, +)
                    let changes = try await broker.withSubscription(to: "reader.test", prefetch: 1000) { subscription in
                        var seen: Set<RecordKey> = []
                        while seen.count < expected, let delivery = try await subscription.next() {
                            let incoming = delivery.incoming
                            let change = try RecordChange(incoming.message)
                            #expect(incoming.routingKey == change.routingKey)
                            #expect(incoming.message.contentType == "application/json")
                            #expect(incoming.message.id == change.id)
                            let body = try JSONValue(parsing: incoming.message.body)
                            #expect(try SchoolRecord.validate(change.key.entity, body) == body)
                            #expect(body["meta"]?["modified"]?.stringValue == change.time)
                            #expect(RFC3339.date(body["meta"]?["created"]?.stringValue ?? "") != nil)
                            #expect(body["id"]?.stringValue == change.key.id)
                            #expect(RFC3339.date(change.time) != nil)
                            seen.insert(change.key)
                            delivery.acknowledge()
                        }
                        return seen
                    }
                    #expect(changes.count == expected)
                    for person in rehearsal.municipality.protectedPersons { #expect(!changes.contains(person)) }
                }
                await broker.close()
            }
        }
    }
}
