/// Sends messages and hears that the broker has them.
public protocol MessagePublisher: Sendable {
    /// Publishes messages in order and waits until the broker has answered for each.
    ///
    /// Every publication is persistent and mandatory. A lost connection is repaired and what had no answer is
    /// sent again under the same message id, so a receiver may see it twice.
    ///
    /// - Returns: one outcome per publication, in the same order.
    /// - Throws: ``BrokerError`` when no answer could be had within the publisher's deadline (the broker is gone
    ///   or takes nothing); the caller keeps all of them and tries again.
    func publish(_ publications: [Publication]) async throws -> [PublishOutcome]
}

/// A running consumer of one queue.
///
/// Messages that were handed out and not settled when the subscription ends go back to the queue.
public protocol Subscription: Sendable {
    /// The next message, or `nil` when the subscription was ended by ``stop()``.
    ///
    /// A lost connection is repaired under way; the unsettled messages come again.
    ///
    /// - Throws: ``BrokerError`` when the queue is gone or access was refused; `CancellationError` when cancelled.
    func next() async throws -> Delivery?

    /// The next messages: at least one, then what is there already up to `limit`, waiting at most `linger` for more;
    /// `nil` when the subscription was ended by ``stop()``.
    ///
    /// - Throws: as ``next()``.
    func nextBatch(limit: Int, linger: Duration) async throws -> DeliveryBatch?

    /// Stops taking new messages; what was handed out may still be settled.
    func stop() async
}

/// A message broker: topology, publishing, consuming.
public protocol Broker: MessagePublisher {
    /// Declares exchanges, queues and bindings; existing equal ones are left alone.
    ///
    /// - Throws: ``BrokerError`` with code `topologyConflict` when one exists with other arguments.
    func declare(_ topology: Topology) async throws

    /// Consumes a queue for the duration of `body`. The consumer is cancelled and unsettled messages are given
    /// back when `body` ends, in whatever way.
    ///
    /// - Parameter prefetch: the most messages handed out and unsettled at a time, at least 1.
    func withSubscription<Result: Sendable>(
        to queue: String,
        prefetch: Int,
        _ body: (any Subscription) async throws -> Result
    ) async throws -> Result

    /// Messages ready in a queue (not those handed out), or `nil` when there is no such queue.
    func depth(of queue: String) async throws -> Int?

    /// Checks that the broker can be reached and lets us in.
    func probe() async throws

    /// Closes connections; later calls throw ``BrokerError`` with code `closed`.
    func close() async
}
