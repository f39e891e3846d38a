import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension TransportError {
    /// Translates what AsyncHTTPClient and NIO throw; the only place that knows their errors.
    init(_ error: any Error, replyHadBegun: Bool) {
        switch error {
        case let error as TransportError: self = error
        case let error as HTTPClientError: self = Self.of(error, replyHadBegun)
        case let error as NIOConnectionError:
            self = error.connectionErrors.first.map { TransportError($0.error, replyHadBegun: false) } ?? .unknownHost
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: self = Self.ofTLS(error)
        case is HTTPParserError: self = replyHadBegun ? .cutShort : .garbled
        case let error as IOError: self = Self.of(error, replyHadBegun)
        case ChannelError.connectTimeout: self = .connectTimedOut
        case is ChannelError: self = replyHadBegun ? .cutShort : .lost
        default:
            self = .other(String(describing: type(of: error)))
        }
    }

    private static func of(_ error: IOError, _ replyHadBegun: Bool) -> TransportError {
        switch error.errnoCode {
        case ECONNREFUSED: .refused
        case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH: .connectTimedOut
        default: replyHadBegun ? .cutShort : .lost
        }
    }

    private static func of(_ error: HTTPClientError, _ replyHadBegun: Bool) -> TransportError {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout: .connectTimedOut
        case .readTimeout, .writeTimeout, .deadlineExceeded: .timedOut
        case .remoteConnectionClosed, .uncleanShutdown, .requestStreamCancelled, .cancelled:
            replyHadBegun ? .cutShort : .lost
        default: .other(error.shortDescription)
        }
    }

    /// BoringSSL tells an alert of the other side in its text only.
    private static func ofTLS(_ error: any Error) -> TransportError {
        if error is NIOSSLExtraError { return .untrustedServer }
        let text = String(describing: error).uppercased()
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return .untrustedServer }
        if text.contains("ALERT"), text.contains("CERTIFICATE") || text.contains("UNKNOWN_CA") || text.contains("HANDSHAKE") {
            return .clientCertificateRefused
        }
        return text.contains("UNCLEANSHUTDOWN") ? .lost : .handshakeFailed
    }
}
