import Foundation

/// What an ``InMemoryBroker`` holds: exchanges, queues, and who waits at them.
struct InMemoryQueues {
    struct Entry {
        var message: Message
        var exchange: String
        var routingKey: String
        var deliveryCount: Int64 = 0
        /// Place in the queue; what is given back returns to it.
        var place: UInt64
    }

    struct Queue {
        var definition: Topology.Queue
        var ready: [Entry] = []
        var consumers: [UInt64] = []
    }

    struct Consumer {
        var queue: String
        var prefetch: Int
        var unsettled: [UInt64: Entry] = [:]
        var isStopped = false
        var failure: BrokerError?
        var waiters: [(id: UInt64, limit: Int, continuation: CheckedContinuation<[IncomingMessage], any Error>)] = []
    }

    /// What a waiting consumer is to be told.
    struct Answer: Sendable {
        let continuation: CheckedContinuation<[IncomingMessage], any Error>
        let result: Result<[IncomingMessage], any Error>
    }

    private var answers: [Answer] = []
    var exchanges: [String: Topology.Exchange] = [:]
    var queues: [String: Queue] = [:]
    var bindings: Set<Topology.Binding> = []
    var consumers: [UInt64: Consumer] = [:]
    var cancelledWaiters: Set<UInt64> = []
    var counter: UInt64 = 0
    var isClosed = false

    mutating func nextNumber() -> UInt64 {
        self.counter += 1
        return self.counter
    }

    /// Notes what a waiting consumer is to be told once the change is made.
    mutating func answer(
        _ continuation: CheckedContinuation<[IncomingMessage], any Error>, _ result: Result<[IncomingMessage], any Error>
    ) {
        self.answers.append(Answer(continuation: continuation, result: result))
    }

    mutating func takeAnswers() -> [Answer] {
        defer { self.answers = [] }
        return self.answers
    }

    func checkOpen() throws {
        if self.isClosed { throw BrokerError(.closed, "the broker was closed by the hub itself") }
    }

    mutating func declare(_ topology: Topology) throws {
        try self.checkOpen()
        for exchange in topology.exchanges {
            if let known = self.exchanges[exchange.name], known != exchange {
                throw BrokerError(.topologyConflict, "exchange '\(exchange.name)' exists with other arguments")
            }
            self.exchanges[exchange.name] = exchange
        }
        for queue in topology.queues {
            if let known = self.queues[queue.name] {
                guard known.definition == queue else {
                    throw BrokerError(.topologyConflict, "queue '\(queue.name)' exists with other arguments")
                }
            } else {
                self.queues[queue.name] = Queue(definition: queue)
            }
        }
        for binding in topology.bindings {
            guard self.exchanges[binding.exchange] != nil, self.queues[binding.queue] != nil else {
                throw BrokerError(
                    .misconfigured,
                    "queue '\(binding.queue)' can't be bound to exchange '\(binding.exchange)': one of them does not exist")
            }
            self.bindings.insert(binding)
        }
    }

    /// Deletes a queue with its messages; its consumers hear that it is gone.
    mutating func delete(queue name: String) {
        guard let queue = self.queues.removeValue(forKey: name) else { return }
        self.bindings = self.bindings.filter { $0.queue != name }
        for id in queue.consumers { self.fail(id, Self.missing(name)) }
    }

    func depth(of queue: String) throws -> Int? {
        try self.checkOpen()
        return self.queues[queue]?.ready.count
    }

    mutating func close() {
        self.isClosed = true
        for id in self.consumers.keys { self.fail(id, BrokerError(.closed, "the broker was closed by the hub itself")) }
    }

    static func missing(_ queue: String) -> BrokerError {
        BrokerError(.queueMissing, "queue '\(queue)' does not exist; declare it, or see who deleted it")
    }

}

// MARK: - Publishing

extension InMemoryQueues {
    mutating func take(_ publication: Publication) -> PublishOutcome {
        let targets = self.route(publication)
        guard !targets.isEmpty else {
            return .failed(
                BrokerError(
                    .unroutable,
                    "no queue takes routing key '\(publication.routingKey)' of exchange '\(publication.exchange)'; bind one"))
        }
        for target in targets {
            let entry = Entry(
                message: publication.message, exchange: publication.exchange, routingKey: publication.routingKey,
                place: self.nextNumber())
            self.queues[target]?.ready.append(entry)
            self.handOut(target)
        }
        return .confirmed
    }

    private func route(_ publication: Publication) -> [String] {
        let keys = [publication.routingKey] + publication.furtherRoutingKeys
        if publication.exchange.isEmpty { return Set(keys).filter { self.queues[$0] != nil }.sorted() }
        guard let kind = self.exchanges[publication.exchange]?.kind else { return [] }
        let fitting = self.bindings.filter { binding in
            guard binding.exchange == publication.exchange else { return false }
            return switch kind {
            case .topic: keys.contains { TopicPattern(binding.routingKey).matches($0) }
            case .direct: keys.contains(binding.routingKey)
            case .fanout: true
            }
        }
        return Set(fitting.map(\.queue)).sorted()
    }

}
