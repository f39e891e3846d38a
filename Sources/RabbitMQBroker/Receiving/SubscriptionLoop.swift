import Foundation
import Logging
import Messaging

/// A subscription's thread: takes deliveries, settles what the tasks settled, and repairs the connection.
///
/// States: consuming ⇄ (connection lost) connecting; consuming → stopping (nothing more is handed out) → over (nothing
/// handed out is unsettled, or the scope ended); any → over when the queue is gone or access is refused.
///
/// Stopping never cancels the consumer while messages are under way: with a single active consumer its successor
/// would overtake them. The channel is closed instead, once, which gives everything unsettled back in its place.
final class SubscriptionLoop {
    private let configuration: RabbitMQConfiguration
    private let queue: String
    private let prefetch: Int
    private let mailbox: Mailbox<RabbitMQSubscription.Command>
    private let buffer: DeliveryBuffer
    private let topology: TopologyMemory
    private let logger: Logger
    private let keeper: ConnectionKeeper
    private var unsettled = UnsettledDeliveries()
    private var generation: UInt64 = 0
    /// Unsettled deliveries that nobody was or will be given.
    private var heldBack = 0
    private var isStopping = false
    private var isOver = false
    private var ending: [CheckedContinuation<Void, Never>] = []
    /// The queue was deleted under us: it isn't declared again behind the back of whoever did that.
    private var queueWasDeleted = false
    /// The last look at the connection ended before it was empty.
    private var mayHaveMore = false
    /// When the queue last gave us something, or was asked to.
    private var heardAt = ContinuousClock.now

    init(
        _ configuration: RabbitMQConfiguration, queue: String, prefetch: Int,
        mailbox: Mailbox<RabbitMQSubscription.Command>, buffer: DeliveryBuffer, topology: TopologyMemory, logger: Logger
    ) {
        self.configuration = configuration
        self.queue = queue
        self.prefetch = max(1, min(prefetch, 65_535))
        self.mailbox = mailbox
        self.buffer = buffer
        self.topology = topology
        self.logger = logger
        self.keeper = ConnectionKeeper(configuration, purpose: "consume \(queue)", logger: logger)
    }

    func run() {
        while self.ending.isEmpty {
            self.connectIfNeeded()
            var due: ContinuousClock.Instant?
            self.mayHaveMore = false
            do {
                for command in RabbitMQSubscription.Command.merged(self.mailbox.take()) { try self.take(command) }
                if let connection = self.keeper.connection {
                    due = try self.receive(connection)
                    try self.renewIfSilent(connection)
                }
            } catch {
                self.lost(error)
            }
            if self.isStopping, self.unsettled.count == self.heldBack { self.disconnect() }
            if self.ending.isEmpty, !self.mayHaveMore { self.wait(until: due) }
        }
        self.disconnect()
        for continuation in self.ending { continuation.resume() }
        for case .end(let continuation) in self.mailbox.take() { continuation.resume() }
    }

    private func take(_ command: RabbitMQSubscription.Command) throws(BrokerError) {
        switch command {
        case .settle(let tokens, let verdict):
            let tags = tokens.filter { $0.generation == self.generation }.map(\.tag)
            let frames = self.unsettled.settle(tags)
            try self.keeper.connection?.settle(frames, verdict)
        case .look:
            break
        case .stop:
            self.isStopping = true
            self.heldBack += self.buffer.clear().count
        case .end(let continuation):
            self.ending.append(continuation)
        case .close:
            self.disconnect()
        }
    }
}

// MARK: - Connection

extension SubscriptionLoop {
    private func connectIfNeeded() {
        guard self.keeper.connection == nil, !self.isOver, !self.isStopping else { return }
        let connected = self.keeper.connectIfDue { connection throws(BrokerError) in
            if !self.queueWasDeleted { try connection.declare(self.topology.current) }
            try connection.consume(self.queue, prefetch: self.prefetch)
        }
        if connected != nil {
            self.generation += 1
            self.queueWasDeleted = false
            self.heardAt = .now
        } else if let error = self.keeper.lastError, error.retry == .never {
            self.fail(error)
        }
    }

    private func lost(_ error: BrokerError) {
        self.keeper.lost(error)
        self.forgetDeliveries()
        if error.retry == .never { self.fail(error) }
    }

    private func fail(_ error: BrokerError) {
        self.isOver = true
        self.buffer.end(.failed(error))
    }

    /// Closing the channel gives back what is unsettled.
    private func disconnect() {
        self.isOver = true
        if self.unsettled.count == 0 { try? self.keeper.connection?.cancelConsumer() }
        self.keeper.close()
        self.forgetDeliveries()
    }

    /// Tokens handed out before are of an earlier generation from now on: their messages come again.
    private func forgetDeliveries() {
        self.generation += 1
        self.unsettled.removeAll()
        self.buffer.clear()
        self.heldBack = 0
    }
}

// MARK: - Receiving

extension SubscriptionLoop {
    private func receive(_ connection: AMQPConnection) throws(BrokerError) -> ContinuousClock.Instant? {
        var messages: [IncomingMessage] = []
        events: while let event = try connection.nextEvent() {
            switch event {
            case .delivery(let delivery):
                self.keeper.provedItself()
                self.heardAt = .now
                self.unsettled.add(delivery.tag)
                if self.isStopping {
                    self.heldBack += 1
                } else {
                    messages.append(delivery.incoming(generation: self.generation))
                }
            case .consumerCancelled:
                self.queueWasDeleted = true
                throw BrokerError(.connectionLost, "the broker ended the consumer of queue '\(self.queue)'", retry: .reconnect)
            case .channelClosed(let reply):
                throw .channelClosed(reply, self.configuration)
            case .blocked, .unblocked, .confirmed, .refused, .returned:
                break
            }
            // Hands out while more is coming, so that readers work side by side with this thread.
            if messages.count == 64 {
                self.mayHaveMore = true
                break events
            }
        }
        return self.buffer.handOut(messages, isFull: self.unsettled.count >= self.prefetch)
    }

    /// Nothing was heard of the queue for a while: it may not be the one that was asked. What is on its way to us goes back
    /// to its place when the channel is closed.
    private func renewIfSilent(_ connection: AMQPConnection) throws(BrokerError) {
        guard self.unsettled.count == 0, !self.isStopping, !self.isOver,
            ContinuousClock.now >= self.heardAt + self.configuration.consumerRenewal
        else { return }
        try connection.renewChannel()
        try connection.consume(self.queue, prefetch: self.prefetch)
        self.generation += 1
        self.heardAt = .now
    }

    private func wait(until due: ContinuousClock.Instant?) {
        let now = ContinuousClock.now
        var limit = Duration.seconds(60)
        if let due { limit = min(limit, due - now) }
        if let connection = self.keeper.connection {
            if self.unsettled.count == 0, !self.isStopping {
                limit = min(limit, self.heardAt + self.configuration.consumerRenewal - now)
            }
            connection.wait(orFor: self.mailbox.descriptor, alsoWritable: false, atMost: limit)
        } else {
            if !self.isOver { limit = min(limit, self.keeper.notBefore - now) }
            DescriptorWait.wait(for: [(self.mailbox.descriptor, Int16(POLLIN))], atMost: limit)
        }
    }
}
