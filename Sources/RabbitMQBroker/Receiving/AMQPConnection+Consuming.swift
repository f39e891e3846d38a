import CRabbitMQ
import Messaging

extension AMQPConnection {
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
                unsafe amqp_basic_consume(self.state, Self.channel, name, amqp_empty_bytes, 0, 0, 0, amqp_empty_table)
            }
        } catch .channelClosed(let reply) where reply.code == ServerReply.notFound && !reply.saysQueueIsDownForNow {
            throw .queueMissing(queue)
        } catch {
            throw error.asBrokerError(self.configuration)
        }
    }

    func settle(_ frames: [UnsettledDeliveries.Frame], _ verdict: RabbitMQSubscription.Command.Verdict) throws(BrokerError) {
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
