import Foundation
import Logging
import Messaging

/// The publishing thread: sends within the window, reads answers in between, and repairs the connection.
///
/// States of the channel: none → (connected) trying, window 1 → (first answer) open, full window → (connection lost)
/// none. Trying matters because a broker short of memory says so only after it got a message, and because a message
/// that makes the broker close the channel is known by being the only one under way.
final class PublisherLoop {
    private let configuration: RabbitMQConfiguration
    private let mailbox: Mailbox<PublishCommand>
    private let topology: TopologyMemory
    private let logger: Logger
    private let keeper: ConnectionKeeper
    private var queue = PublishQueue()
    private var window = ConfirmWindow<PendingPublication>()
    /// So many answers are still to come one by one before the window opens.
    private var trial = 1
    private var blockedBecause: String?
    private var lastAnswer = ContinuousClock.now
    /// Since when this connection owes us an answer.
    private var waitingSince = ContinuousClock.now
    private var closing: [CheckedContinuation<Void, Never>] = []

    init(
        _ configuration: RabbitMQConfiguration, mailbox: Mailbox<PublishCommand>, topology: TopologyMemory, logger: Logger
    ) {
        self.configuration = configuration
        self.mailbox = mailbox
        self.topology = topology
        self.logger = logger
        self.keeper = ConnectionKeeper(configuration, purpose: "publish", logger: logger)
    }

    func run() {
        while self.closing.isEmpty {
            self.mailbox.take().forEach(self.take)
            self.connectIfNeeded()
            var isWritable = true
            if let connection = self.keeper.connection {
                do {
                    isWritable = try self.sendSome(connection)
                    while let event = try connection.nextEvent() { try self.handle(event, connection) }
                } catch {
                    self.lost(error)
                }
            }
            self.checkDeadlines()
            self.queue.removeFinished()
            if self.closing.isEmpty { self.wait(isWritable: isWritable) }
        }
        self.finish()
    }

    private func take(_ command: PublishCommand) {
        switch command {
        case .publish(let request):
            self.queue.append(PublishBatch(request, began: .now))
        case .cancel(let id):
            self.queue.batches.first { $0.request.id == id }?.fail(CancellationError())
        case .close(let continuation):
            self.closing.append(continuation)
        }
    }

    private func finish() {
        for batch in self.queue.batches { batch.fail(BrokerError.closed) }
        self.keeper.close()
        for continuation in self.closing { continuation.resume() }
        for command in self.mailbox.close() {
            switch command {
            case .publish(let request): request.continuation.resume(throwing: BrokerError.closed)
            case .close(let continuation): continuation.resume()
            case .cancel: break
            }
        }
    }
}

// MARK: - Connection

extension PublisherLoop {
    private func connectIfNeeded() {
        guard self.keeper.connection == nil, !self.queue.batches.isEmpty else { return }
        let topology = self.topology.current
        let connected = self.keeper.connectIfDue { connection throws(BrokerError) in
            try connection.declare(topology)
            try self.prepare(connection)
        }
        if connected != nil {
            self.trial = max(self.trial, 1)
            self.waitingSince = .now
        }
        // An error that another attempt won't mend goes to the callers at once, also to those who come during the pause.
        if let error = self.keeper.lastError, error.retry == .never {
            for batch in self.queue.batches { batch.fail(error) }
        }
    }

    private func prepare(_ connection: AMQPConnection) throws(BrokerError) {
        do {
            try connection.selectConfirms()
        } catch {
            throw error.asBrokerError(self.configuration)
        }
    }

    private func lost(_ error: BrokerError) {
        self.keeper.lost(error)
        self.blockedBecause = nil
        self.sendAgain()
    }

    private func sendAgain() {
        let pending = self.window.removeAll()
        self.queue.sendAgain(pending.map { PendingPublication(batch: $0.batch, index: $0.index) })
        self.trial = 1
    }
}

// MARK: - Sending

extension PublisherLoop {
    /// Sends what fits into the window and the socket, in portions so that answers are read in between.
    ///
    /// - Returns: whether the socket takes more.
    private func sendSome(_ connection: AMQPConnection) throws(BrokerError) -> Bool {
        var bytes = 0
        for count in 0..<64 {
            guard self.hasRoom, self.queue.hasWaiting else { return true }
            if count.isMultiple(of: 8) || bytes > 16_384 {
                guard connection.isWritable else { return false }
                bytes = 0
            }
            guard let pending = self.queue.next() else { return true }
            let publication = pending.publication
            if let obstacle = publication.obstacle(self.configuration) {
                pending.settle(obstacle)
                continue
            }
            if self.window.isEmpty { self.waitingSince = .now }
            self.window.append(pending)
            try connection.publish(publication)
            bytes += publication.message.body.count + 512
        }
        return true
    }

    private var hasRoom: Bool {
        self.blockedBecause == nil && self.window.count < (self.trial > 0 ? 1 : self.configuration.publishWindow)
    }

    private func handle(_ event: ConnectionEvent, _ connection: AMQPConnection) throws(BrokerError) {
        switch event {
        case .confirmed(let tag, let multiple):
            self.answered(self.window.settle(tag, multiple: multiple)) { $0.settle() }
        case .refused(let tag, let multiple):
            self.answered(self.window.settle(tag, multiple: multiple)) { pending in
                pending.settle(
                    BrokerError(
                        .refused,
                        "the broker refused message '\(pending.publication.message.id)' for now (its queue is full or its disk slow); publish it again",
                        retry: .later))
            }
        case .returned(let returned):
            self.window.updateFirst { pending in
                let publication = pending.publication
                return pending.failure == nil && publication.message.id == returned.messageID
                    && publication.routingKey == returned.routingKey && publication.exchange == returned.exchange
            } _: { pending in
                pending.failure = BrokerError(
                    .unroutable,
                    "no queue takes routing key '\(returned.routingKey)' of exchange '\(returned.exchange)'; bind one (\(returned.reply))"
                )
            }
        case .blocked(let reason):
            self.blockedBecause = reason
            AMQPConnection.limitUnansweredWrites(on: connection.descriptor, to: nil)
            self.logger.info("the broker takes no messages for now", metadata: ["reason": "\(reason)"])
        case .unblocked:
            self.blockedBecause = nil
            self.waitingSince = .now
            AMQPConnection.limitUnansweredWrites(on: connection.descriptor, to: self.configuration.heartbeat * 2)
            self.logger.info("the broker takes messages again")
        case .channelClosed(let reply):
            try self.reopen(connection, after: reply)
        case .delivery, .consumerCancelled:
            break
        }
    }

    private func answered(_ pending: [PendingPublication], _ settle: (PendingPublication) -> Void) {
        guard !pending.isEmpty else { return }
        self.lastAnswer = .now
        self.waitingSince = self.lastAnswer
        self.trial = max(0, self.trial - pending.count)
        self.keeper.provedItself()
        pending.forEach(settle)
    }

    /// The broker closed the channel because of one message. When it was the only one under way it has failed; else
    /// all are sent again one by one until it is found.
    private func reopen(_ connection: AMQPConnection, after reply: ServerReply) throws(BrokerError) {
        var pending = self.window.removeAll()
        if pending.count == 1, let culprit = pending.popLast() {
            culprit.settle(.publishing(to: culprit.publication.exchange, reply, self.configuration))
        }
        self.queue.sendAgain(pending.map { PendingPublication(batch: $0.batch, index: $0.index) })
        self.trial = max(1, pending.count)
        do {
            try connection.openChannel()
        } catch {
            throw error.asBrokerError(self.configuration)
        }
        if reply.code == ServerReply.notFound { try connection.declare(self.topology.current) }
        try self.prepare(connection)
    }
}

// MARK: - Time

extension PublisherLoop {
    private func checkDeadlines() {
        let now = ContinuousClock.now
        if self.keeper.connection != nil, !self.window.isEmpty, self.blockedBecause == nil,
            now - self.waitingSince > self.configuration.confirmTimeout
        {
            self.lost(
                BrokerError(
                    .connectionLost, "the broker answered for no message in \(self.configuration.confirmTimeout)",
                    retry: .reconnect))
        }
        for batch in self.queue.batches where !batch.isOver && now > self.deadline(of: batch) {
            batch.fail(self.timedOut)
        }
    }

    private func deadline(of batch: PublishBatch) -> ContinuousClock.Instant {
        max(batch.began, self.lastAnswer) + self.configuration.publishDeadline
    }

    private var timedOut: BrokerError {
        let limit = self.configuration.publishDeadline
        if let reason = self.blockedBecause {
            return BrokerError(
                .timedOut, "the broker took no message in \(limit) (\(reason)); give it memory or disk", retry: .later)
        }
        return BrokerError(
            .timedOut, "the broker answered for no message in \(limit): \(self.keeper.lastError?.message ?? "it is silent")",
            retry: .later, cause: self.keeper.lastError)
    }

    private func wait(isWritable: Bool) {
        let hasMore = self.hasRoom && self.queue.hasWaiting
        let now = ContinuousClock.now
        var limit = Duration.seconds(60)
        for batch in self.queue.batches { limit = min(limit, self.deadline(of: batch) - now + .milliseconds(1)) }
        guard let connection = self.keeper.connection else {
            if !self.queue.batches.isEmpty { limit = min(limit, self.keeper.notBefore - now) }
            DescriptorWait.wait(for: [(self.mailbox.descriptor, Int16(POLLIN))], atMost: limit)
            return
        }
        if !self.window.isEmpty { limit = min(limit, self.configuration.confirmTimeout / 4) }
        if hasMore, isWritable { return }
        connection.wait(orFor: self.mailbox.descriptor, alsoWritable: hasMore, atMost: limit)
    }
}
