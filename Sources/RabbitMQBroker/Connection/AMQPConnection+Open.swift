import CRabbitMQ
import Foundation
import Messaging

extension AMQPConnection {
    /// A write to a connection that the peer closed must be an error, not the end of the process.
    static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    static func openSocket(
        _ state: amqp_connection_state_t, _ configuration: RabbitMQConfiguration
    ) throws(BrokerError) -> CInt {
        let socket =
            configuration.usesTLS ? try unsafe Self.secureSocket(state, configuration) : unsafe amqp_tcp_socket_new(state)
        guard let socket = unsafe socket else {
            throw BrokerError(.unreachable, "no memory for a connection with the broker", retry: .later)
        }
        var limit = configuration.connectTimeout.timeval
        let status = unsafe amqp_socket_open_noblock(socket, configuration.host, CInt(configuration.port), &limit)
        guard status == AMQP_STATUS_OK.rawValue else { throw .opening(status: status, configuration) }
        unsafe amqp_set_handshake_timeout(state, &limit)
        var requestLimit = configuration.requestTimeout.timeval
        unsafe amqp_set_rpc_timeout(state, &requestLimit)
        let descriptor = unsafe amqp_get_sockfd(state)
        Self.limitUnansweredWrites(on: descriptor, to: configuration.heartbeat * 2)
        if configuration.usesTLS { try Self.hearVerdict(on: descriptor, configuration) }
        return descriptor
    }

    static func logIn(
        _ state: amqp_connection_state_t, _ configuration: RabbitMQConfiguration, purpose: String
    ) throws(BrokerError) -> Duration {
        // Notes belong to this attempt: nothing may be left of it on a thread that ends.
        defer { _ = TLSNotes.take() }
        let arena = FieldArena()
        // Without these two the broker doesn't tell that a queue is gone or that it takes nothing.
        let capabilities = unsafe arena.table([("consumer_cancel_notify", .bool(true)), ("connection.blocked", .bool(true))])
        var properties = unsafe arena.table(
            [("connection_name", .string("\(configuration.connectionName) \(purpose)"))],
            tables: [("capabilities", capabilities)])
        let heartbeat = max(1, configuration.heartbeat.components.seconds)
        let frameSize = CInt(AMQP_DEFAULT_FRAME_SIZE)
        let reply =
            unsafe configuration.usesCertificateLogin
            ? knutpunkt_login_external(state, configuration.virtualHost, frameSize, CInt(heartbeat), &properties)
            : knutpunkt_login_plain(
                state, configuration.virtualHost, frameSize, CInt(heartbeat), &properties, configuration.user,
                configuration.password)
        switch unsafe reply.reply_type {
        case AMQP_RESPONSE_NORMAL:
            let agreed = unsafe amqp_get_heartbeat(state)
            return .seconds(agreed > 0 ? Int(agreed) : Int(heartbeat))
        case AMQP_RESPONSE_SERVER_EXCEPTION
        where unsafe reply.reply.id == amqp_method_number_t(AMQP_CONNECTION_CLOSE_METHOD):
            throw .connectionClosed(unsafe ServerReply(connectionClose: reply.reply.decoded), configuration)
        default:
            throw .loggingIn(status: unsafe reply.library_error, configuration)
        }
    }

    /// Cuts a connection whose written bytes nobody takes; `nil` lifts the limit (a broker short of memory stops
    /// reading on purpose).
    static func limitUnansweredWrites(on descriptor: CInt, to limit: Duration?) {
        var milliseconds = CUnsignedInt((limit ?? .zero).components.seconds * 1000)
        unsafe setsockopt(
            descriptor, CInt(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, socklen_t(MemoryLayout<CUnsignedInt>.size))
    }
}

extension Duration {
    var timeval: timeval {
        let (seconds, attoseconds) = self.components
        return knutpunkt_time_limit(Int(seconds), Int(attoseconds / 1_000_000_000_000))
    }
}
