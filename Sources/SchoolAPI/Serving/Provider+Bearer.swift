import Foundation
import HTTPTypes
import Hub
import Hummingbird
import Logging

/// RFC 6750: whose token a request brings.
extension Provider {
    /// - Throws: ``APIError``: 401 for a token that isn't good, 429 after too many that nobody has signed, 503 when that can't be told.
    func client(of request: Request, from address: String) async throws(APIError) -> APIClient {
        let values = request.headers[values: .authorization]
        guard values.count == 1, let value = values.first, value.lowercased().hasPrefix("bearer ") else { throw .noToken }
        let token = value.dropFirst(7)
        guard SignedToken.isOne(token), !self.foreign.isEmpty else {
            guard let client = self.tokens.client(token: String(token)) else { throw .noToken }
            return client
        }
        return try await self.client(ofForeign: token, from: address)
    }

    private func client(ofForeign token: Substring, from address: String) async throws(APIError) -> APIClient {
        let wait = await self.tokenThrottle.wait(address, "", now: self.clock.now())
        guard wait == 0 else {
            throw APIError(
                429, "too-many-attempts", sv: "För många token som ingen har signerat. Försök igen om \(wait) s.",
                en: "Too many tokens that nobody has signed. Try again in \(wait) s.", retryAfter: wait)
        }
        switch await self.foreign.client(of: token, now: self.clock.now) {
        case .client(let client):
            await self.tokenThrottle.note(address, "", isRight: true, now: self.clock.now())
            return client
        case .refused(let refusal):
            if refusal.isGuess { await self.tokenThrottle.note(address, "", isRight: false, now: self.clock.now()) }
            self.logger.notice("A client's token wasn't taken", metadata: ["reason": "\(refusal.rawValue)"])
            throw .noToken
        case .unknown:
            throw APIError(
                503, "unavailable", sv: "Utfärdarens nycklar kan inte hämtas just nu. Fråga igen om en stund.",
                en: "The issuer's keys can't be fetched now. Ask again in a while.", retryAfter: 60)
        }
    }
}

extension APIError {
    static let noToken = APIError(
        401, "no-token", sv: "Ingen giltig åtkomst. Hämta en token med POST /token och skicka Authorization: Bearer.",
        en: "No valid access. Get a token by POST /token and send Authorization: Bearer.")
}
