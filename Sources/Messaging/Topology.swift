/// The exchanges, queues and bindings that the hub needs.
public struct Topology: Sendable, Hashable {
    public struct Exchange: Sendable, Hashable {
        public enum Kind: String, Sendable { case topic, direct, fanout }
        public var name: String
        public var kind: Kind

        public init(name: String, kind: Kind) {
            self.name = name
            self.kind = kind
        }
    }

    /// A durable quorum queue.
    public struct Queue: Sendable, Hashable {
        public var name: String
        /// Redeliveries before a message is dead-lettered; always explicit, the broker's default differs by version.
        public var deliveryLimit: Int
        /// The queue that takes what this one gives up, at-least-once; `nil` = none.
        public var deadLetterQueue: String?
        public var singleActiveConsumer: Bool

        public init(name: String, deliveryLimit: Int, deadLetterQueue: String? = nil, singleActiveConsumer: Bool = false) {
            self.name = name
            self.deliveryLimit = deliveryLimit
            self.deadLetterQueue = deadLetterQueue
            self.singleActiveConsumer = singleActiveConsumer
        }
    }

    public struct Binding: Sendable, Hashable {
        public var exchange: String
        public var queue: String
        public var routingKey: String

        public init(exchange: String, queue: String, routingKey: String) {
            self.exchange = exchange
            self.queue = queue
            self.routingKey = routingKey
        }
    }

    public var exchanges: [Exchange]
    /// In the order of declaration: a dead-letter queue stands before the queues that name it.
    public var queues: [Queue]
    public var bindings: [Binding]

    public init(exchanges: [Exchange] = [], queues: [Queue] = [], bindings: [Binding] = []) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }
}
