import Synchronization

extension Subscription {
    /// Handles messages in order within a key and side by side across keys, and settles each as its handler says.
    ///
    /// Ends when the subscription is stopped and the handlers that run are done; messages that nobody had begun go back
    /// to the queue when its scope ends. Cancelling cancels the handlers too.
    ///
    /// - Parameters:
    ///   - lanes: how many messages are handled at a time, at most.
    ///   - key: what must keep its order; by default the record (`cloudEvents_partitionkey`), and a message without
    ///     one is alone.
    ///   - handler: handles one message; what it gives back comes again at once, behind nothing of its key.
    /// - Throws: ``BrokerError`` when the queue is gone or access was refused; `CancellationError` when cancelled.
    public func forEach(
        lanes width: Int, key: @Sendable (IncomingMessage) -> String = \.partitionKey,
        _ handler: @escaping @Sendable (IncomingMessage) async -> Verdict
    ) async throws {
        let shared = SharedLanes(width: width)
        try await withThrowingDiscardingTaskGroup { group in
            while let batch = try await self.nextBatch(limit: max(16, width * 4), linger: .zero) {
                let (messages, settler) = batch.handOver()
                for message in messages { shared.arrived(message, key: key(message), settler) }
                while let first = shared.lanes.withLock({ $0.next() }) {
                    group.addTask {
                        var current: (key: String, message: IncomingMessage)? = first
                        while let (key, message) = current {
                            shared.finished(message, key: key, await handler(message), settler)
                            current = shared.lanes.withLock { $0.next() }
                        }
                    }
                }
            }
            shared.lanes.withLock { $0.stop() }
        }
    }
}

/// Lanes that several tasks share. They settle while they are locked: the broker hears of it in the lanes' order.
private final class SharedLanes: Sendable {
    let lanes: Mutex<Lanes>
    init(width: Int) { self.lanes = Mutex(Lanes(width: width)) }

    func arrived(_ message: IncomingMessage, key: String, _ settler: any DeliverySettler) {
        self.lanes.withLock { lanes in
            if !lanes.arrived(message, key: key) { settler.settle([message.token], .giveBack) }
        }
    }

    func finished(_ message: IncomingMessage, key: String, _ verdict: Verdict, _ settler: any DeliverySettler) {
        self.lanes.withLock { lanes in
            let behind = lanes.finished(message, key: key, verdict)
            settler.settle([message.token] + behind.map(\.token), verdict)
        }
    }
}

extension IncomingMessage {
    /// What keeps its order: `cloudEvents_partitionkey`, or the message itself.
    public var partitionKey: String {
        if case .string(let key)? = self.message.headers["cloudEvents_partitionkey"] { key } else { self.message.id }
    }
}
