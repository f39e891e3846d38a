public import Foundation

/// A header's value: the AMQP field types that the hub's messages use.
public enum HeaderValue: Sendable, Hashable {
    case string(String)
    case integer(Int64)
    case bool(Bool)
}

/// One AMQP message as the hub sees it; always published persistent.
public struct Message: Sendable, Hashable {
    /// AMQP `message_id`: the same for every publication of the same message.
    public var id: String
    /// AMQP `content_type`, e.g. `application/json`.
    public var contentType: String
    public var headers: [String: HeaderValue]
    /// AMQP `correlation_id`: of an answer, the question's id.
    public var correlationID: String?
    /// AMQP `reply_to`: of a question, where the answer goes.
    public var replyTo: String?
    public var body: Data

    public init(
        id: String, contentType: String, headers: [String: HeaderValue] = [:], correlationID: String? = nil,
        replyTo: String? = nil, body: Data
    ) {
        self.id = id
        self.contentType = contentType
        self.headers = headers
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.body = body
    }
}

/// A message and where it goes.
public struct Publication: Sendable, Hashable {
    public var message: Message
    /// The exchange; empty = the default exchange, whose routing key is a queue's name.
    public var exchange: String
    public var routingKey: String
    /// More routing keys of the same exchange: a queue that fits several of them gets the message once, and no receiver
    /// sees them (RabbitMQ's sender-selected distribution, `BCC`).
    public var furtherRoutingKeys: [String]

    public init(_ message: Message, exchange: String, routingKey: String, furtherRoutingKeys: [String] = []) {
        self.message = message
        self.exchange = exchange
        self.routingKey = routingKey
        self.furtherRoutingKeys = furtherRoutingKeys
    }
}

/// What the broker said about one publication.
public enum PublishOutcome: Sendable {
    /// The broker has it: routed to at least one queue and stored.
    case confirmed
    /// The broker doesn't have it (returned as unroutable, refused); publish again or tell somebody.
    case failed(BrokerError)
}

/// What a queue handed out; ``Delivery`` and ``DeliveryBatch`` settle it.
public struct IncomingMessage: Sendable {
    public let message: Message
    public let exchange: String
    public let routingKey: String
    /// How often it was handed out before (`x-delivery-count`, or the redelivered flag as 1).
    public let deliveryCount: Int64
    /// What it is settled by.
    package let token: DeliveryToken

    package init(message: Message, exchange: String, routingKey: String, deliveryCount: Int64, token: DeliveryToken) {
        self.message = message
        self.exchange = exchange
        self.routingKey = routingKey
        self.deliveryCount = deliveryCount
        self.token = token
    }
}

/// A delivery tag and the life of the channel it belongs to; worth nothing after a reconnect.
package struct DeliveryToken: Sendable, Hashable {
    package let tag: UInt64
    package let generation: UInt64

    package init(tag: UInt64, generation: UInt64) {
        self.tag = tag
        self.generation = generation
    }
}
