import CRabbitMQ
import Foundation
import Messaging

/// Why TLS failed, from OpenSSL's own notes: librabbitmq says only that it did.
enum TLSFailure {
    /// The error for a connection that failed, or `nil` when OpenSSL has nothing to say about it.
    static func error(_ configuration: RabbitMQConfiguration) -> BrokerError? {
        let complaint = TLSNotes.complaint
        let notes = TLSNotes.take()
        if let objection = notes.objection {
            return BrokerError(.tlsFailed, self.sentence(objection: objection, configuration))
        }
        return complaint.map { self.error($0, notes, configuration) }
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
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
            X509_V_ERR_CERT_SIGNATURE_FAILURE:
            "\(certificate) is not signed by anybody in \(configuration.caFile); set amqp.ca_file to its CA"
        default:
            "\(certificate) is not accepted: " + (unsafe String(cString: X509_verify_cert_error_string(Int(objection))))
        }
    }

    private static func error(
        _ complaint: (code: CInt, text: String), _ notes: TLSNotes, _ configuration: RabbitMQConfiguration
    ) -> BrokerError {
        let endpoint = configuration.endpoint
        switch complaint.code {
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_UNKNOWN_PROTOCOL, SSL_R_PACKET_LENGTH_TOO_LONG,
            SSL_R_RECORD_LENGTH_MISMATCH:
            return BrokerError(
                .tlsFailed,
                "what answers at \(endpoint) speaks no TLS; write the TLS port (5671) in amqp.url, or amqp:// in front")
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, SSL_R_NO_PROTOCOLS_AVAILABLE,
            SSL_R_WRONG_SSL_VERSION:
            return BrokerError(.tlsFailed, "the broker at \(endpoint) speaks no TLS 1.2 or later; renew it")
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
            // What TLS 1.2 has for it; it means other things too.
            SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE where notes.asking != nil && configuration.clientCertificateFile == nil:
            return BrokerError(
                .tlsFailed,
                "the broker at \(endpoint) asks for a client certificate; set amqp.client_certificate_file and amqp.client_key_file"
            )
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA, SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
            SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
            SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, SSL_R_TLSV1_ALERT_ACCESS_DENIED, SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
            return BrokerError(
                .tlsFailed,
                "the broker at \(endpoint) doesn't take the client certificate"
                    + " \(configuration.clientCertificateFile.map { "'\($0)'" } ?? "(there is none)"): \(complaint.text)")
        case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY, SSL_R_NO_SHARED_CIPHER:
            return BrokerError(
                .tlsFailed,
                "the broker at \(endpoint) has no way of encryption in common with the hub (\(complaint.text)); see its ciphers")
        default:
            return BrokerError(.tlsFailed, "TLS with \(endpoint) failed: \(complaint.text)", retry: .later)
        }
    }
}
