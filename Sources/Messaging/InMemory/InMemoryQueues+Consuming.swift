/// Consumers of an ``InMemoryBroker``'s queues: handing out, settling, dead-lettering.
extension InMemoryQueues {
    mutating func open(_ queue: String, prefetch: Int) throws -> UInt64 {
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

    mutating func end(_ id: UInt64) {
        guard let consumer = self.consumers.removeValue(forKey: id) else { return }
        self.queues[consumer.queue]?.consumers.removeAll { $0 == id }
        for waiter in consumer.waiters { self.answer(waiter.continuation, .success([])) }
        self.giveBack(Array(consumer.unsettled.values), to: consumer.queue)
    }

    mutating func stop(_ id: UInt64) {
        guard var consumer = self.consumers[id] else { return }
        consumer.isStopped = true
        let waiters = consumer.waiters
        consumer.waiters = []
        self.consumers[id] = consumer
        for waiter in waiters { self.answer(waiter.continuation, .success([])) }
        self.leaveIfDone(id)
        self.handOut(consumer.queue)
    }

    /// A consumer that was stopped and holds nothing makes room for the next one.
    private mutating func leaveIfDone(_ id: UInt64) {
        guard let consumer = self.consumers[id], consumer.isStopped, consumer.unsettled.isEmpty else { return }
        self.queues[consumer.queue]?.consumers.removeAll { $0 == id }
    }

    mutating func fail(_ id: UInt64, _ error: BrokerError) {
        guard var consumer = self.consumers[id] else { return }
        consumer.failure = error
        let waiters = consumer.waiters
        consumer.waiters = []
        self.consumers[id] = consumer
        for waiter in waiters { self.answer(waiter.continuation, .failure(error)) }
    }

    mutating func wait(
        _ id: UInt64, as waiterID: UInt64, limit: Int, _ continuation: CheckedContinuation<[IncomingMessage], any Error>
    ) {
        if self.cancelledWaiters.remove(waiterID) != nil {
            self.answer(continuation, .failure(CancellationError()))
        } else if let failure = self.consumers[id]?.failure {
            self.answer(continuation, .failure(failure))
        } else if let consumer = self.consumers[id], !consumer.isStopped {
            self.consumers[id]?.waiters.append((waiterID, max(1, limit), continuation))
            self.handOut(consumer.queue)
        } else {
            self.answer(continuation, .success([]))
        }
    }

    mutating func cancelWaiter(_ waiterID: UInt64, of id: UInt64) {
        guard let index = self.consumers[id]?.waiters.firstIndex(where: { $0.id == waiterID }) else {
            self.cancelledWaiters.insert(waiterID)
            return
        }
        guard let waiter = self.consumers[id]?.waiters.remove(at: index) else { return }
        self.answer(waiter.continuation, .failure(CancellationError()))
    }

    /// Gives what is ready to who waits, in turn, within their prefetch.
    mutating func handOut(_ name: String) {
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
                self.answer(waiter.continuation, .success(messages))
            }
            self.consumers[id] = consumer
            if single { break }
        }
        self.queues[name] = queue
    }

    mutating func settle(_ id: UInt64, _ tokens: [DeliveryToken], _ verdict: Verdict) {
        guard var consumer = self.consumers[id] else { return }
        let entries = tokens.filter { $0.generation == id }.compactMap { consumer.unsettled.removeValue(forKey: $0.tag) }
        self.consumers[id] = consumer
        switch verdict {
        case .acknowledge: break
        case .giveBack: self.giveBack(entries, to: consumer.queue)
        case .refuse: for entry in entries { self.deadLetter(entry, of: consumer.queue, reason: "rejected") }
        }
        self.leaveIfDone(id)
        self.handOut(consumer.queue)
    }

    /// Back to their places, counted; what was handed out once more than the limit allows is dead-lettered.
    mutating func giveBack(_ entries: [Entry], to name: String) {
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
    mutating func deadLetter(_ entry: Entry, of name: String, reason: String) {
        guard let target = self.queues[name]?.definition.deadLetterQueue, self.queues[target] != nil else { return }
        var message = entry.message
        message.headers["x-first-death-exchange"] = .string(entry.exchange)
        message.headers["x-first-death-queue"] = .string(name)
        message.headers["x-first-death-reason"] = .string(reason)
        let place = self.nextNumber()
        self.queues[target]?.ready.append(Entry(message: message, exchange: "", routingKey: target, place: place))
        self.handOut(target)
    }
}
