import Foundation
import Messaging
import Testing

extension BrokerRequirement {
    static let routing: [BrokerRequirement] = [
        .init("bindings route by pattern") { broker, names in
            let queues = ["all", "persons", "deleted", "exact"]
            try await broker.declare(
                Topology(
                    exchanges: [.init(name: names.exchange, kind: .topic)],
                    queues: queues.map { .init(name: names.queue($0), deliveryLimit: 20) },
                    bindings: [
                        .init(exchange: names.exchange, queue: names.queue("all"), routingKey: "record.#"),
                        .init(exchange: names.exchange, queue: names.queue("persons"), routingKey: "record.person.*.edlevo"),
                        .init(exchange: names.exchange, queue: names.queue("deleted"), routingKey: "#.deleted.*"),
                        .init(exchange: names.exchange, queue: names.queue("deleted"), routingKey: "record.duty.deleted.#"),
                        .init(exchange: names.exchange, queue: names.queue("exact"), routingKey: "record"),
                    ]))
            let keys = [
                "record.person.upserted.edlevo", "record.person.deleted.edlevo", "record.duty.deleted.edlevo", "record",
                "record.person.upserted.edlevo.more", "records.person",
            ]
            let publications = keys.enumerated().map { Publication(names.message($0), exchange: names.exchange, routingKey: $1) }
            let codes = try await broker.publish(publications).map(\.failureCode)
            #expect(codes == [nil, nil, nil, nil, nil, .unroutable])
            let expected = ["all": [0, 1, 2, 3, 4], "persons": [0, 1], "deleted": [1, 2], "exact": [3]]
            for (queue, numbers) in expected {
                let received = try await broker.drain(names.queue(queue), numbers.count)
                #expect(received.map(\.message.id) == numbers.map { names.message($0).id }, "queue \(queue)")
                #expect(received.map(\.routingKey) == numbers.map { keys[$0] })
                #expect(received.allSatisfy { $0.exchange == names.exchange })
                try await #expect(broker.depth(of: names.queue(queue)) == 0, "a message comes once, also by two bindings")
            }
        }
    ]

    static let topology: [BrokerRequirement] = [
        .init("declaring the same again changes nothing") { broker, names in
            let topology = Topology(
                exchanges: [.init(name: names.exchange, kind: .topic)],
                queues: [
                    .init(name: names.queue("dead"), deliveryLimit: 20),
                    .init(
                        name: names.queue, deliveryLimit: 7, deadLetterQueue: names.queue("dead"), singleActiveConsumer: true),
                ],
                bindings: [.init(exchange: names.exchange, queue: names.queue, routingKey: "#")])
            try await broker.declare(topology)
            _ = try await broker.publish([Publication(names.message(1), exchange: names.exchange, routingKey: "a.b")])
            try await broker.declare(topology)
            try await #expect(broker.drain(names.queue, 1).count == 1)
        },
        .init("declaring a queue with other arguments is a conflict that names it") { broker, names in
            try await broker.declareQueue(names.queue, deliveryLimit: 5)
            let error = await #expect(throws: BrokerError.self) {
                try await broker.declareQueue(names.queue, deliveryLimit: 6)
            }
            #expect(error?.code == .topologyConflict)
            #expect(error?.message.contains(names.queue) == true)
        },
        .init("declaring an exchange of another kind is a conflict that names it") { broker, names in
            try await broker.declare(Topology(exchanges: [.init(name: names.exchange, kind: .topic)]))
            let error = await #expect(throws: BrokerError.self) {
                try await broker.declare(Topology(exchanges: [.init(name: names.exchange, kind: .fanout)]))
            }
            #expect(error?.code == .topologyConflict)
            #expect(error?.message.contains(names.exchange) == true)
        },
        .init("binding to what is not there fails and names it") { broker, names in
            let error = await #expect(throws: BrokerError.self) {
                try await broker.declare(
                    Topology(bindings: [.init(exchange: names.exchange, queue: names.queue, routingKey: "#")]))
            }
            #expect(error?.code == .misconfigured)
            #expect(error?.message.contains(names.queue) == true)
        },
        .init("the depth counts ready messages, and a missing queue has none") { broker, names in
            try await #expect(broker.depth(of: names.queue) == nil)
            try await broker.declareQueue(names.queue)
            try await #expect(broker.depth(of: names.queue) == 0)
            _ = try await broker.publish((0..<3).map { names.publication($0) })
            try await #expect(broker.depth(of: names.queue) == 3)
        },
        .init("the probe succeeds") { broker, _ in try await broker.probe() },
    ]
}
