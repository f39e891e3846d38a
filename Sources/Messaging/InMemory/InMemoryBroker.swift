import Synchronization

/// A broker within the process, for tests and dry runs: it keeps every promise of ``Broker`` but outlives nothing.
public final class InMemoryBroker: Broker {
    private let queues = Mutex(InMemoryQueues())

    public init() {}

    /// Changes the queues, and then wakes those whom the change serves: never within the lock, which the cancelling of a task
    /// that is woken may be waiting for.
    @discardableResult
    private func change<Value: Sendable, Failure>(
        _ body: (inout InMemoryQueues) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let (result, answers) = self.queues.withLock { queues -> (Result<Value, Failure>, [InMemoryQueues.Answer]) in
            let result: Result<Value, Failure>
            do throws(Failure) { result = .success(try body(&queues)) } catch { result = .failure(error) }
            return (result, queues.takeAnswers())
        }
        for answer in answers { answer.continuation.resume(with: answer.result) }
        return try result.get()
    }

    public func declare(_ topology: Topology) async throws {
        try self.change { try $0.declare(topology) }
    }

    /// Deletes a queue with its messages; its consumers hear that it is gone.
    public func delete(queue name: String) {
        self.change { $0.delete(queue: name) }
    }

    public func depth(of queue: String) async throws -> Int? {
        try self.change { try $0.depth(of: queue) }
    }

    public func probe() async throws {
        try self.change { try $0.checkOpen() }
    }

    public func close() async {
        self.change { $0.close() }
    }

    public func publish(_ publications: [Publication]) async throws -> [PublishOutcome] {
        try Task.checkCancellation()
        return try self.change { queues in
            try queues.checkOpen()
            return publications.map { queues.take($0) }
        }
    }

    public func withSubscription<Result: Sendable>(
        to queue: String, prefetch: Int, _ body: (any Subscription) async throws -> Result
    ) async throws -> Result {
        let id = try self.change { try $0.open(queue, prefetch: prefetch) }
        defer { self.change { $0.end(id) } }
        return try await body(InMemorySubscription(broker: self, id: id))
    }

    fileprivate func next(_ id: UInt64, limit: Int) async throws -> [IncomingMessage] {
        try Task.checkCancellation()
        let waiter = self.change { $0.nextNumber() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.change { $0.wait(id, as: waiter, limit: limit, continuation) }
            }
        } onCancel: {
            self.change { $0.cancelWaiter(waiter, of: id) }
        }
    }

    fileprivate func settle(_ id: UInt64, _ tokens: [DeliveryToken], _ verdict: Verdict) {
        self.change { $0.settle(id, tokens, verdict) }
    }

    fileprivate func stop(_ id: UInt64) {
        self.change { $0.stop(id) }
    }
}

/// A consumer of an ``InMemoryBroker``.
private struct InMemorySubscription: Subscription, DeliverySettler {
    let broker: InMemoryBroker
    let id: UInt64

    func next() async throws -> Delivery? {
        guard let incoming = try await self.broker.next(self.id, limit: 1).first else { return nil }
        return Delivery(incoming, settler: self)
    }

    func nextBatch(limit: Int, linger: Duration) async throws -> DeliveryBatch? {
        let messages = try await self.broker.next(self.id, limit: limit)
        return messages.isEmpty ? nil : DeliveryBatch(messages, settler: self)
    }

    func settle(_ tokens: [DeliveryToken], _ verdict: Verdict) { self.broker.settle(self.id, tokens, verdict) }

    func stop() async { self.broker.stop(self.id) }
}
