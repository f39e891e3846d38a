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
        guard unsafe knutpunkt_require_tls12(socket) == 1, let raw = unsafe amqp_ssl_socket_get_context(socket) else {
            throw BrokerError(.tlsFailed, "TLS can't be held to version 1.2 or later on this machine")
        }
        let context = OpaquePointer(raw)
        let parameters = unsafe SSL_CTX_get0_param(context)
        let isSet =
            unsafe isAddress
            ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host) : X509_VERIFY_PARAM_set1_host(parameters, host, 0)
        guard isSet == 1 else { throw BrokerError(.tlsFailed, "the broker's host '\(host)' can't be held to a certificate") }
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, TLSNotes.verified)
        unsafe SSL_CTX_set_cert_cb(context, TLSNotes.certificateWanted, nil)
        try unsafe TLSFiles.load(into: context, configuration)
        _ = TLSNotes.take()
        return unsafe socket
    }

    /// Hears what the broker thinks of our certificate before anything is written.
    ///
    /// TLS 1.3 calls the handshake done before the broker has looked at it. A refusal comes right behind and closes the
    /// connection; a write that meets the closed connection fails, and librabbitmq reads no more, so the reason would be lost.
    static func hearVerdict(on descriptor: CInt, _ configuration: RabbitMQConfiguration) throws(BrokerError) {
        guard let connection = unsafe TLSNotes.asked, unsafe SSL_version(connection) == TLS1_3_VERSION else { return }
        DescriptorWait.wait(for: [(descriptor, Int16(POLLIN))], atMost: .milliseconds(50))
        ERR_clear_error()
        var byte: UInt8 = 0
        let count = unsafe SSL_peek(connection, &byte, 1)
        guard count <= 0, unsafe SSL_get_error(connection, count) == SSL_ERROR_SSL else { return }
        if let failure = TLSFailure.error(configuration) { throw failure }
    }

    private static func isAddress(_ host: String) -> Bool {
        var (four, six) = (in_addr(), in6_addr())
        return unsafe inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
    }
}
