import Foundation
public import HTTPTypes
import Hub
public import Hummingbird
public import NIOCore

/// Puts the security headers on each answer, errors included; what an answer sets itself stays.
public struct SecurityHeadersMiddleware<Context: RequestContext>: RouterMiddleware {
    private let headers: SecurityHeaders

    public init(_ headers: SecurityHeaders) { self.headers = headers }

    @concurrent
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        }
        for field in self.headers.fields {
            guard let name = HTTPField.Name(field.name), response.headers[name] == nil else { continue }
            response.headers[name] = field.value
        }
        return response
    }
}

/// Refuses what isn't for this console, what comes too often and what is too large, before anything looks at it.
///
/// It answers by throwing ``AccessRefusal``: whoever renders pages turns it into one.
public struct ConsoleGuardMiddleware<Context: RemoteAddressRequestContext>: RouterMiddleware {
    /// Bytes of a form.
    public static var mostBytes: Int { 64 * 1024 }

    private let origin: OriginGuard
    private let rate: RequestRate
    private let behindProxy: Bool
    private let sessionCookie: ConsoleCookie
    private let clock: HubClock

    public init(_ access: ConsoleAccess) {
        self.origin = access.origin
        self.rate = access.rate
        self.behindProxy = access.behindProxy
        self.sessionCookie = access.sessions.cookie
        self.clock = access.clock
    }

    @concurrent
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let address = request.clientAddress(peer: context.remoteAddress, behindProxy: self.behindProxy)
        let now = self.clock.now().timeIntervalSince1970
        let network = ClientAddress.network(of: address.text)
        // Behind one address there may be a whole school: who holds a cookie is counted by it. The address is counted as well, for
        // whoever makes up cookies.
        let session = self.sessionCookie.value(in: request.cookieHeader).map(Secrets.digest)
        guard self.rate.admit(session ?? network, now: now), self.rate.admit("all \(network)", now: now, share: 20) else {
            throw AccessRefusal.tooManyRequests
        }
        guard self.origin.isOwn(host: request.originHeaders.host) else { throw AccessRefusal.foreignForm("another host") }
        guard request.method != .get, request.method != .head else { return try await next(request, context) }
        if let length = request.headers[.contentLength].flatMap(Int.init), length > Self.mostBytes {
            throw AccessRefusal.tooLarge
        }
        var request = request
        do {
            _ = try await request.collectBody(upTo: Self.mostBytes)
        } catch is NIOTooManyBytesError {
            throw AccessRefusal.tooLarge
        }
        return try await next(request, context)
    }
}

extension Request {
    /// The `Cookie` header, as one.
    public var cookieHeader: String? {
        let values = self.headers[values: .cookie]
        return values.isEmpty ? nil : values.joined(separator: "; ")
    }

    /// What ``OriginGuard`` looks at.
    public var originHeaders: OriginGuard.Headers {
        OriginGuard.Headers(
            host: self.head.authority, origin: self.headers[.origin],
            fetchSite: HTTPField.Name("Sec-Fetch-Site").flatMap { self.headers[$0] })
    }

    /// Where it comes from.
    ///
    /// - Parameter peer: the connection's other end, see `RemoteAddressRequestContext`.
    public func clientAddress(peer: SocketAddress?, behindProxy: Bool) -> ClientAddress {
        func values(_ name: String) -> [String] { HTTPField.Name(name).map { self.headers[values: $0] } ?? [] }
        return ClientAddress(
            peer: peer, behindProxy: behindProxy, forwardedFor: values("X-Forwarded-For"),
            forwardedProto: values("X-Forwarded-Proto"))
    }
}

/// Where nobody has made a page of it.
extension AccessRefusal: HTTPResponseError {
    public var status: HTTPResponse.Status { HTTPResponse.Status(code: self.httpStatus) }

    public func response(from request: Request, context: some RequestContext) throws -> Response {
        var response = Response(
            status: self.status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: "\(self.swedish)\n\(self.english)\n")))
        if let seconds = self.retryAfter { response.headers[.retryAfter] = String(seconds) }
        return response
    }
}
