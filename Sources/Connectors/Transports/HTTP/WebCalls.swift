public import Foundation
import NIOSSL

/// Plain calls to a service on the web, for those who are no connector: one try, no redirects, bounded in time and length. The
/// connections are closed with the last copy.
public struct WebCalls: Sendable {
    /// A whole reply.
    public struct Reply: Sendable, Hashable {
        public let status: Int
        public let body: Data
    }

    private let transport: any HTTPTransport

    /// - Parameters:
    ///   - seconds: until a reply begins, and for the longest silence within it.
    ///   - mostBytes: of a reply.
    public init(seconds: Int = 10, mostBytes: Int = 1 << 20) {
        self.transport = AsyncHTTPTransport(
            limits: .init(connect: .seconds(min(10, seconds)), reply: .seconds(seconds), bytes: mostBytes), tls: nil)
    }

    /// Calls to servers with a certificate of these authorities and no others.
    ///
    /// - Parameter ca: a file of certificates in PEM form.
    /// - Throws: what keeps the file from being read as such.
    public init(seconds: Int = 10, mostBytes: Int = 1 << 20, ca: String) throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(ca))
        self.transport = AsyncHTTPTransport(
            limits: .init(connect: .seconds(min(10, seconds)), reply: .seconds(seconds), bytes: mostBytes), tls: tls)
    }

    /// - Parameter body: what to post; `nil` for a `GET`.
    /// - Throws: an error that names neither address nor content, when no whole reply comes; `CancellationError`.
    public func send(to url: String, headers: [String: String], body: Data?) async throws -> Reply {
        var call = HTTPCall(method: body == nil ? .get : .post, url: url)
        call.headers = headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        call.body = body.map(Array.init) ?? []
        let reply = try await self.transport.send(call)
        return Reply(status: reply.status, body: reply.body)
    }

    /// Closes every connection.
    public func shutdown() async { await self.transport.shutdown() }
}
