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
            for wrong in WrongToken.claims {
                let answer = try await Self.ask(house, wrong.make(issuer, house.time.clock.now()))
                #expect(answer.status == 401, "\(wrong.testDescription)")
                #expect(answer.code == "no-token" && answer.headers.first(name: "www-authenticate")?.hasPrefix("Bearer") == true)
            }
            try await #expect(Self.ask(house, issuer.token(TestIssuer.claims(house.time.clock.now()))).status == 200)
        }
    }

    @Test func `what the issuer hasn't signed is refused`() async throws {
        try await Self.with { house, issuer in
            for (number, wrong) in WrongToken.guesses.enumerated() {
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
                #expect(told.last?.contains(": \(reason)") == true, "\(told)")
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
