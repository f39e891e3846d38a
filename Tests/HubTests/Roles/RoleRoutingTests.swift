import Foundation
import Messaging
import MessagingTesting
import RabbitMQBroker
import SchoolRecords
import Testing

@testable import Hub

/// On a real store and a real RabbitMQ.
@Suite("A role is one system's business", .serialized)
struct RoleRoutingTests {
    private static let systems = ["skola24", "skolon", "tempus", "unikum", "vega"]

    @Test(.timeLimit(.minutes(5)))
    func `each role reaches its own system's queue, and no other queue hears of it`() async throws {
        try await FaultCase.run { this in
            try await FaultHub.with(this) { fault in
                try await fault.withBroker { broker in
                    var topology = HubTopology.topology(
                        targets: Dictionary(uniqueKeysWithValues: Self.systems.map { ($0, Entity.allCases.map(\.rawValue)) }),
                        flows: ["nosy": Entity.allCases.map(\.rawValue)])
                    topology.queues.append(.init(name: "everything", deliveryLimit: 100))
                    topology.bindings.append(.init(exchange: RecordChange.exchange, queue: "everything", routingKey: "#"))
                    try await broker.declare(topology)
                    let changes = (0..<this.random.number(40...80)).map { number -> RoleChange in
                        let system = Self.systems[this.random.number(0...Self.systems.count - 1)]
                        var grant = RoleGrant(
                            id: "", person: "person-\(number % 7)", system: system, role: "role-\(number)",
                            organisation: "school-1")
                        grant.id = grant.derivedID
                        return RoleChange(this.random.number(0...2) == 0 ? .revoked : .granted, grant)
                    }
                    _ = try await fault.hub.store.take(changes, counting: .seen, time: "2026-08-17T06:00:00.000Z")
                    // The broker gets everything twice, as it does when a confirm is lost.
                    let entries = try await fault.hub.store.next(limit: 1000)
                    #expect(entries.count == changes.count)
                    _ = try await broker.publish(
                        entries.map { Publication($0.change.message, exchange: $0.exchange, routingKey: $0.routingKey) })
                    try await fault.run([fault.relay(broker)]) { try await fault.hub.store.backlog() == 0 }
                    this.ledger.faultHappened("everything was sent twice")

                    for system in Self.systems {
                        let expected = changes.filter { $0.grant.system == system }
                        let found = try await Self.read(HubTopology.deliveryQueue(of: system), broker)
                        #expect(found.count == 2 * expected.count, "\(system)")
                        #expect(Set(found.map(\.key)) == Set(expected.map(\.key)), "\(system)")
                        for change in found { #expect(change.role?.system == system) }
                    }
                    for queue in ["flow.nosy", "everything", FaultHub.tap] {
                        try await #expect(broker.depth(of: queue) == 0, "\(queue)")
                    }
                }
            }
        }
    }

    /// What a queue holds, up to a mark behind it.
    private static func read(_ queue: String, _ broker: RabbitMQBroker) async throws -> [RecordChange] {
        let mark = Message(id: "end", contentType: "text/plain", body: Data())
        _ = try await broker.publish([Publication(mark, exchange: "", routingKey: queue)])
        return try await broker.withSubscription(to: queue, prefetch: 200) { subscription in
            var changes: [RecordChange] = []
            while let delivery = try await subscription.next() {
                let incoming = delivery.incoming
                delivery.acknowledge()
                if incoming.message.id == mark.id { break }
                let change = try RecordChange(incoming.message)
                #expect(incoming.exchange == RoleAddress.exchange && incoming.routingKey == change.routingKey)
                changes.append(change)
            }
            return changes
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a role that nobody takes stays in the outbox, and doesn't stop what is behind it`() async throws {
        try await FaultCase.run { this in
            try await FaultHub.with(this) { fault in
                try await fault.withBroker { broker in
                    let grants = ["nobody", "unikum"].map { system -> RoleGrant in
                        var grant = RoleGrant(id: "", person: "person-1", system: system, role: "personal")
                        grant.id = grant.derivedID
                        return grant
                    }
                    _ = try await fault.hub.store.take(
                        grants.map { RoleChange(.granted, $0) }, counting: .seen, time: "2026-08-17T06:00:00.000Z")
                    try await fault.run([fault.relay(broker)]) {
                        let depth = try await broker.depth(of: FaultHub.queue)
                        return try await fault.hub.store.backlog() == 1 && depth == 1
                    }
                    let left = try await fault.hub.store.next(limit: 9)
                    #expect(left.map(\.routingKey) == ["role.granted.nobody"])
                    this.ledger.faultHappened("nobody took one")
                }
            }
        }
    }
}
