import Foundation
public import HTTPTypes
import Hub
public import Hummingbird
import NIOCore

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

/// What a request carries for the guard: where it comes from.
public protocol ClientContext: RequestContext {
    /// At first the address of the connection's other end; the guard puts the browser's own in its place.
    var address: String { get set }
}

/// Refuses what isn't for this console, what comes from elsewhere, what comes too often and what is too large, before anything looks
/// at it. It answers by throwing ``AccessRefusal``.
public struct ConsoleGuardMiddleware<Context: ClientContext>: RouterMiddleware {
    private let access: ConsoleAccess
    private let mostBytes: Int

    /// - Parameter mostBytes: of whatever is sent.
    public init(_ access: ConsoleAccess, mostBytes: Int = 1 << 20) {
        self.access = access
        self.mostBytes = mostBytes
    }

    @concurrent
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var (request, context) = (request, context)
        let client = request.clientAddress(peer: context.address, behindProxy: self.access.behindProxy)
        context.address = client.text
        // Behind one address there may be a whole school: who holds a cookie is counted by it. The address is counted as well, for
        // whoever makes up cookies.
        let network = ClientAddress.network(of: context.address)
        let isAPI = APIDoor.isOwn(request.uri.path)
        let bearer = isAPI ? request.headers[.authorization].flatMap(BearerToken.of) : nil
        let session = (bearer ?? self.access.sessions.cookie.value(in: request.cookieHeader)).map(Secrets.digest)
        let now = self.access.clock.now().timeIntervalSince1970
        let isAdmitted = self.access.rate.admit(session ?? network, now: now)
        guard isAdmitted, self.access.rate.admit("all \(network)", now: now, share: 20) else {
            throw AccessRefusal.tooManyRequests
        }
        let headers = request.originHeaders
        guard self.access.origin.isOwn(host: headers.host) else { throw AccessRefusal.otherHost }
        let isReading = request.method == .get || request.method == .head
        if self.access.sessions.cookie.isSecure, client.scheme == "http" {
            guard isReading, let host = headers.host else { throw AccessRefusal.foreignForm("sent without TLS") }
            return .redirect(to: "https://\(host)\(request.uri)", type: .permanent)
        }
        guard !isReading else { return try await next(request, context) }
        // A browser adds a token to no request by itself: there nothing can be forged.
        if bearer == nil { try self.access.origin.admit(headers, needsProof: session == nil) }
        // The API, and the page that takes files, take what they take once they know who asks.
        if isAPI || request.uri.path == UploadPage.path { return try await next(request, context) }
        if let length = request.headers[.contentLength].flatMap(Int.init), length > self.mostBytes {
            throw AccessRefusal.tooLarge
        }
        do {
            _ = try await request.collectBody(upTo: self.mostBytes)
        } catch is NIOTooManyBytesError {
            throw AccessRefusal.tooLarge
        }
        return try await next(request, context)
    }
}

extension Request {
    /// The `Cookie` header, as one.
    var cookieHeader: String? {
        let values = self.headers[values: .cookie]
        return values.isEmpty ? nil : values.joined(separator: "; ")
    }

    /// What ``OriginGuard`` looks at.
    var originHeaders: OriginGuard.Headers {
        OriginGuard.Headers(
            host: self.head.authority, origin: self.headers[.origin],
            fetchSite: HTTPField.Name("Sec-Fetch-Site").flatMap { self.headers[$0] })
    }

    /// Where it comes from.
    ///
    /// - Parameter peer: the address of the connection's other end.
    func clientAddress(peer: String, behindProxy: Bool) -> ClientAddress {
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
