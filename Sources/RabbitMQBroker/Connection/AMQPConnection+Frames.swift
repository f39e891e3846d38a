import CRabbitMQ
import Foundation
import Messaging

extension AMQPConnection {
    /// The next thing the broker sent, or `nil` when nothing is there now. Doesn't wait. Reading also sends our
    /// heartbeats and notices that the broker's are missing.
    ///
    /// - Throws: when the connection is gone.
    func nextEvent() throws(BrokerError) -> ConnectionEvent? {
        while true {
            // Frames read before are copied by now; without this librabbitmq's pools grow for ever.
            unsafe amqp_maybe_release_buffers(self.state)
            var frame = unsafe amqp_frame_t()
            var noWait = knutpunkt_time_limit(0, 0)
            let status = unsafe amqp_simple_wait_frame_noblock(self.state, &frame, &noWait)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
            try self.check(status: status)
            if let event = try unsafe self.event(of: frame) { return event }
        }
    }

    private func event(of frame: amqp_frame_t) throws(BrokerError) -> ConnectionEvent? {
        switch unsafe Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD:
            return try unsafe self.event(of: frame.payload.method)
        case AMQP_FRAME_HEADER:
            let properties = unsafe frame.payload.properties
            guard let decoded = unsafe properties.decoded else { return nil }
            return unsafe self.assembler.header(
                MessageProperties(decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee),
                bodySize: properties.body_size)
        case AMQP_FRAME_BODY:
            let fragment = unsafe frame.payload.body_fragment
            return unsafe self.assembler.fragment(UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len))
        default:
            return nil
        }
    }

    private func event(of method: amqp_method_t) throws(BrokerError) -> ConnectionEvent? {
        guard let decoded = unsafe method.decoded else { return nil }
        switch unsafe Int64(method.id) {
        case Int64(AMQP_BASIC_ACK_METHOD):
            let ack = unsafe decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
            return .confirmed(tag: ack.delivery_tag, multiple: ack.multiple != 0)
        case Int64(AMQP_BASIC_NACK_METHOD):
            let nack = unsafe decoded.assumingMemoryBound(to: amqp_basic_nack_t.self).pointee
            return .refused(tag: nack.delivery_tag, multiple: nack.multiple != 0)
        case Int64(AMQP_BASIC_DELIVER_METHOD):
            let deliver = unsafe decoded.assumingMemoryBound(to: amqp_basic_deliver_t.self).pointee
            unsafe self.assembler.begin(
                .delivery(
                    tag: deliver.delivery_tag, redelivered: deliver.redelivered != 0, exchange: String(deliver.exchange),
                    routingKey: String(deliver.routing_key)))
            return nil
        case Int64(AMQP_BASIC_RETURN_METHOD):
            let returned = unsafe decoded.assumingMemoryBound(to: amqp_basic_return_t.self).pointee
            unsafe self.assembler.begin(
                .returned(
                    reply: ServerReply(code: returned.reply_code, text: String(returned.reply_text)),
                    exchange: String(returned.exchange), routingKey: String(returned.routing_key)))
            return nil
        case Int64(AMQP_BASIC_CANCEL_METHOD):
            return .consumerCancelled
        case Int64(AMQP_CONNECTION_BLOCKED_METHOD):
            let blocked = unsafe decoded.assumingMemoryBound(to: amqp_connection_blocked_t.self).pointee
            return .blocked(reason: unsafe String(blocked.reason))
        case Int64(AMQP_CONNECTION_UNBLOCKED_METHOD):
            return .unblocked
        case Int64(AMQP_CHANNEL_CLOSE_METHOD):
            let reply = unsafe ServerReply(channelClose: decoded)
            self.confirmChannelClose()
            return .channelClosed(reply)
        case Int64(AMQP_CONNECTION_CLOSE_METHOD):
            let reply = unsafe ServerReply(connectionClose: decoded)
            self.confirmConnectionClose()
            throw .connectionClosed(reply, self.configuration)
        default:
            return nil
        }
    }
}

extension ServerReply {
    init(channelClose decoded: UnsafeMutableRawPointer?) {
        guard let close = unsafe decoded?.assumingMemoryBound(to: amqp_channel_close_t.self).pointee else {
            self.init(code: 0, text: "")
            return
        }
        unsafe self.init(code: close.reply_code, text: String(close.reply_text))
    }

    init(connectionClose decoded: UnsafeMutableRawPointer?) {
        guard let close = unsafe decoded?.assumingMemoryBound(to: amqp_connection_close_t.self).pointee else {
            self.init(code: 0, text: "")
            return
        }
        unsafe self.init(code: close.reply_code, text: String(close.reply_text))
    }
}

extension String {
    /// A copy; bytes that are no UTF-8 are replaced.
    init(_ bytes: amqp_bytes_t) {
        self = unsafe String(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}

extension MessageProperties {
    init(_ properties: amqp_basic_properties_t) {
        let flags = unsafe Int64(properties._flags)
        if flags & Int64(AMQP_BASIC_MESSAGE_ID_FLAG) != 0 { self.messageID = unsafe String(properties.message_id) }
        if flags & Int64(AMQP_BASIC_CONTENT_TYPE_FLAG) != 0 { self.contentType = unsafe String(properties.content_type) }
        if flags & Int64(AMQP_BASIC_CORRELATION_ID_FLAG) != 0 {
            self.correlationID = unsafe String(properties.correlation_id)
        }
        if flags & Int64(AMQP_BASIC_REPLY_TO_FLAG) != 0 { self.replyTo = unsafe String(properties.reply_to) }
        guard flags & Int64(AMQP_BASIC_HEADERS_FLAG) != 0 else { return }
        let table = unsafe properties.headers
        self.headers.reserveCapacity(Int(unsafe table.num_entries))
        for index in 0..<Int(unsafe table.num_entries) {
            guard let entry = unsafe table.entries?[index] else { continue }
            guard let value = unsafe HeaderValue(entry.value) else { continue }
            let key = unsafe String(entry.key)
            if key == "x-delivery-count", case .integer(let count) = value {
                self.deliveryCount = count
            } else {
                self.headers[key] = value
            }
        }
    }
}

extension HeaderValue {
    /// `nil` for kinds that the hub's messages don't use (tables, arrays, fractions), e.g. the broker's `x-death`.
    init?(_ field: amqp_field_value_t) {
        switch unsafe amqp_field_value_kind_t(rawValue: UInt32(field.kind)) {
        case AMQP_FIELD_KIND_UTF8: self = .string(unsafe String(field.value.bytes))
        case AMQP_FIELD_KIND_BOOLEAN: self = .bool(unsafe field.value.boolean != 0)
        case AMQP_FIELD_KIND_I64: self = .integer(unsafe field.value.i64)
        case AMQP_FIELD_KIND_I32: self = .integer(Int64(unsafe field.value.i32))
        case AMQP_FIELD_KIND_I16: self = .integer(Int64(unsafe field.value.i16))
        case AMQP_FIELD_KIND_I8: self = .integer(Int64(unsafe field.value.i8))
        case AMQP_FIELD_KIND_U64, AMQP_FIELD_KIND_TIMESTAMP: self = .integer(Int64(clamping: unsafe field.value.u64))
        case AMQP_FIELD_KIND_U32: self = .integer(Int64(unsafe field.value.u32))
        case AMQP_FIELD_KIND_U16: self = .integer(Int64(unsafe field.value.u16))
        case AMQP_FIELD_KIND_U8: self = .integer(Int64(unsafe field.value.u8))
        default: return nil
        }
    }
}
