import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import SchoolRecords
import Synchronization

/// Sends requests with AsyncHTTPClient.
///
/// The client is made with the first request, so that a connector that is never used holds nothing open, and is closed
/// with ``shutdown()`` or, should that be forgotten, with the last reference.
final class AsyncHTTPTransport: HTTPTransport {
    struct Limits: Sendable, Hashable {
        /// Until a connection stands.
        var connect = Duration.seconds(10)
        /// Until a reply begins, and the longest silence within it.
        var reply = Duration.seconds(60)
        /// The most bytes of a reply.
        var bytes = 64 << 20
        /// A whole reply may last this many times ``reply``: a page that trickles in byte by byte is none.
        static let wholeReplyFactor = 10
    }

    private enum State {
        case unused
        case open(HTTPClient)
        case closed
    }

    private let limits: Limits
    private let tls: TLSConfiguration?
    private let state = Mutex(State.unused)

    init(limits: Limits, tls: TLSConfiguration?) {
        self.limits = limits
        self.tls = tls
    }

    /// As the settings of a server say.
    convenience init(_ settings: some HTTPServerSettings) {
        var limits = Limits()
        limits.connect = min(limits.connect, settings.requestTimeout)
        limits.reply = settings.requestTimeout
        limits.bytes = settings.maximumReplyBytes
        self.init(limits: limits, tls: settings.tls)
    }

    deinit {
        self.takeClient()?.shutdown { _ in }
    }

    func shutdown() async {
        try? await self.takeClient()?.shutdown()
    }

    private func takeClient() -> HTTPClient? {
        self.state.withLock { state in
            defer { state = .closed }
            guard case .open(let client) = state else { return nil }
            return client
        }
    }

    private func client() throws -> HTTPClient {
        try self.state.withLock { state in
            switch state {
            case .open(let client): return client
            case .closed: throw CancellationError()
            case .unused:
                let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: self.configuration())
                state = .open(client)
                return client
            }
        }
    }

    private func configuration() -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: self.tls, redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(self.limits.connect), read: TimeAmount(self.limits.reply)))
        configuration.httpVersion = .http1Only
        // Tries are counted in one place, by the caller.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    func send(_ call: HTTPCall) async throws -> HTTPReply {
        let client = try self.client()
        var request = HTTPClientRequest(url: call.url)
        request.method = HTTPMethod(rawValue: call.method.rawValue)
        for header in call.headers { request.headers.add(name: header.name, value: header.value) }
        // Each try is a step of its own.
        if let trace = TraceContext.current { request.headers.add(name: "traceparent", value: trace.step().header) }
        if !call.body.isEmpty || call.method == .post { request.body = .bytes(ByteBuffer(bytes: call.body)) }

        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: TimeAmount(self.limits.reply))
        } catch {
            try Task.checkCancellation()
            throw TransportError(error, replyHadBegun: false)
        }
        do {
            return HTTPReply(
                status: Int(response.status.code),
                contentType: Self.mediaType(response.headers.first(name: "content-type")),
                retryAfter: response.headers.first(name: "retry-after"),
                location: response.headers.first(name: "location"),
                quota: CallQuota { response.headers.first(name: $0) },
                body: try await self.collect(response.body))
        } catch {
            try Task.checkCancellation()
            throw TransportError(error, replyHadBegun: true)
        }
    }

    private func collect(_ body: HTTPClientResponse.Body) async throws -> Data {
        let deadline = ContinuousClock.now + self.limits.reply * Limits.wholeReplyFactor
        var bytes = Data()
        for try await part in body {
            guard bytes.count + part.readableBytes <= self.limits.bytes else { throw TransportError.tooLarge }
            guard ContinuousClock.now < deadline else { throw TransportError.timedOut }
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }

    private static func mediaType(_ header: String?) -> String {
        guard let header else { return "" }
        let type = header.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        return type.trimmingCharacters(in: .whitespaces).lowercased()
    }
}
