import Crypto
import Foundation
import Hub

/// Makes and checks access tokens: what a client is, until when, signed with the hub's key. None is kept, so they hold over a restart;
/// a client's new secret ends those that its old one got.
struct AccessTokens: Sendable {
    /// Seconds that a token is good for.
    static let lifetime = 900

    private let key: HubKey
    private let clients: [String: APIClient]
    private let clock: HubClock

    init(key: HubKey, clients: [APIClient], clock: HubClock) {
        self.key = key
        self.clients = Dictionary(clients.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.clock = clock
    }

    /// The client whose name and secret these are.
    ///
    /// Names that there aren't take as long as wrong secrets do.
    func client(_ name: String, secret: String) -> APIClient? {
        let client = self.clients[name]
        let expected = client?.secret
        let key = SymmetricKey(data: SHA256.hash(data: Data((expected ?? "none").utf8)))
        let given = SymmetricKey(data: SHA256.hash(data: Data(secret.utf8)))
        // Compared as codes of the same text, in constant time.
        let code = HMAC<SHA256>.authenticationCode(for: Data("secret".utf8), using: given)
        let isRight = HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Data("secret".utf8), using: key)
        return isRight && expected != nil ? client : nil
    }

    func token(for client: APIClient) -> String {
        let until = Int(self.clock.now().timeIntervalSince1970) + Self.lifetime
        let text = Data("\(until).\(client.name)".utf8)
        return "\(text.base64URL).\(self.key.signature(of: self.signed(text, client), use: Self.use).base64URL)"
    }

    /// The client that a token is for; `nil` for what is none, or is over. Who signs in by another issuer's tokens isn't let in by the
    /// hub's.
    func client(token: String) -> APIClient? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard token.utf8.count < 1000, parts.count == 2, let text = Data(base64URL: String(parts[0])),
            let signature = Data(base64URL: String(parts[1]))
        else { return nil }
        let fields = String(decoding: text, as: UTF8.self).split(separator: ".", maxSplits: 1)
        guard fields.count == 2, let until = Int(fields[0]), let client = self.clients[String(fields[1])],
            client.foreignTokens == nil, self.key.isSignature(signature, of: self.signed(text, client), use: Self.use),
            until > Int(self.clock.now().timeIntervalSince1970)
        else { return nil }
        return client
    }

    private static let use = "access-token"

    private func signed(_ text: Data, _ client: APIClient) -> Data {
        text + Data(SHA256.hash(data: Data((client.secret ?? "").utf8)))
    }
}
