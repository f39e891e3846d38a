public import Messaging

/// Where the RabbitMQ broker is and how patient the hub is with it.
public struct RabbitMQConfiguration: Sendable {
    /// Where the broker is, at least one: the members of a cluster are tried in turn.
    public var endpoints: [Endpoint]
    public var virtualHost: String
    public var user: String
    /// Never logged, never in an error.
    var password: String
    /// Whether the connection is encrypted (`amqps`); the broker's certificate and name are always checked then.
    public var usesTLS: Bool
    /// The certificates that TLS trusts, PEM. The default is the system's own list.
    public var caFile = "/etc/ssl/certs/ca-certificates.crt"
    /// Our own certificate with its chain, PEM, for a broker that asks for one.
    public var clientCertificateFile: String?
    /// Its private key, PEM, readable by nobody else.
    public var clientKeyFile: String?
    private let mechanism: AMQPURL.Mechanism?
    private let hasUser: Bool

    /// Whether the client certificate says who we are (SASL EXTERNAL) instead of user and password: the URL says so, or it
    /// names no user and there is a certificate.
    public var usesCertificateLogin: Bool {
        switch self.mechanism {
        case .external: true
        case .plain: false
        case nil: self.usesTLS && !self.hasUser && self.clientCertificateFile != nil
        }
    }

    /// How often a sign of life is asked for; a silent peer is given up after two of them. At least 1 s.
    public var heartbeat: Duration = .seconds(10)
    /// The longest that reaching the broker and each request to it may take.
    public var connectTimeout: Duration = .seconds(10)
    public var requestTimeout: Duration = .seconds(10)
    /// Published messages that the broker has not yet answered for, at most.
    public var publishWindow = 500
    /// Without any answer for so long the connection is given up and what has no answer is sent again.
    public var confirmTimeout: Duration = .seconds(20)
    /// Without any answer for so long, over all reconnections, a publish call fails.
    public var publishDeadline: Duration = .seconds(60)
    /// Headers beyond this are refused before they are sent: over the frame size they would cost the connection.
    public var maximumHeaderBytes = 32_768
    /// RabbitMQ's own default limit.
    public var maximumBodyBytes = 134_217_728
    /// The pause before the second attempt to connect; doubles up to `maximumReconnectDelay`, with jitter.
    public var reconnectDelay: Duration = .milliseconds(250)
    public var maximumReconnectDelay: Duration = .seconds(10)
    /// The pause after a queue was made for the first time. RabbitMQ 3.10 writes a new quorum queue's name to disk up to a
    /// second after saying that it is there; killed before that it comes back with an empty one, whatever it confirmed.
    public var newQueuePause: Duration = .milliseconds(1500)
    /// A consumer that got nothing for so long asks for the queue anew. A quorum queue that is deleted and declared again
    /// at once keeps handing its messages to the consumer of the old one, which never gets them, and nobody says a word.
    public var consumerRenewal: Duration = .seconds(30)
    /// What the broker's own listings call our connections.
    public var connectionName = "knutpunkt"

    /// Reads `amqp://user:password@host:port/vhost` or `amqps://…`; a cluster's hosts stand side by side with commas.
    ///
    /// User, password and vhost are percent-decoded. Port 5672 (TLS: 5671), vhost `/` and user and password `guest`
    /// hold where the URL says nothing; `?heartbeat=<seconds>` and `auth_mechanism=external` may follow. Without a user the
    /// client certificate says who we are, see ``usesCertificateLogin``.
    ///
    /// - Throws: `misconfigured`, naming the part that can't be used, never the password.
    public init(url: String) throws(BrokerError) {
        let parts = try AMQPURL(url)
        self.endpoints = parts.endpoints
        self.virtualHost = parts.virtualHost
        self.user = parts.user
        self.password = parts.password
        self.usesTLS = parts.usesTLS
        self.mechanism = parts.mechanism
        self.hasUser = parts.hasUser
        if parts.mechanism == .external, !parts.usesTLS {
            throw BrokerError(
                .misconfigured, "amqp.url can't be used: a login by certificate needs TLS; write amqps:// in front")
        }
        if let heartbeat = parts.heartbeat { self.heartbeat = .seconds(heartbeat) }
    }

    /// The addresses, for messages.
    var endpoint: String { self.endpoints.map(\.description).joined(separator: ", ") }

    /// The same for one address alone.
    func at(_ endpoint: Endpoint) -> RabbitMQConfiguration {
        var configuration = self
        configuration.endpoints = [endpoint]
        return configuration
    }

    /// Whom the broker knows us as, for messages.
    var login: String { self.usesCertificateLogin ? "the client certificate" : "user '\(self.user)'" }
}

extension RabbitMQConfiguration {
    /// The first address' host.
    public var host: String {
        get { self.endpoints[0].host }
        set { self.endpoints[0].host = newValue }
    }

    /// The first address' port.
    public var port: Int {
        get { self.endpoints[0].port }
        set { self.endpoints[0].port = newValue }
    }
}
