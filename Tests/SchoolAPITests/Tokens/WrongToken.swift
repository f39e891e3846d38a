import Crypto
import Foundation
import SchoolRecords
import Testing

/// What a token of somebody else's may get wrong.
struct WrongToken: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let make: @Sendable (TestIssuer, Date) -> String

    /// The claims of a good token, changed and signed as they should be.
    private static func claims(
        _ name: String, _ change: @escaping @Sendable (inout JSONValue, Int64) -> Void
    ) -> WrongToken {
        WrongToken(testDescription: name) { issuer, now in
            var claims = TestIssuer.claims(now)
            change(&claims, Int64(now.timeIntervalSince1970))
            return issuer.token(claims)
        }
    }

    private static func header(_ name: String, _ header: JSONValue) -> WrongToken {
        WrongToken(testDescription: name) { issuer, now in issuer.token(TestIssuer.claims(now), header: header) }
    }

    private static func access(_ type: JSONValue, _ locations: JSONValue) -> JSONValue {
        [["type": type, "locations": locations]]
    }

    private static let location = "https://api.kommun.example/v2.0"

    /// Signed by the issuer, for nobody here, or for another time.
    static let claims: [WrongToken] = [
        .claims("another organisation") { claims, _ in claims["organization_id"] = "SE2120000000" },
        .claims("no organisation") { claims, _ in claims["organization_id"] = nil },
        .claims("a list of organisations") { claims, _ in claims["organization_id"] = [.string(TestIssuer.organisation)] },
        .claims("access to the webhook") { claims, _ in
            claims["requested_access"] = Self.access("ss12000-client", [.string(Self.location)])
        },
        .claims("access to the provisioning interface") { claims, _ in
            claims["requested_access"] = Self.access("provisioning-api", [.string(Self.location)])
        }, .claims("no access") { claims, _ in claims["requested_access"] = nil },
        .claims("access to nothing") { claims, _ in claims["requested_access"] = [] },
        .claims("another municipality's address") { claims, _ in
            claims["requested_access"] = Self.access("ss12000-api", ["https://api.other.example/v2.0"])
        },
        .claims("an address that ours is in") { claims, _ in
            claims["requested_access"] = Self.access("ss12000-api", ["https://evil.example/?https://api.kommun.example/v2.0"])
        },
        .claims("an address that begins with ours") { claims, _ in
            claims["requested_access"] = Self.access(
                "ss12000-api", ["https://api.kommun.example.evil.example/v2.0", "https://api.kommun.examples"])
        },
        .claims("our address without encryption") { claims, _ in
            claims["requested_access"] = Self.access("ss12000-api", ["http://api.kommun.example/v2.0"])
        },
        .claims("our address, of another type of access") { claims, _ in
            claims["requested_access"] = [
                ["type": "ss12000-client", "locations": [.string(Self.location)]], ["type": "ss12000-api", "locations": []],
            ]
        }, .claims("access without addresses") { claims, _ in claims["requested_access"] = [["type": "ss12000-api"]] },
        .claims("over") { claims, now in claims["exp"] = .integer(now - 60) },
        .claims("no end") { claims, _ in claims["exp"] = nil },
        .claims("an end that is a text") { claims, now in claims["exp"] = .string("\(now + 3600)") },
        .claims("not yet") { claims, now in claims["nbf"] = .integer(now + 61) },
        .claims("a beginning that is a text") { claims, now in claims["nbf"] = .string("\(now)") },
        .claims("another issuer") { claims, _ in claims["iss"] = "https://other.example" },
        .claims("no issuer") { claims, _ in claims["iss"] = nil },
        .claims("for somebody else") { claims, _ in claims["aud"] = ["another", "third"] },
        .claims("another client of the organisation") { claims, _ in claims["entity_id"] = "https://client.example/v2" },
    ]

    /// Not signed by the issuer, or not as it must be.
    static let guesses: [WrongToken] = [
        WrongToken(testDescription: "alg none, without a signature") { _, now in
            TestIssuer.signed(["alg": "none", "kid": "k1"], TestIssuer.claims(now)) + "."
        }, .header("alg none, with a signature", ["alg": "none", "kid": "k1"]),
        .header("no alg", ["kid": "k1"]),
        .header("alg of another length", ["alg": "ES384", "kid": "k1"]),
        .header("alg in small letters", ["alg": "es256", "kid": "k1"]),
        WrongToken(testDescription: "HS256 with the public key as the secret") { issuer, now in
            let signed = TestIssuer.signed(["alg": "HS256", "kid": "k1"], TestIssuer.claims(now))
            let secret = issuer.publicKey("k1")?.pemRepresentation ?? ""
            let code = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: SymmetricKey(data: Data(secret.utf8)))
            return signed + "." + TestIssuer.text(Data(code))
        },
        WrongToken(testDescription: "an HMAC of two halves under ES256") { issuer, now in
            let signed = TestIssuer.signed(["alg": "ES256", "kid": "k1"], TestIssuer.claims(now))
            let secret = issuer.publicKey("k1")?.rawRepresentation ?? Data()
            let code = Data(HMAC<SHA512>.authenticationCode(for: Data(signed.utf8), using: SymmetricKey(data: secret)))
            return signed + "." + TestIssuer.text(code)
        }, .header("extensions that must be known", ["alg": "ES256", "kid": "k1", "crit": ["exp"]]),
        .header("no kid", ["alg": "ES256"]),
        WrongToken(testDescription: "an unknown key") { issuer, now in
            issuer.token(
                TestIssuer.claims(now), header: ["alg": "ES256", "kid": "k9"], by: P256.Signing.PrivateKey())
        },
        WrongToken(testDescription: "another's key under the issuer's kid") { issuer, now in
            issuer.token(TestIssuer.claims(now), by: P256.Signing.PrivateKey())
        },
        WrongToken(testDescription: "another's key in the header") { issuer, now in
            let key = P256.Signing.PrivateKey()
            return issuer.token(
                TestIssuer.claims(now),
                header: ["alg": "ES256", "kid": "k1", "jwk": TestIssuer.member("k1", key.publicKey)], by: key)
        },
        WrongToken(testDescription: "claims that were changed afterwards") { issuer, now in
            var claims = TestIssuer.claims(now)
            let parts = issuer.token(claims).split(separator: ".")
            claims["version"] = 2
            return "\(parts[0]).\(TestIssuer.text(claims.canonicalData)).\(parts[2])"
        },
        WrongToken(testDescription: "a signature of zeros") { issuer, now in
            let parts = issuer.token(TestIssuer.claims(now)).split(separator: ".")
            return "\(parts[0]).\(parts[1]).\(TestIssuer.text(Data(repeating: 0, count: 64)))"
        },
        WrongToken(testDescription: "a signature in DER") { issuer, now in
            let parts = issuer.token(TestIssuer.claims(now)).split(separator: ".")
            return "\(parts[0]).\(parts[1]).\(TestIssuer.text(Data(repeating: 0x30, count: 71)))"
        }, WrongToken(testDescription: "claims that are no object") { issuer, _ in issuer.token(["a"]) },
        WrongToken(testDescription: "nothing between dots") { _, _ in ".." },
    ]
}
