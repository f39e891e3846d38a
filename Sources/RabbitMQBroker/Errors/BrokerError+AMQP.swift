import CRabbitMQ
import Messaging

/// The one place where librabbitmq's status codes and RabbitMQ's reply codes become the hub's errors.
extension BrokerError {
    /// A failure while the connection is being made.
    static func opening(status: Int32, _ configuration: RabbitMQConfiguration) -> BrokerError {
        let endpoint = configuration.endpoint
        let words = Self.words(status)
        if configuration.usesTLS, let failure = TLSFailure.error(configuration) { return failure }
        switch amqp_status_enum(rawValue: status) {
        case AMQP_STATUS_TIMEOUT:
            return BrokerError(
                .unreachable,
                "\(endpoint) gave no answer in \(configuration.connectTimeout)"
                    + (configuration.usesTLS ? " (the connection or the TLS handshake stalls)" : ""), retry: .later)
        case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
            return BrokerError(
                .tlsFailed,
                "the certificate of \(endpoint) is not for the name '\(configuration.host)'; write the name that it carries in amqp.url"
            )
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED:
            return BrokerError(
                .tlsFailed, "the certificate of \(endpoint) is not signed by anybody in \(configuration.caFile)")
        case AMQP_STATUS_SSL_CONNECTION_FAILED, AMQP_STATUS_SSL_ERROR, AMQP_STATUS_SSL_SET_ENGINE_FAILED:
            return BrokerError(.tlsFailed, "no TLS connection with \(endpoint): \(words)", retry: .later)
        case AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD:
            return BrokerError(
                .accessRefused,
                "the broker at \(endpoint) offers no login by \(configuration.usesCertificateLogin ? "certificate (SASL EXTERNAL)" : "user and password (SASL PLAIN)")"
            )
        case AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION, AMQP_STATUS_BAD_AMQP_DATA:
            return BrokerError(
                .misconfigured,
                "what answers at \(endpoint) does not speak AMQP 0-9-1 (\(words)); write the broker's AMQP port in amqp.url")
        case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED:
            return BrokerError(.unreachable, "the broker's host name '\(configuration.host)' is not known", retry: .later)
        default:
            return BrokerError(.unreachable, "no AMQP broker answers at \(endpoint): \(words)", retry: .later)
        }
    }

    /// A failure after the socket was open and before the broker let us in.
    static func loggingIn(status: Int32, _ configuration: RabbitMQConfiguration) -> BrokerError {
        let isCutOff = status == AMQP_STATUS_SOCKET_ERROR.rawValue || status == AMQP_STATUS_CONNECTION_CLOSED.rawValue
        guard isCutOff, !configuration.usesTLS else { return .opening(status: status, configuration) }
        if PortProbe.speaksTLS(configuration.endpoints[0], within: configuration.connectTimeout) {
            return BrokerError(
                .tlsFailed,
                "what answers at \(configuration.endpoint) speaks TLS; write amqps:// in front of amqp.url, or the plain port (5672)"
            )
        }
        return BrokerError(
            .unreachable,
            "the broker at \(configuration.endpoint) hung up: \(Self.words(status)); if it is a TLS port, write amqps://",
            retry: .later)
    }

    /// A failure on a connection that was up.
    static func running(status: Int32, _ configuration: RabbitMQConfiguration) -> BrokerError {
        if status == AMQP_STATUS_HEARTBEAT_TIMEOUT.rawValue {
            return BrokerError(
                .connectionLost, "the broker at \(configuration.endpoint) gave no sign of life for two heartbeats",
                retry: .reconnect)
        }
        return BrokerError(
            .connectionLost, "the connection with the broker at \(configuration.endpoint) broke: \(Self.words(status))",
            retry: .reconnect)
    }

    /// The broker closed the connection.
    static func connectionClosed(_ reply: ServerReply, _ configuration: RabbitMQConfiguration) -> BrokerError {
        switch reply.code {
        case ServerReply.accessRefused:
            BrokerError(
                .accessRefused,
                "the broker at \(configuration.endpoint) refused \(configuration.login): \(configuration.usesCertificateLogin ? "no user has its name" : "wrong name or password") (\(reply))"
            )
        case ServerReply.notAllowed:
            BrokerError(
                .accessRefused,
                "the broker at \(configuration.endpoint) does not let \(configuration.login) into vhost '\(configuration.virtualHost)' (\(reply))"
            )
        default:
            BrokerError(
                .connectionLost, "the broker at \(configuration.endpoint) closed the connection (\(reply))", retry: .reconnect)
        }
    }

    /// The broker closed the channel for something other than what the caller expects.
    static func channelClosed(_ reply: ServerReply, _ configuration: RabbitMQConfiguration) -> BrokerError {
        switch reply.code {
        case ServerReply.accessRefused:
            BrokerError(.accessRefused, "\(configuration.login) lacks a permission at the broker (\(reply))")
        case ServerReply.notFound where !reply.saysQueueIsDownForNow:
            BrokerError(.channelClosed, "the broker knows no such thing (\(reply))")
        default:
            BrokerError(.channelClosed, "the broker closed the channel (\(reply))", retry: .reconnect)
        }
    }

    /// What one message did that made the broker close the channel.
    static func publishing(
        to exchange: String, _ reply: ServerReply, _ configuration: RabbitMQConfiguration
    ) -> BrokerError {
        switch reply.code {
        case ServerReply.notFound:
            BrokerError(.unroutable, "exchange '\(exchange)' does not exist at the broker; declare it (\(reply))")
        case ServerReply.preconditionFailed:
            BrokerError(.messageTooLarge, "the broker does not take the message (\(reply))")
        default:
            BrokerError.channelClosed(reply, configuration)
        }
    }

    static func conflict(_ what: String, _ name: String, _ reply: ServerReply) -> BrokerError {
        BrokerError(
            .topologyConflict,
            "\(what) '\(name)' exists at the broker with other arguments, which can't be changed. Stop what publishes to it, let it "
                + "run empty, delete it and start again, or give the hub another vhost (\(reply))"
        )
    }

    static func queueMissing(_ queue: String) -> BrokerError {
        BrokerError(.queueMissing, "queue '\(queue)' does not exist at the broker; declare it, or see who deleted it")
    }

    static let closed = BrokerError(.closed, "the connection to the broker was closed by the hub itself")

    private static func words(_ status: Int32) -> String {
        guard let text = unsafe amqp_error_string2(status) else { return "status \(status)" }
        return unsafe String(cString: text)
    }
}
