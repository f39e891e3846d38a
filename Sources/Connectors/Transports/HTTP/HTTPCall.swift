import Foundation

/// One request, and its reply read to the end.
struct HTTPCall: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
        case patch = "PATCH"
    }

    var method = Method.get
    var url: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
}

/// A whole reply.
struct HTTPReply: Sendable {
    let status: Int
    /// In lower case, without parameters; empty when the reply names none.
    let contentType: String
    let retryAfter: String?
    let location: String?
    /// What is left of a quota of calls; `nil` when the reply doesn't say.
    var quota: CallQuota?
    let body: Data
}

/// What sends requests: AsyncHTTPClient in the product.
protocol HTTPTransport: Sendable {
    /// Sends a request and reads the reply to its end.
    ///
    /// - Throws: ``TransportError``; `CancellationError`.
    func send(_ call: HTTPCall) async throws -> HTTPReply

    /// Closes every connection.
    func shutdown() async
}

/// Why no whole reply came.
enum TransportError: Error, Sendable, Hashable {
    /// Nobody listens there.
    case refused
    /// The host's name is not known.
    case unknownHost
    /// The connection could not be made within the time allowed.
    case connectTimedOut
    /// The reply did not come within the time allowed.
    case timedOut
    /// The connection was lost before a reply began.
    case lost
    /// The reply began and ended before its end.
    case cutShort
    /// The reply is longer than allowed.
    case tooLarge
    /// The reply is no HTTP.
    case garbled
    /// The server's certificate is not one that is trusted here.
    case untrustedServer
    /// The server wants a client certificate, or another one.
    case clientCertificateRefused
    /// No secure connection came about for another reason.
    case handshakeFailed
    /// Another reason; the cause's type only, never its text.
    case other(String)
}
