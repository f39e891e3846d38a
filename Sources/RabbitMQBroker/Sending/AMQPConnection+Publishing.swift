import CRabbitMQ
import Foundation
import Messaging

extension AMQPConnection {
    /// Has the broker confirm every message published from now on.
    func selectConfirms() throws(RequestFailure) {
        try self.request { unsafe amqp_confirm_select(self.state, Self.channel) }
    }

    /// Writes one message: mandatory, persistent. The body is not copied here.
    func publish(_ publication: Publication) throws(BrokerError) {
        self.arena.reset()
        let message = publication.message
        var properties = unsafe amqp_basic_properties_t()
        unsafe properties._flags = amqp_flags_t(
            AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_HEADERS_FLAG)
        unsafe properties.content_type = unsafe self.arena.bytes(message.contentType)
        unsafe properties.delivery_mode = UInt8(AMQP_DELIVERY_PERSISTENT.rawValue)
        unsafe properties.message_id = unsafe self.arena.bytes(message.id)
        if let correlationID = message.correlationID {
            unsafe properties._flags |= amqp_flags_t(AMQP_BASIC_CORRELATION_ID_FLAG)
            unsafe properties.correlation_id = unsafe self.arena.bytes(correlationID)
        }
        if let replyTo = message.replyTo {
            unsafe properties._flags |= amqp_flags_t(AMQP_BASIC_REPLY_TO_FLAG)
            unsafe properties.reply_to = unsafe self.arena.bytes(replyTo)
        }
        unsafe properties.headers = unsafe self.arena.table(
            message.headers, lists: publication.furtherRoutingKeys.isEmpty ? [] : [("BCC", publication.furtherRoutingKeys)])
        let exchange = unsafe self.arena.bytes(publication.exchange)
        let routingKey = unsafe self.arena.bytes(publication.routingKey)
        let status = unsafe message.body.withUnsafeBytes { body in
            // librabbitmq takes a pointer to mutable bytes and only reads them.
            let bytes = unsafe amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
            return unsafe amqp_basic_publish(
                self.state, Self.channel, exchange, routingKey, 1, 0, &properties, bytes)
        }
        try self.check(status: status)
    }
}

extension Publication {
    /// What about this message would break the connection or be cut, or `nil`. Checked before the first byte goes
    /// out: a header frame over the frame size leaves the connection unusable.
    func obstacle(_ configuration: RabbitMQConfiguration) -> BrokerError? {
        let message = self.message
        for (what, text) in [
            ("exchange", self.exchange), ("routing key", self.routingKey), ("message id", message.id),
            ("content type", message.contentType), ("correlation id", message.correlationID ?? ""),
            ("reply to", message.replyTo ?? ""),
        ] where text.utf8.count > 255 {
            return BrokerError(.messageTooLarge, "message '\(message.id.prefix(64))': its \(what) is longer than 255 bytes")
        }
        var size = 0
        for (key, value) in message.headers {
            guard key.utf8.count <= 128 else {
                return BrokerError(.messageTooLarge, "message '\(message.id)': a header's name is longer than 128 bytes")
            }
            size += key.utf8.count + 10
            if case .string(let text) = value { size += text.utf8.count }
        }
        for key in self.furtherRoutingKeys {
            guard key.utf8.count <= 255 else {
                return BrokerError(.messageTooLarge, "message '\(message.id)': a routing key is longer than 255 bytes")
            }
            size += key.utf8.count + 10
        }
        guard size <= configuration.maximumHeaderBytes else {
            return BrokerError(
                .messageTooLarge,
                "message '\(message.id)': its headers take \(size) bytes, at most \(configuration.maximumHeaderBytes) are sent")
        }
        guard message.body.count <= configuration.maximumBodyBytes else {
            return BrokerError(
                .messageTooLarge,
                "message '\(message.id)': its body has \(message.body.count) bytes, at most \(configuration.maximumBodyBytes) are sent"
            )
        }
        return nil
    }
}
