import Logging
import Messaging

/// Makes a thread's connection and makes it again after a loss, with growing pauses. Belongs to that thread.
final class ConnectionKeeper {
    let configuration: RabbitMQConfiguration
    private let purpose: String
    private let logger: Logger
    private var backoff: Backoff
    private(set) var connection: AMQPConnection?
    /// Why there is no connection now.
    private(set) var lastError: BrokerError?
    /// No attempt before this moment.
    private(set) var notBefore = ContinuousClock.now
    /// Where the last connection was; the next begins behind it.
    private var last: Endpoint?

    init(_ configuration: RabbitMQConfiguration, purpose: String, logger: Logger) {
        self.configuration = configuration
        self.purpose = purpose
        self.logger = logger
        self.backoff = Backoff(initial: configuration.reconnectDelay, maximum: configuration.maximumReconnectDelay)
    }

    /// Connects and prepares the channel when there is no connection and the pause is over.
    ///
    /// - Returns: the connection when it is new, else `nil`.
    func connectIfDue(_ prepare: (AMQPConnection) throws(BrokerError) -> Void) -> AMQPConnection? {
        guard self.connection == nil, ContinuousClock.now >= self.notBefore else { return nil }
        do {
            let connection = try AMQPConnection.connect(self.configuration, purpose: self.purpose, after: self.last)
            self.last = connection.configuration.endpoints[0]
            try prepare(connection)
            self.connection = connection
            if self.lastError != nil { self.logger.info("connected with the broker again", metadata: self.metadata) }
            self.lastError = nil
            return connection
        } catch {
            self.pause(after: error)
            return nil
        }
    }

    /// The connection can't be used any more.
    func lost(_ error: BrokerError) {
        self.connection?.abandon()
        self.connection = nil
        self.pause(after: error)
    }

    /// The connection did its work, so the next pause is a short one again.
    func provedItself() { self.backoff.reset() }

    func close() {
        self.connection?.close()
        self.connection = nil
    }

    private func pause(after error: BrokerError) {
        let pause = self.backoff.next()
        self.notBefore = ContinuousClock.now + pause
        self.lastError = error
        self.logger.info(
            "no connection with the broker, trying again",
            metadata: self.metadata.merging(
                ["error.code": "\(error.code)", "error.message": "\(error.message)", "pause": "\(pause)"]) { $1 })
    }

    private var metadata: Logger.Metadata {
        [
            "broker.endpoint": "\((self.connection?.configuration ?? self.configuration).endpoint)",
            "connection.purpose": "\(self.purpose)",
        ]
    }
}
