import CRabbitMQ
import Foundation
import Messaging

extension AMQPConnection {
    /// TLS 1.2 or later with the peer's certificate and its name or address checked; there is no switch to turn that off.
    ///
    /// OpenSSL checks the name itself: librabbitmq 0.11 compares DNS names only. For those its own check stays on too.
    static func secureSocket(
        _ state: amqp_connection_state_t, _ configuration: RabbitMQConfiguration
    ) throws(BrokerError) -> OpaquePointer? {
        guard let socket = unsafe amqp_ssl_socket_new(state) else { return nil }
        let host = configuration.host
        let isAddress = Self.isAddress(host)
        unsafe amqp_ssl_socket_set_verify_peer(socket, 1)
        unsafe amqp_ssl_socket_set_verify_hostname(socket, isAddress ? 0 : 1)
        guard unsafe amqp_ssl_socket_set_cacert(socket, configuration.caFile) == AMQP_STATUS_OK.rawValue else {
            throw BrokerError(
                .tlsFailed,
                "the file of trusted certificates '\(configuration.caFile)' can't be read or holds no certificate; set amqp.ca_file"
            )
        }
        guard unsafe knutpunkt_require_tls12(socket) == 1, let context = unsafe amqp_ssl_socket_get_context(socket) else {
            throw BrokerError(.tlsFailed, "TLS can't be held to version 1.2 or later on this machine")
        }
        let parameters = unsafe SSL_CTX_get0_param(OpaquePointer(context))
        let isSet =
            unsafe isAddress
            ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host) : X509_VERIFY_PARAM_set1_host(parameters, host, 0)
        guard isSet == 1 else { throw BrokerError(.tlsFailed, "the broker's host '\(host)' can't be held to a certificate") }
        unsafe SSL_CTX_set_verify(OpaquePointer(context), SSL_VERIFY_PEER, TLSFailure.note)
        try unsafe Self.useClientCertificate(socket, configuration)
        TLSFailure.forget()
        return unsafe socket
    }

    private static func isAddress(_ host: String) -> Bool {
        var (four, six) = (in_addr(), in6_addr())
        return unsafe inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
    }

    private static func useClientCertificate(
        _ socket: OpaquePointer, _ configuration: RabbitMQConfiguration
    ) throws(BrokerError) {
        guard let certificate = configuration.clientCertificateFile else {
            guard configuration.clientKeyFile == nil, !configuration.usesCertificateLogin else {
                throw BrokerError(
                    .misconfigured,
                    "there is no client certificate; set amqp.client_certificate_file and amqp.client_key_file")
            }
            return
        }
        guard let key = configuration.clientKeyFile else {
            throw BrokerError(.misconfigured, "the client certificate has no key; set amqp.client_key_file")
        }
        for file in [certificate, key] where !FileManager.default.isReadableFile(atPath: file) {
            throw BrokerError(.misconfigured, "the file '\(file)' of the client certificate can't be read; check path and rights")
        }
        let attributes = try? FileManager.default.attributesOfItem(atPath: key)
        if let mode = attributes?[.posixPermissions] as? Int, mode & 0o077 != 0 {
            throw BrokerError(
                .misconfigured, "others may read the key file '\(key)'; take the rights away: chmod 600 \(key)")
        }
        ERR_clear_error()
        guard unsafe amqp_ssl_socket_set_key(socket, certificate, key) == AMQP_STATUS_OK.rawValue else {
            let reason = TLSFailure.reason?.text ?? "no PEM"
            throw BrokerError(
                .misconfigured,
                "the client certificate '\(certificate)' and its key '\(key)' can't be used together: \(reason)")
        }
    }
}
