import Logging
import Messaging

/// A consumer with a connection and a thread of its own.
final class RabbitMQSubscription: Subscription, DeliverySettler {
    enum Command: Sendable {
        case settle([DeliveryToken], Verdict)
        /// Somebody waits for a time that the thread must look after.
        case look
        case stop
        case end(CheckedContinuation<Void, Never>)
        case close
    }

    private let mailbox = Mailbox<Command>()
    private let buffer = DeliveryBuffer()

    init(
        _ configuration: RabbitMQConfiguration, queue: String, prefetch: Int, topology: TopologyMemory, logger: Logger
    ) {
        let (mailbox, buffer) = (self.mailbox, self.buffer)
        DedicatedThread.start("amqp consume") {
            SubscriptionLoop(
                configuration, queue: queue, prefetch: prefetch, mailbox: mailbox, buffer: buffer, topology: topology,
                logger: logger
            ).run()
        }
    }

    func next() async throws -> Delivery? {
        guard let incoming = try await self.take(limit: 1, linger: .zero).first else { return nil }
        return Delivery(incoming, settler: self)
    }

    func nextBatch(limit: Int, linger: Duration) async throws -> DeliveryBatch? {
        let messages = try await self.take(limit: limit, linger: linger)
        return messages.isEmpty ? nil : DeliveryBatch(messages, settler: self)
    }

    private func take(limit: Int, linger: Duration) async throws -> [IncomingMessage] {
        try await self.buffer.next(limit: max(1, limit), linger: linger) { self.mailbox.post(.look) }
    }

    func settle(_ tokens: [DeliveryToken], _ verdict: Verdict) { self.mailbox.post(.settle(tokens, verdict)) }

    func stop() async {
        self.buffer.end(.stopped)
        self.mailbox.post(.stop)
    }

    /// Gives back what is unsettled and waits until the thread is done.
    func end() async {
        self.buffer.end(.stopped)
        await withCheckedContinuation { self.mailbox.post(.end($0)) }
    }

    /// The broker object was closed under us.
    func close() {
        self.buffer.end(.failed(.closed))
        self.mailbox.post(.close)
    }
}

extension RabbitMQSubscription.Command {
    /// Settlements of one kind that stand side by side as one: fewer frames.
    static func merged(_ commands: [Self]) -> [Self] {
        guard commands.count > 1 else { return commands }
        var merged: [Self] = []
        var tokens: [DeliveryToken] = []
        var verdict = Verdict.acknowledge
        func flush() {
            if !tokens.isEmpty { merged.append(.settle(tokens, verdict)) }
            tokens = []
        }
        for command in commands {
            if case .settle(let more, let next) = command {
                if next != verdict { flush() }
                verdict = next
                tokens += more
            } else {
                flush()
                merged.append(command)
            }
        }
        flush()
        return merged
    }
}
