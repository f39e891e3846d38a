import Logging
import Messaging
import Synchronization

/// The publishing connection as other tasks see it: a call is one message to its thread and one answer back.
final class Publisher: Sendable {
    private let mailbox = Mailbox<PublishCommand>()
    private let nextID = Mutex<UInt64>(0)

    init(_ configuration: RabbitMQConfiguration, topology: TopologyMemory, logger: Logger) {
        let mailbox = self.mailbox
        DedicatedThread.start("amqp publish") {
            PublisherLoop(configuration, mailbox: mailbox, topology: topology, logger: logger).run()
        }
    }

    func publish(_ publications: [Publication]) async throws -> [PublishOutcome] {
        guard !publications.isEmpty else { return [] }
        try Task.checkCancellation()
        let id = self.nextID.withLock { id in
            id += 1
            return id
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let request = PublishRequest(id: id, publications: publications, continuation: continuation)
                if !self.mailbox.post(.publish(request)) { continuation.resume(throwing: BrokerError.closed) }
            }
        } onCancel: {
            self.mailbox.post(.cancel(id))
        }
    }

    /// Waits until the thread is done; calls under way fail with `closed`.
    func close() async {
        await withCheckedContinuation { continuation in
            if !self.mailbox.post(.close(continuation)) { continuation.resume() }
        }
    }
}
