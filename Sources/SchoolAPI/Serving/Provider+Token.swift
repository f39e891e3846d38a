import Logging
import Hub
import Foundation
import HTTPTypes
import Hummingbird
import SchoolRecords

/// RFC 6749, section 4.4: client credentials, in the header or in the body.
extension Provider {
    func signIn(_ request: Request, from address: String) async throws -> APIReply {
        let body = try await APIRequest.body(of: request)
        let text = String(decoding: body, as: UTF8.self)
        guard let form = try? QueryPairs(text) else { return Self.refusal("invalid_request", "the body is no form") }
        guard form.values("grant_type") == ["client_credentials"] else {
            let isMissing = form.values("grant_type").isEmpty
            return Self.refusal(
                isMissing ? "invalid_request" : "unsupported_grant_type",
                "grant_type is client_credentials, in a body of application/x-www-form-urlencoded")
        }
        let header = request.headers[values: .authorization]
        let fields = [form.values("client_id"), form.values("client_secret")]
        guard header.count <= 1, fields.allSatisfy({ $0.count <= 1 }), header.isEmpty || fields[1].isEmpty else {
            return Self.refusal("invalid_request", "the secret stands once: in the header or in the body")
        }
        let given: (name: String, secret: String)?
        if let header = header.first {
            given = Self.basic(header)
        } else if let name = fields[0].first, let secret = fields[1].first {
            given = (name, secret)
        } else {
            given = nil
        }
        guard let given, given.name.utf8.count <= 200, given.secret.utf8.count <= 1000 else { return Self.unknownClient }
        let now = self.clock.now()
        let wait = await self.throttle.wait(address, given.name, now: now)
        guard wait == 0 else {
            throw APIError(
                429, "too-many-attempts", sv: "För många fel hemligheter. Försök igen om \(wait) s.",
                en: "Too many wrong secrets. Try again in \(wait) s.", retryAfter: wait)
        }
        let client = self.tokens.client(given.name, secret: given.secret)
        await self.throttle.note(address, given.name, isRight: client != nil, now: now)
        guard let client else {
            self.logger.notice("A client's secret was wrong")
            return Self.unknownClient
        }
        return .json([
            "access_token": .string(self.tokens.token(for: client)), "token_type": "Bearer",
            "expires_in": .integer(Int64(AccessTokens.lifetime)),
        ])
    }

    private static func refusal(_ error: String, _ description: String, status: Int = 400) -> APIReply {
        .json(["error": .string(error), "error_description": .string(description)], status: status)
    }

    private static var unknownClient: APIReply {
        var reply = Self.refusal("invalid_client", "no such client, or another secret", status: 401)
        reply.headers.append((.wwwAuthenticate, "Basic realm=\"SS 12000\", charset=\"UTF-8\""))
        return reply
    }

    /// Name and secret of a header, form-encoded before they were put together (section 2.3.1).
    private static func basic(_ header: String) -> (name: String, secret: String)? {
        guard header.lowercased().hasPrefix("basic "),
            let data = Data(base64Encoded: String(header.dropFirst(6)).trimmingCharacters(in: .whitespaces)),
            let text = String(data: data, encoding: .utf8), let colon = text.firstIndex(of: ":")
        else { return nil }
        func decoded(_ part: Substring) -> String {
            part.replacing("+", with: " ").removingPercentEncoding ?? String(part)
        }
        return (decoded(text[..<colon]), decoded(text[text.index(after: colon)...]))
    }
}
