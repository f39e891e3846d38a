import CRabbitMQ
import Foundation
import Messaging

extension AMQPConnection {
    /// Declares everything; what is there already with the same arguments stays as it is.
    ///
    /// Waits `newQueuePause` when it made a queue.
    ///
    /// - Throws: `topologyConflict` naming the exchange or queue whose arguments differ.
    func declare(_ topology: Topology) throws(BrokerError) {
        for exchange in topology.exchanges { try self.declare(exchange) }
        var hasNewQueue = false
        for queue in topology.queues {
            if try !self.exists(queue.name) { hasNewQueue = true }
            try self.declare(queue)
        }
        for binding in topology.bindings { try self.bind(binding) }
        if hasNewQueue { Thread.sleep(forTimeInterval: self.configuration.newQueuePause / .seconds(1)) }
    }

    /// What of the topology exists with other arguments. Makes nothing and changes nothing.
    func drift(from topology: Topology) throws(BrokerError) -> [BrokerError] {
        var conflicts: [BrokerError] = []
        func note(_ declare: () throws(BrokerError) -> Void) throws(BrokerError) {
            do {
                try declare()
            } catch  where error.code == .topologyConflict {
                conflicts.append(error)
                try self.reopenChannel()
            }
        }
        for exchange in topology.exchanges where try self.exists(exchange) {
            try note { () throws(BrokerError) in try self.declare(exchange) }
        }
        for queue in topology.queues where try self.exists(queue.name) {
            try note { () throws(BrokerError) in try self.declare(queue) }
        }
        return conflicts
    }

    private func exists(_ exchange: Topology.Exchange) throws(BrokerError) -> Bool {
        self.arena.reset()
        do {
            try self.request {
                let (name, kind) = unsafe (self.arena.bytes(exchange.name), self.arena.bytes(exchange.kind.rawValue))
                unsafe amqp_exchange_declare(self.state, Self.channel, name, kind, 1, 1, 0, 0, amqp_empty_table)
            }
            return true
        } catch .channelClosed(let reply) where reply.code == ServerReply.notFound {
            try self.reopenChannel()
            return false
        } catch {
            throw error.asBrokerError(self.configuration)
        }
    }

    private func exists(_ queue: String) throws(BrokerError) -> Bool {
        if try self.depth(of: queue) != nil { return true }
        try self.reopenChannel()
        return false
    }

    /// After a question that the broker answered by closing the channel.
    private func reopenChannel() throws(BrokerError) {
        do {
            try self.openChannel()
        } catch {
            throw error.asBrokerError(self.configuration)
        }
    }

    private func declare(_ exchange: Topology.Exchange) throws(BrokerError) {
        self.arena.reset()
        try self.declaring("exchange", exchange.name) {
            let (name, kind) = unsafe (self.arena.bytes(exchange.name), self.arena.bytes(exchange.kind.rawValue))
            unsafe amqp_exchange_declare(self.state, Self.channel, name, kind, 0, 1, 0, 0, amqp_empty_table)
        }
    }

    private func declare(_ queue: Topology.Queue) throws(BrokerError) {
        self.arena.reset()
        try self.declaring("queue", queue.name) {
            let (name, arguments) = unsafe (self.arena.bytes(queue.name), self.arena.table(queue.arguments))
            unsafe amqp_queue_declare(self.state, Self.channel, name, 0, 1, 0, 0, arguments)
        }
    }

    private func bind(_ binding: Topology.Binding) throws(BrokerError) {
        self.arena.reset()
        do {
            try self.request {
                let (queue, exchange) = unsafe (self.arena.bytes(binding.queue), self.arena.bytes(binding.exchange))
                let key = unsafe self.arena.bytes(binding.routingKey)
                unsafe amqp_queue_bind(self.state, Self.channel, queue, exchange, key, amqp_empty_table)
            }
        } catch .channelClosed(let reply) where reply.code == ServerReply.notFound && !reply.saysQueueIsDownForNow {
            throw BrokerError(
                .misconfigured,
                "queue '\(binding.queue)' can't be bound to exchange '\(binding.exchange)': one of them does not exist (\(reply))"
            )
        } catch {
            throw error.asBrokerError(self.configuration)
        }
    }

    private func declaring(_ what: String, _ name: String, _ call: () -> Void) throws(BrokerError) {
        do {
            try self.request(call)
        } catch .channelClosed(let reply) where reply.code == ServerReply.preconditionFailed {
            throw .conflict(what, name, reply)
        } catch {
            throw error.asBrokerError(self.configuration)
        }
    }

    /// Messages ready in a queue, or `nil` when there is no such queue (the channel is closed then).
    func depth(of queue: String) throws(BrokerError) -> Int? {
        var depth: Int?
        self.arena.reset()
        do {
            try self.request {
                let name = unsafe self.arena.bytes(queue)
                let answer = unsafe amqp_queue_declare(self.state, Self.channel, name, 1, 1, 0, 0, amqp_empty_table)
                if let answer = unsafe answer { depth = unsafe Int(answer.pointee.message_count) }
            }
        } catch .channelClosed(let reply) where reply.code == ServerReply.notFound && !reply.saysQueueIsDownForNow {
            return nil
        } catch {
            throw error.asBrokerError(self.configuration)
        }
        return depth
    }
}

extension Topology.Queue {
    /// What makes the queue keep its messages: replicated log, poison messages moved away after `deliveryLimit`,
    /// moved with a confirm, and publishers told instead of messages dropped. Can't be changed once declared.
    var arguments: [(key: String, value: HeaderValue)] {
        var arguments: [(key: String, value: HeaderValue)] = [
            ("x-queue-type", .string("quorum")),
            ("x-delivery-limit", .integer(Int64(self.deliveryLimit))),
            ("x-overflow", .string("reject-publish")),
        ]
        if let target = self.deadLetterQueue {
            arguments.append(("x-dead-letter-exchange", .string("")))
            arguments.append(("x-dead-letter-routing-key", .string(target)))
            arguments.append(("x-dead-letter-strategy", .string("at-least-once")))
        }
        if self.singleActiveConsumer { arguments.append(("x-single-active-consumer", .bool(true))) }
        return arguments
    }
}
