import Crypto
import Foundation
import Hub
import NIOHTTP1
import SchoolRecords
import Testing

@testable import SchoolAPI

/// Everything that a token of somebody else's may get wrong, over HTTP at a provider whose client `all` signs in by them.
@Suite("Clients are let in by tokens of somebody else's issuer, when everything in them is right", .timeLimit(.minutes(1)))
struct ForeignTokenTests {
    /// A change to a token that was good.
    struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable (TestIssuer, Date) -> String

        /// The claims of a good token, changed and signed as they should be.
        static func claims(_ name: String, _ change: @escaping @Sendable (inout JSONValue, Int64) -> Void) -> Wrong {
            Wrong(testDescription: name) { issuer, now in
                var claims = TestIssuer.claims(now)
                change(&claims, Int64(now.timeIntervalSince1970))
                return issuer.token(claims)
            }
        }

        static func header(_ name: String, _ header: JSONValue) -> Wrong {
            Wrong(testDescription: name) { issuer, now in issuer.token(TestIssuer.claims(now), header: header) }
        }
    }

    private static func access(_ type: JSONValue, _ locations: JSONValue) -> JSONValue {
        [["type": type, "locations": locations]]
    }

    private static let location = "https://api.kommun.example/v2.0"

    static let wrongClaims: [Wrong] = [
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

    static let guesses: [Wrong] = [
        Wrong(testDescription: "alg none, without a signature") { _, now in
            TestIssuer.signed(["alg": "none", "kid": "k1"], TestIssuer.claims(now)) + "."
        }, .header("alg none, with a signature", ["alg": "none", "kid": "k1"]),
        .header("no alg", ["kid": "k1"]),
        .header("alg of another length", ["alg": "ES384", "kid": "k1"]),
        .header("alg in small letters", ["alg": "es256", "kid": "k1"]),
        Wrong(testDescription: "HS256 with the public key as the secret") { issuer, now in
            let signed = TestIssuer.signed(["alg": "HS256", "kid": "k1"], TestIssuer.claims(now))
            let secret = issuer.publicKey("k1")?.pemRepresentation ?? ""
            let code = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: SymmetricKey(data: Data(secret.utf8)))
            return signed + "." + TestIssuer.text(Data(code))
        },
        Wrong(testDescription: "an HMAC of two halves under ES256") { issuer, now in
            let signed = TestIssuer.signed(["alg": "ES256", "kid": "k1"], TestIssuer.claims(now))
            let secret = issuer.publicKey("k1")?.rawRepresentation ?? Data()
            let code = Data(HMAC<SHA512>.authenticationCode(for: Data(signed.utf8), using: SymmetricKey(data: secret)))
            return signed + "." + TestIssuer.text(code)
        }, .header("extensions that must be known", ["alg": "ES256", "kid": "k1", "crit": ["exp"]]),
        .header("no kid", ["alg": "ES256"]),
        Wrong(testDescription: "an unknown key") { issuer, now in
            issuer.token(
                TestIssuer.claims(now), header: ["alg": "ES256", "kid": "k9"], by: P256.Signing.PrivateKey())
        },
        Wrong(testDescription: "another's key under the issuer's kid") { issuer, now in
            issuer.token(TestIssuer.claims(now), by: P256.Signing.PrivateKey())
        },
        Wrong(testDescription: "another's key in the header") { issuer, now in
            let key = P256.Signing.PrivateKey()
            return issuer.token(
                TestIssuer.claims(now),
                header: ["alg": "ES256", "kid": "k1", "jwk": TestIssuer.member("k1", key.publicKey)], by: key)
        },
        Wrong(testDescription: "claims that were changed afterwards") { issuer, now in
            var claims = TestIssuer.claims(now)
            let parts = issuer.token(claims).split(separator: ".")
            claims["version"] = 2
            return "\(parts[0]).\(TestIssuer.text(claims.canonicalData)).\(parts[2])"
        },
        Wrong(testDescription: "a signature of zeros") { issuer, now in
            let parts = issuer.token(TestIssuer.claims(now)).split(separator: ".")
            return "\(parts[0]).\(parts[1]).\(TestIssuer.text(Data(repeating: 0, count: 64)))"
        },
        Wrong(testDescription: "a signature in DER") { issuer, now in
            let parts = issuer.token(TestIssuer.claims(now)).split(separator: ".")
            return "\(parts[0]).\(parts[1]).\(TestIssuer.text(Data(repeating: 0x30, count: 71)))"
        }, Wrong(testDescription: "claims that are no object") { issuer, _ in issuer.token(["a"]) },
        Wrong(testDescription: "nothing between dots") { _, _ in ".." },
    ]

    // MARK: Where

    /// A provider whose client `all` is Skolverket's, and `other` signs in by its secret.
    private static func with(
        lines: LogLines = LogLines(), _ body: @Sendable (House, TestIssuer) async throws -> Void
    ) async throws {
        let issuer = TestIssuer()
        let time = TestTime()
        let tokens = ForeignTokens(
            keys: issuer.keys(time.clock), organisationID: TestIssuer.organisation, access: "ss12000-api",
            location: try #require(TokenLocation("https://api.kommun.example")), issuer: TestIssuer.address, audience: "nutid",
            entityID: "https://client.example/v1")
        try await House.with(
            ["all": House.everything, "other": House.everything], time: time, isBehindProxy: true,
            signIn: { $0 == "all" ? .tokens(tokens) : .secret { House.secret } }, logger: lines.logger
        ) { house in try await body(house, issuer) }
    }

    private static func ask(_ house: House, _ token: String, from address: String = "10.0.0.1") async throws -> Answer {
        try await house.request(
            "GET", "/v2.0/persons", headers: [("authorization", "Bearer \(token)"), ("x-forwarded-for", address)])
    }

    // MARK: Tests

    @Test func `a good one is taken, also a little before and after its time, and fetches what its client may see`() async throws
    {
        try await Self.with { house, issuer in
            try await house.take(.person, [["id": .string(Town.id(.person, 1)), "givenName": "A", "familyName": "B"]])
            let answer = try await Self.ask(house, issuer.token(TestIssuer.claims(house.time.clock.now())))
            #expect(answer.status == 200 && answer.data.count == 1)
            for change in [
                { claims, now in claims["exp"] = .integer(now - 59) }, { claims, now in claims["nbf"] = .integer(now + 60) },
                { claims, _ in claims["nbf"] = nil }, { claims, now in claims["exp"] = .number(Double(now) + 0.5) },
                { claims, _ in claims["aud"] = ["another", "nutid"] },
                { claims, _ in
                    claims["requested_access"] = [
                        ["type": "provisioning-api", "locations": ["https://x.example"]],
                        ["type": "ss12000-api", "locations": ["https://x.example", "HTTPS://API.kommun.example:443/"]],
                    ]
                },
            ] as [(inout JSONValue, Int64) -> Void] {
                var claims = TestIssuer.claims(house.time.clock.now())
                change(&claims, Int64(house.time.clock.now().timeIntervalSince1970))
                try await #expect(Self.ask(house, issuer.token(claims)).status == 200, "\(claims)")
            }
            #expect(issuer.fetches == 1)
        }
    }

    @Test func `whatever the claims get wrong is a refusal, and never counts as a guess`() async throws {
        try await Self.with { house, issuer in
            for wrong in Self.wrongClaims {
                let answer = try await Self.ask(house, wrong.make(issuer, house.time.clock.now()))
                #expect(answer.status == 401, "\(wrong.testDescription)")
                #expect(answer.code == "no-token" && answer.headers.first(name: "www-authenticate")?.hasPrefix("Bearer") == true)
            }
            try await #expect(Self.ask(house, issuer.token(TestIssuer.claims(house.time.clock.now()))).status == 200)
        }
    }

    @Test func `what the issuer hasn't signed is refused`() async throws {
        try await Self.with { house, issuer in
            for (number, wrong) in Self.guesses.enumerated() {
                let answer = try await Self.ask(
                    house, wrong.make(issuer, house.time.clock.now()), from: "10.0.1.\(number)")
                #expect(answer.status == 401 && answer.code == "no-token", "\(wrong.testDescription)")
            }
        }
    }

    @Test func `who brings tokens that nobody has signed waits, and nobody else does`() async throws {
        try await Self.with { house, issuer in
            let good = issuer.token(TestIssuer.claims(house.time.clock.now()))
            let bad = issuer.token(TestIssuer.claims(house.time.clock.now()), by: P256.Signing.PrivateKey())
            for _ in 0..<5 { try await #expect(Self.ask(house, bad).status == 401) }
            let refused = try await Self.ask(house, good)
            #expect(refused.status == 429 && refused.code == "too-many-attempts")
            #expect(refused.headers.first(name: "retry-after") == "1")
            try await #expect(Self.ask(house, good, from: "10.0.0.2").status == 200)
            house.time.pass(2)
            try await #expect(Self.ask(house, good).status == 200)
        }
    }

    @Test func `the hub's own tokens and somebody else's can't be taken for each other`() async throws {
        try await Self.with { house, issuer in
            let now = house.time.clock.now()
            // Its own, of the client that has a secret.
            try await #expect(Self.ask(house, house.token("other")).status == 200)
            // Who signs in by tokens gets none at the hub's desk, whatever secret it names.
            try await #expect(house.token("all") == "")
            // One that the hub's own key has signed for it, as from before it changed to tokens.
            for secret in [House.secret, ""] {
                let before = APIClient(name: "all", system: "all", notify: nil, signIn: .secret { secret })
                let own = AccessTokens(key: House.key, clients: [before], clock: house.time.clock).token(for: before)
                try await #expect(Self.ask(house, own).status == 401)
            }
            // The claims of a JWT in the form of the hub's, and the hub's in the form of a JWT.
            let parts = issuer.token(TestIssuer.claims(now)).split(separator: ".")
            let own = try await house.token("other").split(separator: ".")
            for mixed in [
                "\(parts[1]).\(parts[2])", "\(parts[0]).\(own[0]).\(own[1])", "\(own[0]).\(own[1]).", ".\(own[0]).\(own[1])",
            ] {
                try await #expect(Self.ask(house, mixed).status == 401, "\(mixed)")
            }
        }
    }

    @Test func `without the issuer's keys nobody can tell, and it is said when to ask again`() async throws {
        try await Self.with { house, issuer in
            issuer.setAway(true)
            let good = issuer.token(TestIssuer.claims(house.time.clock.now()))
            for _ in 0..<8 {
                let answer = try await Self.ask(house, good)
                #expect(answer.status == 503 && answer.code == "unavailable")
                #expect(answer.headers.first(name: "retry-after") == "60")
            }
            #expect(issuer.fetches == 1)
            issuer.setAway(false)
            house.time.pass(60)
            try await #expect(Self.ask(house, good).status == 200)
            issuer.setAway(true)
            house.time.pass(20_000)
            try await #expect(Self.ask(house, good).status == 200)
        }
    }

    @Test func `the log says why, and nothing of the token`() async throws {
        let lines = LogLines()
        try await Self.with(lines: lines) { house, issuer in
            var claims = TestIssuer.claims(house.time.clock.now())
            for (claim, reason) in [
                ("organization_id", "organisation"), ("exp", "over"), ("iss", "issuer"), ("aud", "audience"),
                ("entity_id", "entity"), ("requested_access", "access"),
            ] {
                claims = TestIssuer.claims(house.time.clock.now())
                claims[claim] = nil
                let token = issuer.token(claims)
                try await #expect(Self.ask(house, token).status == 401)
                let told = lines.all.filter { $0.contains("A client's token wasn't taken") }
                #expect(told.last?.contains("\"\(reason)\"") == true || told.last?.contains(": \(reason)]") == true, "\(told)")
                let texts = token.split(separator: ".").map(String.init) + [TestIssuer.organisation, "client.example", "nutid"]
                #expect(!lines.all.contains { line in texts.contains(where: line.contains) })
            }
        }
    }

    @Test func `of two clients of one issuer each is found by what its tokens say`() async throws {
        let (issuer, time) = (TestIssuer(), TestTime())
        let keys = issuer.keys(time.clock)
        @Sendable func signIn(_ name: String) -> APIClient.SignIn {
            TokenLocation("https://api.kommun.example").map { location in
                .tokens(
                    ForeignTokens(
                        keys: keys, organisationID: TestIssuer.organisation, access: "ss12000-api", location: location,
                        entityID: "https://client.example/\(name)"))
            } ?? .secret { nil }
        }
        try await House.with(
            ["all": House.everything, "few": "purpose: x\nentities:\n  duty: {fields: [dutyRole]}\n"], time: time, signIn: signIn
        ) { house in
            var claims = TestIssuer.claims(time.clock.now())
            for (name, status) in [("all", 200), ("few", 403), ("none", 401)] {
                claims["entity_id"] = .string("https://client.example/\(name)")
                let answer = try await Self.ask(house, issuer.token(claims))
                #expect(answer.status == status, "\(name)")
            }
        }
    }
}
