import Foundation
import JWTKit
import SchoolRecords

/// What an ID token says, once it has been shown to be the provider's, for this console, of this sign-in, and of now
/// (OpenID Connect Core 1.0, 3.1.3.7).
struct IDToken: Sendable {
    let subject: String
    let claims: JSONValue

    /// Signatures that are taken. Not `none`, and none that is made with the client's secret.
    private static let algorithms: [String: JWK.KeyType] = [
        "RS256": .rsa, "RS384": .rsa, "RS512": .rsa, "PS256": .rsa, "PS384": .rsa, "PS512": .rsa, "ES256": .ecdsa,
        "ES384": .ecdsa, "ES512": .ecdsa, "EdDSA": .octetKeyPair,
    ]
    /// Seconds by which clocks may differ.
    private static let leeway: Double = 60

    /// What it is held against.
    struct Expected: Sendable {
        let issuer: String
        let clientID: String
        let nonce: String
        let now: Date
    }

    /// - Throws: ``AccessRefusal`` (`untrusted`, `provider-down`), whose detail says which check it didn't pass.
    init(_ text: String, provider: OpenIDProvider, expected: Expected) async throws {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 64 * 1024, parts.count == 3, let header = Self.object(parts[0]),
            let claims = Self.object(parts[1])
        else { throw AccessRefusal.untrusted("the ID token is no signed token") }
        try await Self.checkSignature(text, header, provider)
        try Self.check(claims, expected)
        guard let subject = claims["sub"]?.stringValue, !subject.isEmpty else {
            throw AccessRefusal.untrusted("the ID token names nobody")
        }
        self.subject = subject
        self.claims = claims
    }

    private static func checkSignature(_ text: String, _ header: JSONValue, _ provider: OpenIDProvider) async throws {
        guard let name = header["alg"]?.stringValue, let kind = Self.algorithms[name],
            let algorithm = JWK.Algorithm(rawValue: name)
        else { throw AccessRefusal.untrusted("the ID token isn't signed as it must be") }
        guard header["crit"] == nil else { throw AccessRefusal.untrusted("the ID token has extensions that aren't known here") }
        var key = try await provider.key(header["kid"]?.stringValue).jwk
        guard key.keyType == kind, key.algorithm == nil || key.algorithm == algorithm else {
            throw AccessRefusal.untrusted("the ID token is signed in another way than its key is for")
        }
        key.algorithm = algorithm
        // With one key alone, the library has none to fall back on.
        key.keyIdentifier = JWKIdentifier(string: header["kid"]?.stringValue ?? "only")
        do {
            let keys = JWTKeyCollection()
            try await keys.add(jwk: key)
            _ = try await keys.verify(text, as: Signed.self)
        } catch {
            throw AccessRefusal.untrusted("the ID token's signature isn't the provider's")
        }
    }

    private static func check(_ claims: JSONValue, _ expected: Expected) throws {
        guard claims["iss"]?.stringValue == expected.issuer else {
            throw AccessRefusal.untrusted("the ID token is of another issuer")
        }
        let audience = claims["aud"]?.stringValue.map { [$0] } ?? claims["aud"]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard audience.contains(expected.clientID) else { throw AccessRefusal.untrusted("the ID token is for somebody else") }
        let party = claims["azp"]?.stringValue
        guard party == expected.clientID || (claims["azp"] == nil && audience.count == 1) else {
            throw AccessRefusal.untrusted("the ID token was given to somebody else")
        }
        let now = expected.now.timeIntervalSince1970
        guard let expires = claims["exp"]?.integerValue, now < Double(expires) + Self.leeway else {
            throw AccessRefusal.untrusted("the ID token's time is over")
        }
        for claim in ["iat", "nbf"] {
            guard let time = claims[claim]?.integerValue else { continue }
            guard now > Double(time) - Self.leeway else {
                throw AccessRefusal.untrusted("the ID token's time hasn't come: the clocks differ")
            }
        }
        guard let nonce = claims["nonce"]?.stringValue, Secrets.areEqual(nonce, expected.nonce) else {
            throw AccessRefusal.untrusted("the ID token is of another sign-in")
        }
    }

    private static func object(_ part: Substring) -> JSONValue? {
        guard let data = Base64URL.data(part), let value = try? JSONValue(parsing: data), value.objectValue != nil else {
            return nil
        }
        return value
    }

    /// The texts of a claim: of a list, or of a single text.
    ///
    /// - Parameter name: the claim's name, or a path with dots where there is no claim of that name.
    func texts(_ name: String) -> [String] {
        var value = self.claims[name]
        if value == nil {
            value = self.claims
            for part in name.split(separator: ".") { value = value?[String(part)] }
        }
        return value?.arrayValue?.compactMap(\.stringValue) ?? value?.stringValue.map { [$0] } ?? []
    }

    /// What the library is to read of a token: that it is signed. The claims are read from the same text.
    private struct Signed: JWTPayload {
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }
}
