import CRabbitMQ
import Foundation
import Messaging
import Synchronization

/// Why TLS failed, from OpenSSL's own notes: librabbitmq says only that it did.
enum TLSFailure {
    /// What the last check of a certificate objected to, by thread; a connection is made on one.
    private static let objections = Mutex<[UInt: CInt]>([:])

    private static var thread: UInt { UInt(pthread_self()) }

    /// Called by OpenSSL for each certificate of the peer.
    static let note: @convention(c) (CInt, OpaquePointer?) -> CInt = { isGood, store in
        if isGood == 0 {
            let code = unsafe X509_STORE_CTX_get_error(store)
            TLSFailure.objections.withLock { $0[TLSFailure.thread] = code }
        }
        return isGood
    }

    static func forget() {
        _ = self.objections.withLock { $0.removeValue(forKey: self.thread) }
        ERR_clear_error()
    }

    /// What OpenSSL complained of last on this thread.
    static var reason: (code: CInt, text: String)? {
        let error = ERR_peek_error()
        guard error != 0 else { return nil }
        let text = unsafe ERR_reason_error_string(error).map { unsafe String(cString: $0) }
        return (ERR_GET_REASON(error), text ?? "error \(error)")
    }

    /// The error for a connection that failed, or `nil` when OpenSSL has nothing to say about it.
    static func error(_ configuration: RabbitMQConfiguration) -> BrokerError? {
        defer { self.forget() }
        if let objection = self.objections.withLock({ $0[self.thread] }) {
            return BrokerError(.tlsFailed, self.sentence(objection: objection, configuration))
        }
        guard let reason = self.reason else { return nil }
        return self.error(reason, configuration)
    }

    private static func sentence(objection: CInt, _ configuration: RabbitMQConfiguration) -> String {
        let certificate = "the certificate of \(configuration.endpoint)"
        return switch objection {
        case X509_V_ERR_HOSTNAME_MISMATCH:
            "\(certificate) is not for the name '\(configuration.host)'; write the name that it carries in amqp.url"
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            "\(certificate) is not for this address; write the DNS name that it carries in amqp.url"
        case X509_V_ERR_CERT_HAS_EXPIRED: "\(certificate), or one that it hangs on, has expired; renew it"
        case X509_V_ERR_CERT_NOT_YET_VALID: "\(certificate), or one that it hangs on, is not valid yet; check the clock here"
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            "\(certificate) is signed by itself alone; put it, or better its CA, in amqp.ca_file (\(configuration.caFile))"
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            "\(certificate) is not signed by anybody in \(configuration.caFile); set amqp.ca_file to its CA"
        default:
            "\(certificate) is not accepted: " + (unsafe String(cString: X509_verify_cert_error_string(Int(objection))))
        }
    }

    private static func error(_ reason: (code: CInt, text: String), _ configuration: RabbitMQConfiguration) -> BrokerError {
        let endpoint = configuration.endpoint
        switch reason.code {
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_UNKNOWN_PROTOCOL, SSL_R_PACKET_LENGTH_TOO_LONG,
            SSL_R_RECORD_LENGTH_MISMATCH:
            return BrokerError(
                .tlsFailed,
                "what answers at \(endpoint) speaks no TLS; write the TLS port (5671) in amqp.url, or amqp:// in front")
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, SSL_R_NO_PROTOCOLS_AVAILABLE,
            SSL_R_WRONG_SSL_VERSION:
            return BrokerError(.tlsFailed, "the broker at \(endpoint) speaks no TLS 1.2 or later; renew it")
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
            SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE
        where configuration.clientCertificateFile == nil:
            return BrokerError(
                .tlsFailed, "the broker at \(endpoint) asks for a client certificate; set amqp.client_certificate_file")
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA, SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
            SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
            SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, SSL_R_TLSV1_ALERT_ACCESS_DENIED, SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
            return BrokerError(
                .tlsFailed,
                "the broker at \(endpoint) doesn't take the client certificate"
                    + " \(configuration.clientCertificateFile ?? "(there is none)"): \(reason.text)")
        default:
            return BrokerError(.tlsFailed, "TLS with \(endpoint) failed: \(reason.text)", retry: .later)
        }
    }
}
