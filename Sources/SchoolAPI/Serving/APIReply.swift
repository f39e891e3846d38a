import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import SchoolRecords

/// A reply before it goes out.
struct APIReply: Sendable {
    var status = 200
    var body: JSONValue?
    var headers: [(name: HTTPField.Name, value: String)] = []

    static func json(_ body: JSONValue, status: Int = 200) -> APIReply { APIReply(status: status, body: body) }

    static func failure(_ error: APIError, _ language: APILanguage) -> APIReply {
        var reply = APIReply(status: error.status, body: error.body(language))
        if let seconds = error.retryAfter { reply.headers.append((.retryAfter, String(seconds))) }
        if !error.allowed.isEmpty { reply.headers.append((.allow, error.allowed.joined(separator: ", "))) }
        if error.status == 401 { reply.headers.append((.wwwAuthenticate, "Bearer realm=\"SS 12000\", error=\"invalid_token\"")) }
        // What is still coming isn't waited for.
        if error.status == 413 { reply.headers.append((.connection, "close")) }
        return reply
    }

    var response: Response {
        var response = Response(status: .init(code: self.status))
        for (name, value) in self.headers { response.headers[name] = value }
        response.headers[.cacheControl] = "no-store"
        if let body = self.body {
            response.headers[.contentType] = "application/json; charset=utf-8"
            response.body = .init(byteBuffer: ByteBuffer(bytes: body.canonicalData))
        }
        return response
    }
}
