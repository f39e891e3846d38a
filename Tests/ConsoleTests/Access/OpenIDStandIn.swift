import Crypto
import CryptoExtras
import Foundation
import JWTKit
import SchoolRecords

@testable import Console

/// An OpenID provider: it checks what a provider checks, keeps what it was asked, and does wrong what a test asks for.
actor OpenIDStandIn {
    static let issuer = "https://idp.example/realms/skola"
    static let clientID = "knutpunkt-console"
    static let secret = "hemlig:+ %nyckel for konsolen hos idp"
    static let publicURL = "https://hub.kommun.example"

    /// A key that it signs with.
    enum Key {
        case elliptic(P256.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)

        static func elliptic() -> Key { .elliptic(P256.Signing.PrivateKey()) }
        static func rsa() throws -> Key { .rsa(try _RSA.Signing.PrivateKey(keySize: .bits2048)) }
    }

    /// What it does wrong.
    struct Faults {
        /// Calls to these paths get no reply.
        var silent: Set<String> = []
        /// Path → status in place of the answer.
        var statuses: [String: Int] = [:]
        /// Path → body in place of the answer.
        var bodies: [String: String] = [:]
        /// What becomes of an ID token before it is handed out.
        var token: (@Sendable (String) -> String)?
        /// Signs with this key, under the id of the published one.
        var otherKey: Key?
        /// Signs as HMAC with the client's secret.
        var signsWithSecret = false
    }

    /// Somebody who has signed in, on the way back.
    private struct Grant {
        let challenge: String
        let nonce: String
        let redirect: String
        var isUsed = false
    }

    var faults = Faults()
    /// Claims beside and instead of the usual ones.
    var claims: [String: JSONValue] = [:]
    private(set) var calls: [OpenIDCall] = []
    private var keys: [(id: String, key: Key)]
    private var grants: [String: Grant] = [:]
    private let clock: MovedClock
    /// Whether the published keys say which algorithm they are for: not every provider's do.
    private let namesAlgorithms: Bool
    private let methods: [String]

    init(
        clock: MovedClock, key: Key = .elliptic(), namesAlgorithms: Bool = true,
        methods: [String] = ["client_secret_basic", "client_secret_post"]
    ) {
        self.clock = clock
        self.keys = [("key-1", key)]
        self.namesAlgorithms = namesAlgorithms
        self.methods = methods
    }

    func set(_ change: @Sendable (inout Faults) -> Void) { change(&self.faults) }
    func set(claims: [String: JSONValue]) { self.claims = claims }
    func rotate(to id: String) { self.keys = [(id, .elliptic())] }
    func count(_ path: String) -> Int { self.calls.count { Self.path($0.url) == path } }

    nonisolated var transport: OpenIDTransport { { call in try await self.answer(call) } }

    private static func path(_ url: String) -> String {
        String(url.dropFirst(Self.issuer.count).prefix { $0 != "?" })
    }

    // MARK: What the browser does there

    /// Somebody signs in: the query that the browser comes back with.
    func signIn(at location: String) throws -> String {
        let parts = location.split(separator: "?", maxSplits: 1)
        guard parts.count == 2, parts[0] == "\(Self.issuer)/auth", let query = FormText.decode(String(parts[1])),
            query["response_type"] == "code", query["client_id"] == Self.clientID, query["code_challenge_method"] == "S256",
            query["scope"]?.split(separator: " ").contains("openid") == true, let challenge = query["code_challenge"],
            let nonce = query["nonce"], let redirect = query["redirect_uri"], let state = query["state"],
            redirect == Self.publicURL + "/sign-in/openid/callback"
        else { throw Refused() }
        let code = "code-\(UUID().uuidString)"
        self.grants[code] = Grant(challenge: challenge, nonce: nonce, redirect: redirect)
        return "code=\(code)&state=\(state)"
    }

    struct Refused: Error {}

    // MARK: What the console calls

    private func answer(_ call: OpenIDCall) async throws -> OpenIDReply {
        self.calls.append(call)
        let path = Self.path(call.url)
        if self.faults.silent.contains(path) { throw Refused() }
        if let status = self.faults.statuses[path] { return OpenIDReply(status: status, body: Data("<html>secret</html>".utf8)) }
        if let body = self.faults.bodies[path] { return OpenIDReply(status: 200, body: Data(body.utf8)) }
        switch path {
        case "/.well-known/openid-configuration":
            return Self.reply([
                "issuer": .string(Self.issuer), "authorization_endpoint": .string(Self.issuer + "/auth"),
                "token_endpoint": .string(Self.issuer + "/token"), "jwks_uri": .string(Self.issuer + "/keys"),
                "token_endpoint_auth_methods_supported": .array(self.methods.map(JSONValue.string)),
            ])
        case "/keys":
            // Beside the keys that sign there are others, as real providers have them.
            let others: [JSONValue] = [
                ["kty": "RSA", "kid": "enc-1", "use": "enc", "alg": "RSA-OAEP", "n": "AQAB", "e": "AQAB"],
                ["kty": "oct", "kid": "oct-1", "k": "c2VjcmV0"],
            ]
            return Self.reply(["keys": .array(others + (try self.keys.map(self.published)))])
        case "/token": return try await self.token(call)
        default: return OpenIDReply(status: 404, body: Data())
        }
    }

    private func token(_ call: OpenIDCall) async throws -> OpenIDReply {
        guard let form = call.form.flatMap(FormText.decode), form["grant_type"] == "authorization_code" else {
            return Self.reply(["error": "invalid_request"], status: 400)
        }
        guard self.isClient(call, form) else { return Self.reply(["error": "invalid_client"], status: 401) }
        guard let code = form["code"], let grant = self.grants[code], !grant.isUsed, form["redirect_uri"] == grant.redirect,
            let verifier = form["code_verifier"],
            Base64URL.text(Data(SHA256.hash(data: Data(verifier.utf8)))) == grant.challenge
        else { return Self.reply(["error": "invalid_grant", "error_description": "personal detail"], status: 400) }
        self.grants[code]?.isUsed = true
        let token = try await self.signed(grant.nonce)
        return Self.reply([
            "access_token": "access", "token_type": "Bearer", "id_token": .string(self.faults.token?(token) ?? token),
        ])
    }

    private func isClient(_ call: OpenIDCall, _ form: [String: String]) -> Bool {
        if self.methods.contains("client_secret_basic") {
            let pair = [Self.clientID, Self.secret].map { text in
                text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-._~"))) ?? ""
            }
            let expected = "Basic " + Data(pair.joined(separator: ":").utf8).base64EncodedString()
            return call.headers["Authorization"] == expected && form["client_secret"] == nil
        }
        if self.methods.contains("client_secret_post") {
            return form["client_id"] == Self.clientID && form["client_secret"] == Self.secret
        }
        return form["client_id"] == Self.clientID && form["client_secret"] == nil && call.headers["Authorization"] == nil
    }

    private func signed(_ nonce: String) async throws -> String {
        let now = Int64(self.clock.now.timeIntervalSince1970)
        var claims: [String: JSONValue] = [
            "iss": .string(Self.issuer), "sub": "subject-1", "aud": .string(Self.clientID), "exp": .integer(now + 300),
            "iat": .integer(now), "nonce": .string(nonce), "preferred_username": "Bo.Ek@kommun.example", "name": "Bo Ek",
            "groups": ["skola-drift", "alla"],
        ]
        for (name, value) in self.claims { claims[name] = value == .null ? nil : value }
        let keys = JWTKeyCollection()
        let kid = JWKIdentifier(string: self.keys[0].id)
        if self.faults.signsWithSecret {
            await keys.add(hmac: HMACKey(from: Self.secret), digestAlgorithm: .sha256, kid: kid)
        } else {
            switch self.faults.otherKey ?? self.keys[0].key {
            case .elliptic(let key): await keys.add(ecdsa: try ES256PrivateKey(backing: key), kid: kid)
            case .rsa(let key):
                await keys.add(rsa: try Insecure.RSA.PrivateKey(backing: key), digestAlgorithm: .sha256, kid: kid)
            }
        }
        return try await keys.sign(Claims(values: .object(claims)), kid: kid)
    }

    private func published(_ entry: (id: String, key: Key)) throws -> JSONValue {
        var members: [String: JSONValue] = ["kid": .string(entry.id), "use": "sig"]
        switch entry.key {
        case .elliptic(let key):
            let point = key.publicKey.x963Representation.dropFirst()
            members["kty"] = "EC"
            members["crv"] = "P-256"
            members["x"] = .string(Base64URL.text(Data(point.prefix(32))))
            members["y"] = .string(Base64URL.text(Data(point.dropFirst(32))))
            if self.namesAlgorithms { members["alg"] = "ES256" }
        case .rsa(let key):
            let primitives = try key.publicKey.getKeyPrimitives()
            members["kty"] = "RSA"
            members["n"] = .string(Base64URL.text(primitives.modulus))
            members["e"] = .string(Base64URL.text(primitives.publicExponent))
            if self.namesAlgorithms { members["alg"] = "RS256" }
        }
        return .object(members)
    }

    private static func reply(_ body: JSONValue, status: Int = 200) -> OpenIDReply {
        OpenIDReply(status: status, body: body.canonicalData)
    }

    private struct Claims: JWTPayload {
        let values: JSONValue

        init(values: JSONValue) { self.values = values }
        init(from decoder: any Decoder) throws { self.values = try JSONValue(from: decoder) }
        func encode(to encoder: any Encoder) throws { try self.values.encode(to: encoder) }
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }
}
