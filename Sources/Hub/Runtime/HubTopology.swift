public import Messaging
import SchoolRecords

/// The hub's exchanges and queues (the public message contract).
public enum HubTopology {
    /// The last net: what a consumer could not settle, after ``deliveryLimit`` tries.
    public static let failedQueue = "failed"

    /// Redeliveries before a message lands in ``failedQueue``. With a prefetch above 1 a crash counts for every
    /// message handed out, so the limit lies well above the crashes that a message may have to live through.
    public static let deliveryLimit = 100

    /// The queue of a receiving system.
    public static func deliveryQueue(of system: String) -> String { "deliver.\(system)" }

    /// The queue of a flow.
    public static func flowQueue(of flow: String) -> String { "flow.\(flow)" }

    /// Everything that the hub needs for these receiving systems and flows.
    ///
    /// - Parameters:
    ///   - targets: system → the entities it takes; only those are bound to its queue.
    ///   - flows: flow → the entities it reads.
    ///   - cleared: the systems that are given real data of protected persons: each has a queue of its own for it.
    public static func topology(
        targets: [String: [String]], flows: [String: [String]] = [:], cleared: Set<String> = []
    ) -> Topology {
        var topology = Topology(
            exchanges: [
                .init(name: RecordChange.exchange, kind: .topic), .init(name: RoleAddress.exchange, kind: .topic),
                .init(name: RecordChange.clearedExchange, kind: .direct),
            ],
            queues: [.init(name: Self.failedQueue, deliveryLimit: Self.deliveryLimit)])
        let consumers =
            targets.sorted { $0.key < $1.key }.map { ($0.key as String?, Self.deliveryQueue(of: $0.key), $0.value) }
            + flows.sorted { $0.key < $1.key }.map { (nil, Self.flowQueue(of: $0.key), $0.value) }
        for (system, queue, entities) in consumers {
            topology.queues.append(
                .init(
                    name: queue, deliveryLimit: Self.deliveryLimit, deadLetterQueue: Self.failedQueue, singleActiveConsumer: true)
            )
            for entity in entities.sorted() {
                if let system, entity == Entity.roleGrant.rawValue {
                    // Its own roles and nobody else's; what systems say that they hold is for none of them.
                    topology.bindings.append(
                        .init(exchange: RoleAddress.exchange, queue: queue, routingKey: RoleAddress.pattern(of: system)))
                    continue
                }
                topology.bindings.append(
                    .init(exchange: RecordChange.exchange, queue: queue, routingKey: "record.\(entity).#"))
            }
        }
        for system in cleared.intersection(targets.keys).sorted() {
            let queue = RecordChange.clearedQueue(of: system)
            topology.queues.append(
                .init(
                    name: queue, deliveryLimit: Self.deliveryLimit, deadLetterQueue: Self.failedQueue, singleActiveConsumer: true)
            )
            topology.bindings.append(.init(exchange: RecordChange.clearedExchange, queue: queue, routingKey: queue))
        }
        return topology
    }
}
