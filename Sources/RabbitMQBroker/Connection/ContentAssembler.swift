import Foundation
import Messaging

/// Puts a message together from its method, header and body frames, which come in this order on a channel.
///
/// States: idle → (method) expecting header → (header) expecting body → (all bytes) idle, or idle at once when the
/// body is empty.
struct ContentAssembler {
    enum Method {
        case delivery(tag: UInt64, redelivered: Bool, exchange: String, routingKey: String)
        case returned(reply: ServerReply, exchange: String, routingKey: String)
    }

    private var method: Method?
    private var properties: MessageProperties?
    private var bodySize = 0
    private var body = Data()

    mutating func begin(_ method: Method) {
        self.method = method
        self.properties = nil
        self.body = Data()
    }

    mutating func header(_ properties: MessageProperties, bodySize: UInt64) -> ConnectionEvent? {
        guard self.method != nil else { return nil }
        self.properties = properties
        self.bodySize = Int(clamping: bodySize)
        if self.bodySize > 65_536 { self.body.reserveCapacity(min(self.bodySize, 1 << 28)) }
        return self.bodySize == 0 ? self.finish() : nil
    }

    mutating func fragment(_ bytes: UnsafeRawBufferPointer) -> ConnectionEvent? {
        guard self.properties != nil else { return nil }
        unsafe self.body.append(contentsOf: bytes)
        return self.body.count >= self.bodySize ? self.finish() : nil
    }

    private mutating func finish() -> ConnectionEvent? {
        guard let method = self.method, let properties = self.properties else { return nil }
        let body = self.body
        self = ContentAssembler()
        switch method {
        case .delivery(let tag, let redelivered, let exchange, let routingKey):
            return .delivery(
                ConnectionEvent.Delivery(
                    tag: tag, redelivered: redelivered, exchange: exchange, routingKey: routingKey,
                    deliveryCount: properties.deliveryCount,
                    message: Message(
                        id: properties.messageID, contentType: properties.contentType, headers: properties.headers,
                        correlationID: properties.correlationID, replyTo: properties.replyTo, body: body)))
        case .returned(let reply, let exchange, let routingKey):
            return .returned(
                ConnectionEvent.Returned(
                    reply: reply, exchange: exchange, routingKey: routingKey, messageID: properties.messageID))
        }
    }
}

/// What the hub reads of a message's AMQP properties.
struct MessageProperties {
    var messageID = ""
    var contentType = ""
    var headers: [String: HeaderValue] = [:]
    var correlationID: String?
    var replyTo: String?
    /// `x-delivery-count`, which quorum queues add from the second delivery on; not part of the sender's headers.
    var deliveryCount: Int64?
}
