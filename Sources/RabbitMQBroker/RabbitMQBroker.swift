public import Logging
public import Messaging
import Synchronization

/// The broker port over librabbitmq: one connection for publishing, one for each subscription, and short-lived ones
/// for everything else. Each belongs to a thread of its own, so no call blocks Swift's own threads.
public final class RabbitMQBroker: Broker {
    private struct State {
        var publisher: Publisher?
        var subscriptions: [ObjectIdentifier: RabbitMQSubscription] = [:]
        var isClosed = false
    }

    private let configuration: RabbitMQConfiguration
    private let logger: Logger
    private let topology = TopologyMemory()
    private let state = Mutex(State())

    /// Connects when first used, not here.
    public init(configuration: RabbitMQConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    public func publish(_ publications: [Publication]) async throws -> [PublishOutcome] {
        let publisher = try self.state.withLock { state in
            guard !state.isClosed else { throw BrokerError.closed }
            if let publisher = state.publisher { return publisher }
            let publisher = Publisher(self.configuration, topology: self.topology, logger: self.logger)
            state.publisher = publisher
            return publisher
        }
        return try await publisher.publish(publications)
    }

    public func declare(_ topology: Topology) async throws {
        try await self.ask { connection throws(BrokerError) in try connection.declare(topology) }
        self.topology.add(topology)
    }

    /// What of a topology exists at the broker with other arguments, an error each that says what to do. Makes nothing and
    /// changes nothing.
    public func drift(from topology: Topology) async throws -> [BrokerError] {
        try await self.ask { connection throws(BrokerError) in try connection.drift(from: topology) }
    }

    public func depth(of queue: String) async throws -> Int? {
        try await self.ask { connection throws(BrokerError) in try connection.depth(of: queue) }
    }

    public func probe() async throws {
        try await self.ask { _ throws(BrokerError) in }
    }

    public func withSubscription<Result: Sendable>(
        to queue: String,
        prefetch: Int,
        _ body: (any Subscription) async throws -> Result
    ) async throws -> Result {
        let subscription = try self.state.withLock { state in
            guard !state.isClosed else { throw BrokerError.closed }
            let subscription = RabbitMQSubscription(
                self.configuration, queue: queue, prefetch: prefetch, topology: self.topology, logger: self.logger)
            state.subscriptions[ObjectIdentifier(subscription)] = subscription
            return subscription
        }
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(subscription))
        } catch {
            result = .failure(error)
        }
        await subscription.end()
        self.state.withLock { state in _ = state.subscriptions.removeValue(forKey: ObjectIdentifier(subscription)) }
        return try result.get()
    }

    public func close() async {
        let (publisher, subscriptions) = self.state.withLock { state in
            state.isClosed = true
            defer { state.publisher = nil }
            return (state.publisher, state.subscriptions.values)
        }
        for subscription in subscriptions { subscription.close() }
        await publisher?.close()
    }

    /// One request on a connection of its own.
    private func ask<Value: Sendable>(
        _ request: @escaping @Sendable (AMQPConnection) throws(BrokerError) -> Value
    ) async throws -> Value {
        guard !self.state.withLock({ $0.isClosed }) else { throw BrokerError.closed }
        let configuration = self.configuration
        return try await DedicatedThread.run("amqp ask") {
            let connection = try AMQPConnection.connect(configuration, purpose: "ask")
            defer { connection.close() }
            return try request(connection)
        }
    }
}
