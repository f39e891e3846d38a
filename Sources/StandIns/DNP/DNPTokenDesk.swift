import Crypto
import Foundation
import SchoolRecords

/// Gives out tokens as Skolverket's authorisation server does (GNAP): JWTs signed with ES256, for clients by their entity id or their
/// certificate's fingerprint. The certificate itself is taken on trust: the stand-in is on the loopback without TLS.
struct DNPTokenDesk {
    /// Seconds, as documented.
    static let lifetime = 864_000

    private var key = P256.Signing.PrivateKey()
    private var keyNumber = 1
    private var usesLeft: [String: Int] = [:]
    private var given = 0
    /// What a client may show: its entity id, or the fingerprint.
    let clients: Set<String>
    /// Of whoever has these clients.
    let organizationID: String

    init(clients: Set<String>, organizationID: String) {
        self.clients = clients
        self.organizationID = organizationID
    }

    /// A new key: no token given out before is good any more.
    mutating func revokeAll() {
        self.key = P256.Signing.PrivateKey()
        self.keyNumber += 1
        self.usesLeft = [:]
    }

    private var keyID: String { "desk_\(self.keyNumber)" }

    /// The public key as a JWK set (RFC 7517).
    var keys: JSONValue {
        let raw = self.key.publicKey.rawRepresentation
        return [
            "keys": [
                [
                    "kty": "EC", "crv": "P-256", "kid": .string(self.keyID), "x": .string(Self.text(raw.prefix(32))),
                    "y": .string(Self.text(raw.suffix(32))),
                ]
            ]
        ]
    }

    /// The reply to a request for a token; `nil` when it is refused.
    ///
    /// - Parameter locations: the address of each interface that there is, by its type.
    mutating func grant(
        _ request: JSONValue, _ locations: [String: String], issuer: String, uses: Int?, now: Date
    ) -> JSONValue? {
        guard let wanted = request["access_token"]?.arrayValue?.first, wanted["flags"]?.arrayValue?.contains("bearer") == true,
            let access = wanted["access"]?.arrayValue?.first, let type = access["type"]?.stringValue,
            let location = locations[type], access["locations"]?.arrayValue == [.string(location)],
            let client = request["client"]?["key"], self.isKnown(client)
        else { return nil }
        let value = self.token(
            for: access, of: self.organizationID, entityID: client.stringValue, issuer: issuer, uses: uses, now: now)
        return [
            "access_token": [
                "value": .string(value), "access": [access], "expires_in": .integer(Int64(Self.lifetime)), "flags": ["bearer"],
            ]
        ]
    }

    /// A token with the claims that Sunet's have.
    mutating func token(
        for access: JSONValue, of organizationID: String, entityID: String?, issuer: String, uses: Int? = nil, now: Date
    ) -> String {
        self.given += 1
        let number = "t\(self.given)"
        if let uses { self.usesLeft[number] = uses }
        let seconds = Int64(now.timeIntervalSince1970)
        var claims: JSONValue = [
            "iss": .string(issuer), "aud": "nutid", "jti": .string(number), "organization_id": .string(organizationID),
            "requested_access": [access], "auth_source": "tlsfed", "iat": .integer(seconds), "nbf": .integer(seconds),
            "exp": .integer(seconds + Int64(Self.lifetime)), "version": 1,
        ]
        if let entityID { claims["entity_id"] = .string(entityID) }
        let signed = Self.encoded(["alg": "ES256", "kid": .string(self.keyID)]) + "." + Self.encoded(claims)
        // Signing fails for no text.
        let signature = (try? self.key.signature(for: Data(signed.utf8)).rawRepresentation) ?? Data()
        return signed + "." + Self.text(signature)
    }

    private func isKnown(_ client: JSONValue) -> Bool {
        if let entity = client.stringValue { return self.clients.contains(entity) }
        return client["proof"] == "mtls" && client["cert#S256"]?.stringValue.map(self.clients.contains) == true
    }

    /// Whether a token is good for an interface; takes one of its uses.
    mutating func admits(_ token: String, to type: String, at location: String, now: Date) -> Bool {
        let parts = token.split(separator: ".")
        guard parts.count == 3, let signature = Self.bytes(parts[2]),
            let proof = try? P256.Signing.ECDSASignature(rawRepresentation: signature),
            self.key.publicKey.isValidSignature(proof, for: Data("\(parts[0]).\(parts[1])".utf8)),
            let claims = Self.bytes(parts[1]).flatMap({ try? JSONValue(parsing: $0) }),
            claims["organization_id"] == .string(self.organizationID),
            claims["requested_access"]?.arrayValue == [["type": .string(type), "locations": [.string(location)]]],
            let expires = claims["exp"]?.integerValue, let begins = claims["nbf"]?.integerValue,
            Double(begins) <= now.timeIntervalSince1970 + 60, now.timeIntervalSince1970 < Double(expires)
        else { return false }
        guard let number = claims["jti"]?.stringValue, let left = self.usesLeft[number] else { return true }
        self.usesLeft[number] = left - 1
        return left > 0
    }

    private static func encoded(_ value: JSONValue) -> String { self.text(value.canonicalData) }

    private static func text(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func bytes(_ text: Substring) -> Data? {
        var text = text.replacing("-", with: "+").replacing("_", with: "/")
        while text.count % 4 != 0 { text += "=" }
        return Data(base64Encoded: String(text))
    }
}
