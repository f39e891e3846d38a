import CRabbitMQ
import Messaging

extension AMQPConnection {
    /// The channel's only consumer.
    private static let consumerTag = "knutpunkt"

    /// Ends the consumer, once nothing is unsettled. The queue answers after it has heard of every acknowledgement; a
    /// channel that is merely closed may take the last of them with it, and the messages come again.
    func cancelConsumer() throws(RequestFailure) {
        self.arena.reset()
        try self.request {
            let tag = unsafe self.arena.bytes(Self.consumerTag)
            unsafe amqp_basic_cancel(self.state, Self.channel, tag)
        }
    }

    /// Starts a consumer with manual acknowledgement.
    ///
    /// - Throws: `queueMissing` when there is no such queue.
    func consume(_ queue: String, prefetch: Int) throws(BrokerError) {
        self.arena.reset()
        do {
            // Per consumer, not global: quorum queues refuse the global kind.
            try self.request { unsafe amqp_basic_qos(self.state, Self.channel, 0, UInt16(clamping: prefetch), 0) }
            try self.request {
                let name = unsafe self.arena.bytes(queue)
                let tag = unsafe self.arena.bytes(Self.consumerTag)
                unsafe amqp_basic_consume(self.state, Self.channel, name, tag, 0, 0, 0, amqp_empty_table)
            }
        } catch .channelClosed(let reply) where reply.code == ServerReply.notFound && !reply.saysQueueIsDownForNow {
            throw .queueMissing(queue)
        } catch {
            throw error.asBrokerError(self.configuration)
        }
    }

    func settle(_ frames: [UnsettledDeliveries.Frame], _ verdict: Verdict) throws(BrokerError) {
        for frame in frames {
            let multiple: amqp_boolean_t = frame.multiple ? 1 : 0
            let status =
                switch verdict {
                case .acknowledge: unsafe amqp_basic_ack(self.state, Self.channel, frame.tag, multiple)
                case .giveBack: unsafe amqp_basic_nack(self.state, Self.channel, frame.tag, multiple, 1)
                case .refuse: unsafe amqp_basic_nack(self.state, Self.channel, frame.tag, multiple, 0)
                }
            try self.check(status: status)
        }
    }
}

extension ConnectionEvent.Delivery {
    func incoming(generation: UInt64) -> IncomingMessage {
        IncomingMessage(
            message: self.message, exchange: self.exchange, routingKey: self.routingKey,
            deliveryCount: self.deliveryCount ?? (self.redelivered ? 1 : 0),
            token: DeliveryToken(tag: self.tag, generation: generation))
    }
}
