import Foundation

/// A broker within the process, for tests and dry runs: it keeps every promise of ``Broker`` but outlives nothing.
public actor InMemoryBroker: Broker {
    private struct Entry {
        var message: Message
        var exchange: String
        var routingKey: String
        var deliveryCount: Int64 = 0
        /// Place in the queue; what is given back returns to it.
        var place: UInt64
    }

    private struct Queue {
        var definition: Topology.Queue
        var ready: [Entry] = []
        var consumers: [UInt64] = []
    }

    private struct Consumer {
        var queue: String
        var prefetch: Int
        var unsettled: [UInt64: Entry] = [:]
        var isStopped = false
        var failure: BrokerError?
        var waiters: [(id: UInt64, limit: Int, continuation: CheckedContinuation<[IncomingMessage], any Error>)] = []
    }

    private var exchanges: [String: Topology.Exchange] = [:]
    private var queues: [String: Queue] = [:]
    private var bindings: Set<Topology.Binding> = []
    private var consumers: [UInt64: Consumer] = [:]
    private var cancelledWaiters: Set<UInt64> = []
    private var counter: UInt64 = 0
    private var isClosed = false

    public init() {}

    private func nextNumber() -> UInt64 {
        self.counter += 1
        return self.counter
    }

    private func checkOpen() throws {
        if self.isClosed { throw BrokerError(.closed, "the broker was closed by the hub itself") }
    }

    // MARK: Topology

    public func declare(_ topology: Topology) async throws {
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
    public func delete(queue name: String) {
        guard let queue = self.queues.removeValue(forKey: name) else { return }
        self.bindings = self.bindings.filter { $0.queue != name }
        for id in queue.consumers { self.fail(id, Self.missing(name)) }
    }

    public func depth(of queue: String) async throws -> Int? {
        try self.checkOpen()
        return self.queues[queue]?.ready.count
    }

    public func probe() async throws { try self.checkOpen() }

    public func close() async {
        self.isClosed = true
        for id in self.consumers.keys { self.fail(id, BrokerError(.closed, "the broker was closed by the hub itself")) }
    }

    private static func missing(_ queue: String) -> BrokerError {
        BrokerError(.queueMissing, "queue '\(queue)' does not exist; declare it, or see who deleted it")
    }

    // MARK: Publishing

    public func publish(_ publications: [Publication]) async throws -> [PublishOutcome] {
        try self.checkOpen()
        try Task.checkCancellation()
        return publications.map { self.take($0) }
    }

    private func take(_ publication: Publication) -> PublishOutcome {
        let targets = self.route(exchange: publication.exchange, routingKey: publication.routingKey)
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

    private func route(exchange: String, routingKey: String) -> [String] {
        if exchange.isEmpty { return self.queues[routingKey] == nil ? [] : [routingKey] }
        guard let kind = self.exchanges[exchange]?.kind else { return [] }
        let fitting = self.bindings.filter { binding in
            guard binding.exchange == exchange else { return false }
            return switch kind {
            case .topic: TopicPattern(binding.routingKey).matches(routingKey)
            case .direct: binding.routingKey == routingKey
            case .fanout: true
            }
        }
        return Set(fitting.map(\.queue)).sorted()
    }

    // MARK: Consuming

    public nonisolated func withSubscription<Result: Sendable>(
        to queue: String, prefetch: Int, _ body: (any Subscription) async throws -> Result
    ) async throws -> Result {
        let id = try await self.open(queue, prefetch: prefetch)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(InMemorySubscription(broker: self, id: id)))
        } catch {
            result = .failure(error)
        }
        await self.end(id)
        return try result.get()
    }

    private func open(_ queue: String, prefetch: Int) throws -> UInt64 {
        try self.checkOpen()
        let id = self.nextNumber()
        var consumer = Consumer(queue: queue, prefetch: max(1, prefetch))
        if self.queues[queue] == nil {
            consumer.failure = Self.missing(queue)
        } else {
            self.queues[queue]?.consumers.append(id)
        }
        self.consumers[id] = consumer
        return id
    }

    private func end(_ id: UInt64) {
        guard let consumer = self.consumers.removeValue(forKey: id) else { return }
        self.queues[consumer.queue]?.consumers.removeAll { $0 == id }
        for waiter in consumer.waiters { waiter.continuation.resume(returning: []) }
        self.giveBack(Array(consumer.unsettled.values), to: consumer.queue)
    }

    fileprivate func stop(_ id: UInt64) {
        guard var consumer = self.consumers[id] else { return }
        consumer.isStopped = true
        let waiters = consumer.waiters
        consumer.waiters = []
        self.consumers[id] = consumer
        for waiter in waiters { waiter.continuation.resume(returning: []) }
    }

    private func fail(_ id: UInt64, _ error: BrokerError) {
        guard var consumer = self.consumers[id] else { return }
        consumer.failure = error
        let waiters = consumer.waiters
        consumer.waiters = []
        self.consumers[id] = consumer
        for waiter in waiters { waiter.continuation.resume(throwing: error) }
    }

    fileprivate func next(_ id: UInt64, limit: Int) async throws -> [IncomingMessage] {
        try Task.checkCancellation()
        let waiterID = self.nextNumber()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if self.cancelledWaiters.remove(waiterID) != nil {
                    continuation.resume(throwing: CancellationError())
                } else if let failure = self.consumers[id]?.failure {
                    continuation.resume(throwing: failure)
                } else if let consumer = self.consumers[id], !consumer.isStopped {
                    self.consumers[id]?.waiters.append((waiterID, max(1, limit), continuation))
                    self.handOut(consumer.queue)
                } else {
                    continuation.resume(returning: [])
                }
            }
        } onCancel: {
            Task { await self.cancelWaiter(waiterID, of: id) }
        }
    }

    private func cancelWaiter(_ waiterID: UInt64, of id: UInt64) {
        guard let index = self.consumers[id]?.waiters.firstIndex(where: { $0.id == waiterID }) else {
            self.cancelledWaiters.insert(waiterID)
            return
        }
        self.consumers[id]?.waiters.remove(at: index).continuation.resume(throwing: CancellationError())
    }

    /// Gives what is ready to who waits, in turn, within their prefetch.
    private func handOut(_ name: String) {
        guard var queue = self.queues[name] else { return }
        let single = queue.definition.singleActiveConsumer
        for _ in queue.consumers {
            let id = queue.consumers[0]
            if !single { queue.consumers.append(queue.consumers.removeFirst()) }
            guard var consumer = self.consumers[id] else { continue }
            while let waiter = consumer.waiters.first, !queue.ready.isEmpty, consumer.unsettled.count < consumer.prefetch {
                let count = min(waiter.limit, queue.ready.count, consumer.prefetch - consumer.unsettled.count)
                let messages = queue.ready.prefix(count).map { entry in
                    let tag = self.nextNumber()
                    consumer.unsettled[tag] = entry
                    return IncomingMessage(
                        message: entry.message, exchange: entry.exchange, routingKey: entry.routingKey,
                        deliveryCount: entry.deliveryCount, token: DeliveryToken(tag: tag, generation: id))
                }
                queue.ready.removeFirst(count)
                consumer.waiters.removeFirst()
                waiter.continuation.resume(returning: messages)
            }
            self.consumers[id] = consumer
            if single { break }
        }
        self.queues[name] = queue
    }

    fileprivate func settle(_ id: UInt64, _ tokens: [DeliveryToken], _ verdict: InMemorySubscription.Verdict) {
        guard var consumer = self.consumers[id] else { return }
        let entries = tokens.filter { $0.generation == id }.compactMap { consumer.unsettled.removeValue(forKey: $0.tag) }
        self.consumers[id] = consumer
        switch verdict {
        case .done: break
        case .again: self.giveBack(entries, to: consumer.queue)
        case .never: for entry in entries { self.deadLetter(entry, of: consumer.queue, reason: "rejected") }
        }
        self.handOut(consumer.queue)
    }

    /// Back to their places, counted; what was handed out once more than the limit allows is dead-lettered.
    private func giveBack(_ entries: [Entry], to name: String) {
        guard var queue = self.queues[name] else { return }
        var tooOften: [Entry] = []
        for var entry in entries.sorted(by: { $0.place < $1.place }) {
            entry.deliveryCount += 1
            if entry.deliveryCount > Int64(queue.definition.deliveryLimit) {
                tooOften.append(entry)
            } else {
                let index = queue.ready.firstIndex { $0.place > entry.place } ?? queue.ready.endIndex
                queue.ready.insert(entry, at: index)
            }
        }
        self.queues[name] = queue
        for entry in tooOften { self.deadLetter(entry, of: name, reason: "delivery_limit") }
        self.handOut(name)
    }

    /// With the headers by which RabbitMQ tells the reason.
    private func deadLetter(_ entry: Entry, of name: String, reason: String) {
        guard let target = self.queues[name]?.definition.deadLetterQueue, self.queues[target] != nil else { return }
        var message = entry.message
        message.headers["x-first-death-exchange"] = .string(entry.exchange)
        message.headers["x-first-death-queue"] = .string(name)
        message.headers["x-first-death-reason"] = .string(reason)
        self.queues[target]?.ready.append(
            Entry(message: message, exchange: "", routingKey: target, place: self.nextNumber()))
        self.handOut(target)
    }
}

/// A consumer of an ``InMemoryBroker``.
private struct InMemorySubscription: Subscription {
    enum Verdict: Sendable { case done, again, never }

    let broker: InMemoryBroker
    let id: UInt64

    func next() async throws -> IncomingMessage? { try await self.broker.next(self.id, limit: 1).first }

    func nextBatch(limit: Int, linger: Duration) async throws -> [IncomingMessage] {
        try await self.broker.next(self.id, limit: limit)
    }

    func acknowledge(_ tokens: [DeliveryToken]) async throws { await self.broker.settle(self.id, tokens, .done) }
    func giveBack(_ tokens: [DeliveryToken]) async throws { await self.broker.settle(self.id, tokens, .again) }
    func refuse(_ tokens: [DeliveryToken]) async throws { await self.broker.settle(self.id, tokens, .never) }
    func stop() async { await self.broker.stop(self.id) }
}
