import Messaging

/// What the broker sent, put together from its frames and copied out of librabbitmq's memory.
enum ConnectionEvent {
    case delivery(Delivery)
    /// A mandatory message that no queue takes; comes before its confirm.
    case returned(Returned)
    case confirmed(tag: UInt64, multiple: Bool)
    case refused(tag: UInt64, multiple: Bool)
    /// The broker ended our consumer, usually because its queue was deleted.
    case consumerCancelled
    /// The broker stopped taking messages from this connection (memory or disk alarm).
    case blocked(reason: String)
    case unblocked
    /// Already answered; the channel must be opened again before use.
    case channelClosed(ServerReply)

    struct Delivery {
        var tag: UInt64
        var redelivered: Bool
        var exchange: String
        var routingKey: String
        var deliveryCount: Int64?
        var message: Message
    }

    struct Returned {
        var reply: ServerReply
        var exchange: String
        var routingKey: String
        var messageID: String
    }
}
