import Messaging
import Synchronization

/// What was declared, so that a new connection can declare it again (a broker may come back empty).
final class TopologyMemory: Sendable {
    private let topology = Mutex(Topology())

    var current: Topology { self.topology.withLock { $0 } }

    func add(_ more: Topology) {
        self.topology.withLock { known in
            for exchange in more.exchanges where !known.exchanges.contains(exchange) { known.exchanges.append(exchange) }
            for queue in more.queues where !known.queues.contains(queue) { known.queues.append(queue) }
            for binding in more.bindings where !known.bindings.contains(binding) { known.bindings.append(binding) }
        }
    }
}
