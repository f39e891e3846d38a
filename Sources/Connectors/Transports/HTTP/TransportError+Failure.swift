import ConnectorKit

extension TransportError {
    /// Whether the same call may go through a moment later.
    var isWorthARetry: Bool {
        switch self {
        case .refused, .unknownHost, .connectTimedOut, .timedOut, .lost, .cutShort, .garbled, .handshakeFailed, .other: true
        case .tooLarge, .untrustedServer, .clientCertificateRefused: false
        }
    }

    /// What it means when no further try is made, and what to do.
    func failure(of target: CallTarget) -> ConnectorFailure {
        func failure(_ kind: ConnectorFailure.Kind, _ code: ConnectorFailure.Code, _ text: String) -> ConnectorFailure {
            ConnectorFailure(kind, code: code, message: "\(target) \(text)", cause: self)
        }
        let setting = target.setting
        return switch self {
        case .refused:
            failure(.systemUnavailable, .connectionRefused, "refuses connections: is it running, and is \(setting) right?")
        case .unknownHost:
            failure(.systemUnavailable, .unknownHost, "is not known by name: check \(setting) and the name service")
        case .connectTimedOut:
            failure(
                .systemUnavailable, .connectTimedOut, "can't be reached in time: check the network, a firewall, \(setting)")
        case .timedOut:
            failure(
                .transient, .timedOut,
                "did not answer in time: raise request_timeout_seconds or lower page_limit if it is slow")
        case .lost, .cutShort: failure(.systemUnavailable, .connectionLost, "closed the connection before it answered")
        case .tooLarge:
            failure(
                .malformedReply, .replyTooLarge,
                "gave a reply above the bound: lower page_limit or raise maximum_reply_mebibytes")
        case .garbled: failure(.malformedReply, .notHTTP, "gave a reply that can't be read: check \(setting)")
        case .untrustedServer:
            failure(
                .misconfigured, .serverCertificate,
                "shows a certificate that is not trusted here: check \(setting) and \(target.certificates).ca")
        case .clientCertificateRefused:
            failure(
                .misconfigured, .clientCertificate,
                "does not take our client certificate: check \(target.certificates).client_certificate and "
                    + "\(target.certificates).client_key")
        case .handshakeFailed:
            failure(.systemUnavailable, .tlsFailed, "and this machine agree on no secure connection: check \(setting)")
        case .other(let name): failure(.systemUnavailable, .connectionFailed, "can't be reached (\(name)): check \(setting)")
        }
    }
}
