import Logging
import Messaging

/// A consumer with a connection and a thread of its own.
final class RabbitMQSubscription: Subscription {
    enum Command: Sendable {
        enum Verdict: Sendable { case acknowledge, giveBack, refuse }
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

    func next() async throws -> IncomingMessage? {
        try await self.nextBatch(limit: 1, linger: .zero).first
    }

    func nextBatch(limit: Int, linger: Duration) async throws -> [IncomingMessage] {
        try await self.buffer.next(limit: max(1, limit), linger: linger) { self.mailbox.post(.look) }
    }

    func acknowledge(_ tokens: [DeliveryToken]) async throws { self.mailbox.post(.settle(tokens, .acknowledge)) }

    func giveBack(_ tokens: [DeliveryToken]) async throws { self.mailbox.post(.settle(tokens, .giveBack)) }

    func refuse(_ tokens: [DeliveryToken]) async throws { self.mailbox.post(.settle(tokens, .refuse)) }

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
