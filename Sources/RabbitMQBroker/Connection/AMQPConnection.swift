import CRabbitMQ
import Foundation
import Messaging

/// One connection with one channel. It owns librabbitmq's state, which is made, used and freed on one thread;
/// this class is not `Sendable` so that it can't leave it.
///
/// Nothing here waits without a limit: reading never waits at all, requests have `requestTimeout`, and a write that
/// is stuck is cut by TCP_USER_TIMEOUT.
@safe
final class AMQPConnection {
    static let channel: amqp_channel_t = 1

    let configuration: RabbitMQConfiguration
    let state: amqp_connection_state_t
    let descriptor: CInt
    /// The interval agreed with the broker; we look for frames at least four times in it.
    let pumpInterval: Duration
    /// What is being put together from header and body frames.
    var assembler = ContentAssembler()
    private var isChannelOpen = false
    /// Memory for what is handed to C in one publish.
    let arena = FieldArena()

    /// Connects, logs in and opens the channel.
    ///
    /// - Throws: the error of the step that failed, with `retry: .never` when trying again can't help.
    init(_ configuration: RabbitMQConfiguration, purpose: String) throws(BrokerError) {
        Self.ignoreBrokenPipes
        guard let state = unsafe amqp_new_connection() else {
            throw BrokerError(.unreachable, "no memory for a connection with the broker", retry: .later)
        }
        unsafe self.state = unsafe state
        self.configuration = configuration
        do {
            self.descriptor = try unsafe Self.openSocket(state, configuration)
            let heartbeat = try unsafe Self.logIn(state, configuration, purpose: purpose)
            self.pumpInterval = min(.seconds(1), heartbeat / 4)
        } catch {
            unsafe amqp_destroy_connection(state)
            throw error
        }
        do {
            try self.openChannel()
        } catch {
            throw error.asBrokerError(configuration)
        }
    }

    deinit {
        unsafe amqp_destroy_connection(self.state)
    }

    /// Says goodbye in order: the broker has then taken every acknowledgement sent before.
    func close() {
        if self.isChannelOpen {
            let goodbye: Void? = try? self.request {
                unsafe amqp_channel_close(self.state, Self.channel, CInt(AMQP_REPLY_SUCCESS))
            }
            guard goodbye != nil else { return }
        }
        _ = unsafe amqp_connection_close(self.state, CInt(AMQP_REPLY_SUCCESS))
    }

    /// A link that is suspected dead gets no goodbye, which would only wait.
    func abandon() {
        shutdown(self.descriptor, CInt(SHUT_RDWR))
    }

    /// Opens the channel, also again after the broker closed it.
    func openChannel() throws(RequestFailure) {
        self.assembler = ContentAssembler()
        try self.request { unsafe amqp_channel_open(self.state, Self.channel) }
        self.isChannelOpen = true
    }

    /// Closes the channel and opens it again, free of everything that came over the old one.
    func renewChannel() throws(BrokerError) {
        do {
            try self.request { unsafe amqp_channel_close(self.state, Self.channel, CInt(AMQP_REPLY_SUCCESS)) }
        } catch {
            throw error.asBrokerError(self.configuration)
        }
        self.isChannelOpen = false
        while try self.nextEvent() != nil {}
        do {
            try self.openChannel()
        } catch {
            throw error.asBrokerError(self.configuration)
        }
    }

    /// Asks the broker something and waits for its reply, at most `requestTimeout`. Frames that come in between are
    /// kept for ``nextEvent()``.
    func request(_ call: () -> Void) throws(RequestFailure) {
        call()
        try unsafe self.check(amqp_get_rpc_reply(self.state))
    }

    private func check(_ reply: amqp_rpc_reply_t) throws(RequestFailure) {
        switch unsafe reply.reply_type {
        case AMQP_RESPONSE_NORMAL:
            return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            if unsafe reply.reply.id == amqp_method_number_t(AMQP_CHANNEL_CLOSE_METHOD) {
                let words = unsafe ServerReply(channelClose: reply.reply.decoded)
                self.confirmChannelClose()
                throw .channelClosed(words)
            }
            let words = unsafe ServerReply(connectionClose: reply.reply.decoded)
            self.confirmConnectionClose()
            throw .connection(.connectionClosed(words, self.configuration))
        default:
            throw .connection(.running(status: unsafe reply.library_error, self.configuration))
        }
    }

    /// Throws when a function that only writes reported a broken connection.
    func check(status: CInt) throws(BrokerError) {
        guard status < 0 else { return }
        throw .running(status: status, self.configuration)
    }

    /// Without this answer the channel number stays taken and its next use costs the connection.
    func confirmChannelClose() {
        self.isChannelOpen = false
        var answer = amqp_channel_close_ok_t()
        unsafe amqp_send_method(self.state, Self.channel, amqp_method_number_t(AMQP_CHANNEL_CLOSE_OK_METHOD), &answer)
    }

    func confirmConnectionClose() {
        var answer = amqp_connection_close_ok_t()
        unsafe amqp_send_method(self.state, 0, amqp_method_number_t(AMQP_CONNECTION_CLOSE_OK_METHOD), &answer)
    }

    /// Whether more can be written now without waiting.
    var isWritable: Bool {
        var descriptors = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&descriptors, 1, 0) == 1 && descriptors.revents & Int16(POLLOUT) != 0
    }

    /// Waits until the broker sent something, somebody left something in the mailbox, the socket can be written
    /// again (when that is asked for), or the time is over. Never longer than a quarter of the heartbeat.
    func wait(orFor mailbox: CInt, alsoWritable: Bool, atMost limit: Duration) {
        if unsafe amqp_frames_enqueued(self.state) != 0 { return }
        if unsafe amqp_data_in_buffer(self.state) != 0 { return }
        let events = alsoWritable ? POLLIN | POLLOUT : POLLIN
        DescriptorWait.wait(
            for: [(self.descriptor, Int16(events)), (mailbox, Int16(POLLIN))], atMost: min(limit, self.pumpInterval))
    }
}

extension RequestFailure {
    func asBrokerError(_ configuration: RabbitMQConfiguration) -> BrokerError {
        switch self {
        case .channelClosed(let reply): .channelClosed(reply, configuration)
        case .connection(let error): error
        }
    }
}
