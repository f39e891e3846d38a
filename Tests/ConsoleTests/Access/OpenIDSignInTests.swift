import Foundation
import Hub
import Logging
import SchoolRecords
import Synchronization
import Testing

@testable import Console

@Suite("Who an OpenID provider vouches for is let in, and nobody else")
struct OpenIDSignInTests {
    /// A console beside a provider, and somebody with a browser.
    private struct World {
        let fixture: AccessFixture
        let provider: OpenIDStandIn
        let signIn: OpenIDSignIn
        let lines: Lines
        var browser = Browser()

        /// Goes to the provider and signs in there.
        ///
        /// - Returns: the query with which the provider sends the browser back.
        mutating func goThere(to path: String? = nil) async throws -> String {
            let started = try await self.signIn.start(returnTo: path)
            self.browser.take([started.cookie])
            return try await self.provider.signIn(at: started.location)
        }

        /// The whole way.
        mutating func whole() async throws -> OpenIDSignIn.Finished {
            let query = try await self.goThere()
            return try await self.signIn.finish(query: query, cookieHeader: self.browser.header)
        }

        /// The whole way, which ends in a refusal.
        mutating func refused() async throws -> AccessRefusal {
            let query = try await self.goThere()
            return try await self.refused(query)
        }

        func refused(_ query: String?, cookies: String? = nil) async throws -> AccessRefusal {
            do {
                let finished = try await self.signIn.finish(query: query, cookieHeader: cookies ?? self.browser.header)
                Issue.record("\(finished.user.name) was let in")
                throw CancellationError()
            } catch let refusal as AccessRefusal { return refusal }
        }
    }

    /// What the log was told.
    private final class Lines: Sendable {
        private let texts = Mutex<[String]>([])
        var all: [String] { self.texts.withLock { $0 } }
        func add(_ text: String) { self.texts.withLock { $0.append(text) } }

        struct Handler: LogHandler {
            let lines: Lines
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.trace
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { self.metadata[key] }
                set { self.metadata[key] = newValue }
            }

            func log(event: LogEvent) {
                self.lines.add("\(event.message) \(event.metadata ?? [:])")
            }
        }
    }

    private static func with(
        _ settings: (inout OpenIDSettings) -> Void = { _ in },
        provider: ((MovedClock) throws -> OpenIDStandIn)? = nil, _ body: (inout World) async throws -> Void
    ) async throws {
        try await AccessFixture.with { fixture in
            let provider = try provider?(fixture.time) ?? OpenIDStandIn(clock: fixture.time)
            var world = World(
                fixture: fixture, provider: provider,
                signIn: Self.signIn(fixture, provider, settings), lines: Lines())
            world = World(
                fixture: fixture, provider: provider,
                signIn: Self.signIn(fixture, provider, settings, world.lines), lines: world.lines)
            try await body(&world)
        }
    }

    private static func signIn(
        _ fixture: AccessFixture, _ provider: OpenIDStandIn, _ change: (inout OpenIDSettings) -> Void = { _ in },
        _ lines: Lines? = nil
    ) -> OpenIDSignIn {
        var settings = OpenIDSettings(
            issuer: OpenIDStandIn.issuer, clientID: OpenIDStandIn.clientID, clientSecret: OpenIDStandIn.secret,
            publicURL: OpenIDStandIn.publicURL)
        settings.roles = ["skola-drift": [.operator], "skola-dpo": [.dataProtectionOfficer], "alla": [.viewer]]
        change(&settings)
        let logger = lines.map { lines in Logger(label: "test") { _ in Lines.Handler(lines: lines) } } ?? AccessFixture.quiet
        return OpenIDSignIn(
            settings, accounts: fixture.store, key: AccessFixture.key, isSecure: true, transport: provider.transport,
            clock: fixture.time.clock, logger: logger)
    }

    // MARK: The whole way

    @Test func `somebody goes there and comes back, with the roles of their groups`() async throws {
        try await Self.with { world in
            let query = try await world.goThere(to: "/failed/17?state=open")
            let finished = try await world.signIn.finish(query: query, cookieHeader: world.browser.header)
            #expect(
                finished.user
                    == ConsoleUser(
                        name: "bo.ek@kommun.example", displayName: "Bo Ek", roles: [.operator, .viewer], units: .all,
                        signIn: .openID(issuer: OpenIDStandIn.issuer, subject: "subject-1")))
            #expect(finished.returnTo == "/failed/17?state=open")
            world.browser.take(finished.cookies)
            #expect(world.browser.header.isEmpty)
            #expect(world.lines.all.isEmpty)
        }
    }

    @Test(arguments: [true, false]) func `keys of both kinds are taken, also where they name no algorithm`(isNamed: Bool)
        async throws
    {
        try await Self.with(provider: { OpenIDStandIn(clock: $0, key: try .rsa(), namesAlgorithms: isNamed) }) { world in
            try await #expect(world.whole().user.name == "bo.ek@kommun.example")
        }
        try await Self.with(provider: { OpenIDStandIn(clock: $0, namesAlgorithms: isNamed) }) { world in
            try await #expect(world.whole().user.name == "bo.ek@kommun.example")
        }
    }

    @Test func `the client shows itself as the provider wants it`() async throws {
        for methods in [["client_secret_basic"], ["client_secret_post"]] {
            try await Self.with(provider: { OpenIDStandIn(clock: $0, methods: methods) }) { world in
                try await #expect(world.whole().user.displayName == "Bo Ek")
            }
        }
        try await Self.with({ $0.clientSecret = nil }, provider: { OpenIDStandIn(clock: $0, methods: ["none"]) }) { world in
            try await #expect(world.whole().user.displayName == "Bo Ek")
        }
        try await Self.with({ $0.clientSecret = "another" }) { world in
            let refusal = try await world.refused()
            #expect(refusal.code == .providerDown && refusal.detail?.contains("id and secret") == true)
        }
    }

    @Test func `what the provider says of itself is asked for once an hour`() async throws {
        try await Self.with { world in
            for _ in 0..<3 { _ = try await world.whole() }
            #expect(await world.provider.count("/.well-known/openid-configuration") == 1)
            #expect(await world.provider.count("/keys") == 1)
            world.fixture.time.move(by: 3601)
            _ = try await world.whole()
            #expect(await world.provider.count("/.well-known/openid-configuration") == 2)
            #expect(await world.provider.count("/keys") == 2)
        }
    }

    @Test func `a new key of the provider is asked for, once`() async throws {
        try await Self.with { world in
            _ = try await world.whole()
            await world.provider.rotate(to: "key-2")
            _ = try await world.whole()
            #expect(await world.provider.count("/keys") == 2)
            _ = try await world.whole()
            #expect(await world.provider.count("/keys") == 2)
        }
    }

    // MARK: Tokens

    @Test(
        arguments: [
            (["nonce": "another"], "another sign-in"), (["nonce": .null], "another sign-in"),
            (["aud": "another"], "for somebody else"), (["aud": []], "for somebody else"), (["aud": .null], "for somebody else"),
            (["aud": ["knutpunkt-console", "another"]], "given to somebody else"),
            (["aud": ["knutpunkt-console", "another"], "azp": "another"], "given to somebody else"),
            (["azp": "another"], "given to somebody else"), (["azp": 7], "given to somebody else"),
            (["iss": "https://idp.example/realms/other"], "another issuer"), (["iss": .null], "another issuer"),
            (["exp": 1_796_999_000], "time is over"), (["exp": .null], "time is over"), (["exp": "2099"], "time is over"),
            (["iat": 1_797_000_100], "hasn't come"), (["nbf": 1_797_000_100], "hasn't come"), (["sub": .null], "names nobody"),
            (["sub": ""], "names nobody"), (["preferred_username": .null], "no name"),
            (["preferred_username": "hub"], "no name"), (["preferred_username": "a b"], "no name"),
            (["preferred_username": "a\u{202E}b"], "no name"),
        ] as [([String: JSONValue], String)])
    func `a token that isn't of this sign-in, for this console, and of now is refused`(
        claims: [String: JSONValue], detail: String
    ) async throws {
        try await Self.with { world in
            await world.provider.set(claims: claims)
            let refusal = try await world.refused()
            #expect(refusal.code == .untrusted && refusal.detail?.contains(detail) == true, "\(refusal)")
        }
    }

    @Test func `clocks may differ by a minute, and a token may be for several`() async throws {
        for claims in [
            ["exp": 1_796_999_945], ["iat": 1_797_000_055], ["nbf": 1_797_000_055],
            ["aud": ["another", "knutpunkt-console"], "azp": "knutpunkt-console"], ["aud": ["knutpunkt-console"]],
        ] as [[String: JSONValue]] {
            try await Self.with { world in
                await world.provider.set(claims: claims)
                try await #expect(world.whole().user.displayName == "Bo Ek")
            }
        }
    }

    @Test func `a token of another key, or of none, is refused`() async throws {
        @Sendable func altered(
            _ token: String, header: String? = nil, claims: ((JSONValue) -> JSONValue)? = nil, signature: String? = nil
        )
            -> String
        {
            var parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            if let header { parts[0] = Base64URL.text(Data(header.utf8)) }
            if let claims, let data = Base64URL.data(parts[1]), let value = try? JSONValue(parsing: data) {
                parts[1] = Base64URL.text(claims(value).canonicalData)
            }
            if let signature { parts[2] = signature }
            return parts.joined(separator: ".")
        }
        let faults: [(String, @Sendable (inout OpenIDStandIn.Faults) -> Void)] = [
            ("signature isn't the provider's", { $0.otherKey = .elliptic() }),
            ("isn't signed as it must be", { $0.token = { altered($0, header: #"{"alg":"none"}"#, signature: "") } }),
            ("isn't signed as it must be", { $0.token = { altered($0, header: #"{"alg":"None","kid":"key-1"}"#) } }),
            ("isn't signed as it must be", { $0.token = { altered($0, header: #"{"kid":"key-1"}"#) } }),
            ("isn't signed as it must be", { $0.signsWithSecret = true }),
            ("another way than its key", { $0.token = { altered($0, header: #"{"alg":"RS256","kid":"key-1"}"#) } }),
            ("another way than its key", { $0.token = { altered($0, header: #"{"alg":"ES384","kid":"key-1"}"#) } }),
            ("no key of the provider", { $0.token = { altered($0, header: #"{"alg":"ES256","kid":"key-9"}"#) } }),
            ("no key of the provider", { $0.token = { altered($0, header: #"{"alg":"RS256","kid":"enc-1"}"#) } }),
            ("extensions", { $0.token = { altered($0, header: #"{"alg":"ES256","kid":"key-1","crit":["exp"]}"#) } }),
            (
                "signature isn't the provider's",
                {
                    $0.token = {
                        altered(
                            $0,
                            claims: { claims in
                                var claims = claims
                                claims["sub"] = "subject-2"
                                return claims
                            })
                    }
                }
            ),
            ("signature isn't the provider's", { $0.token = { altered($0, signature: "") } }),
            ("no signed token", { $0.token = { _ in "a.b" } }), ("no signed token", { $0.token = { _ in "" } }),
            ("no signed token", { $0.token = { $0 + "." + $0 } }),
        ]
        for (detail, fault) in faults {
            try await Self.with { world in
                await world.provider.set(fault)
                let refusal = try await world.refused()
                #expect(refusal.code == .untrusted && refusal.detail?.contains(detail) == true, "\(detail): \(refusal)")
            }
        }
    }

    @Test func `a key id that nobody knows has the keys fetched once more, not again and again`() async throws {
        try await Self.with { world in
            await world.provider.set { $0.token = { _ in "eyJhbGciOiJFUzI1NiIsImtpZCI6ImtleS05In0.e30.AA" } }
            try await #expect(world.refused().code == .untrusted)
            #expect(await world.provider.count("/keys") == 1)
        }
    }

    // MARK: Browsers

    @Test func `an answer to another browser's sign-in, to none, or to an old one is refused`() async throws {
        try await Self.with { world in
            var other = world
            let foreign = try await other.goThere()
            let own = try await world.goThere()
            let cookies = world.browser.header
            // Somebody is sent back with another person's code.
            try await #expect(world.refused(foreign).code == .notThisBrowser)
            try await #expect(world.refused(own, cookies: "").code == .notThisBrowser)
            try await #expect(world.refused(own, cookies: other.browser.header).code == .notThisBrowser)
            try await #expect(world.refused(own, cookies: cookies + "x").code == .notThisBrowser)
            try await #expect(world.refused(own, cookies: cookies + "; " + other.browser.header).code == .notThisBrowser)
            for query in ["", "code=a", own + "&state=x", "state=&code=a", own.replacing("state=", with: "stat=")] {
                try await #expect(world.refused(query).code == .notThisBrowser, "\(query)")
            }
            try await #expect(world.refused(nil).code == .notThisBrowser)
            // Nothing of this used the attempt up.
            _ = try await world.signIn.finish(query: own, cookieHeader: cookies)
            let late = try await world.goThere()
            world.fixture.time.move(by: 600)
            try await #expect(world.refused(late).code == .notThisBrowser)
        }
    }

    @Test func `an answer is good for one time, after a restart too`() async throws {
        try await Self.with { world in
            let query = try await world.goThere()
            _ = try await world.signIn.finish(query: query, cookieHeader: world.browser.header)
            let again = try await world.refused(query)
            #expect(again.code == .notThisBrowser && again.detail == "used before")
            #expect(await world.provider.count("/token") == 1)
            let restarted = World(
                fixture: world.fixture, provider: world.provider, signIn: Self.signIn(world.fixture, world.provider),
                lines: world.lines, browser: world.browser)
            try await #expect(restarted.refused(query).detail == "the provider no longer takes the code")
        }
    }

    @Test func `what the browser keeps can't be read`() async throws {
        try await Self.with { world in
            let started = try await world.signIn.start(returnTo: "/person")
            let query = try #require(FormText.decode(String(started.location.drop { $0 != "?" }.dropFirst())))
            for name in ["state", "nonce", "code_challenge"] {
                let value = try #require(query[name])
                #expect(value.utf8.count == 43 && !started.cookie.contains(value))
            }
            #expect(started.cookie.hasPrefix("__Host-knutpunkt-openid="))
            #expect(started.cookie.hasSuffix("; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600"))
            try await #expect(world.signIn.start().location != started.location)
        }
    }

    @Test(arguments: ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/a\r\nSet-Cookie: x=y", "/å", ""])
    func `nobody is sent on to another place than the console`(path: String) async throws {
        try await Self.with { world in
            let query = try await world.goThere(to: path)
            try await #expect(world.signIn.finish(query: query, cookieHeader: world.browser.header).returnTo == nil)
        }
    }

    // MARK: The provider

    @Test func `a provider that is down, or isn't the one, is told, and nothing else of it`() async throws {
        let discovery = "/.well-known/openid-configuration"
        let endpoints = #""token_endpoint":"https://idp.example/t","jwks_uri":"https://idp.example/k""#
        let broken: [@Sendable (inout OpenIDStandIn.Faults) -> Void] = [
            { $0.silent = [discovery] }, { $0.statuses = [discovery: 500] }, { $0.bodies = [discovery: "<html>"] },
            { $0.bodies = [discovery: "[]"] },
            {
                $0.bodies = [discovery: #"{"issuer":"https://other.example",\#(endpoints),"authorization_endpoint":"https://a"}"#]
            },
            { $0.bodies = [discovery: #"{"issuer":"\#(OpenIDStandIn.issuer)",\#(endpoints)}"#] },
            {
                $0.bodies = [
                    discovery:
                        #"{"issuer":"\#(OpenIDStandIn.issuer)",\#(endpoints),"authorization_endpoint":"http://idp.example/a"}"#
                ]
            },
        ]
        for fault in broken {
            try await Self.with { world in
                await world.provider.set(fault)
                let refusal = await #expect(throws: AccessRefusal.self) { try await world.signIn.start() }
                #expect(refusal?.code == .providerDown && refusal?.httpStatus == 502)
                // And goes on by itself when it is back.
                await world.provider.set { $0 = OpenIDStandIn.Faults() }
                _ = try await world.whole()
            }
        }
        let later: [@Sendable (inout OpenIDStandIn.Faults) -> Void] = [
            { $0.silent = ["/token"] }, { $0.statuses = ["/token": 503] }, { $0.silent = ["/keys"] },
            { $0.statuses = ["/keys": 404] }, { $0.bodies = ["/keys": "{}"] }, { $0.statuses = ["/token": 302] },
        ]
        for fault in later {
            try await Self.with { world in
                await world.provider.set(fault)
                try await #expect(world.refused().code == .providerDown)
            }
        }
        try await Self.with { world in
            await world.provider.set { $0.bodies = ["/token": "{}"] }
            try await #expect(world.refused().code == .untrusted)
        }
    }

    @Test func `that the provider declines is told by the words that the standard has`() async throws {
        try await Self.with { world in
            for (error, detail) in [("access_denied", "access_denied"), ("Anna%20fick%20inte", "another error")] {
                let query = try await world.goThere()
                let state = query.drop { $0 != "&" }
                let refusal = try await world.refused("error=\(error)&error_description=hemligt\(state)")
                #expect(refusal.code == .declined && refusal.detail == detail)
            }
            let query = try await world.goThere()
            try await #expect(world.refused(query + "&iss=https://other.example").code == .untrusted)
            let own = try await world.goThere()
            _ = try await world.signIn.finish(
                query: own + "&iss=\(OpenIDStandIn.issuer)&session_state=x", cookieHeader: world.browser.header)
        }
    }

    @Test func `nothing of a token, a code, a secret or a person is told or logged`() async throws {
        try await Self.with { world in
            let handedOut = Mutex<[String]>([])
            await world.provider.set(claims: ["aud": "another"])
            await world.provider.set { faults in
                faults.token = { token in
                    handedOut.withLock { $0 += token.split(separator: ".").map(String.init) }
                    return token
                }
            }
            let query = try await world.goThere()
            var told = [try await world.refused(query)]
            told.append(try await world.refused(query))
            told.append(try await world.refused("error=x&state=y"))
            await world.provider.set(claims: ["groups": ["Hemlig grupp"]])
            told.append(try await world.refused())
            let code = try #require(FormText.decode(query)?["code"])
            let secrets =
                handedOut.withLock { $0 } + [code, OpenIDStandIn.secret, "Bo Ek", "bo.ek", "Bo.Ek", "subject-1", "Hemlig"]
            #expect(secrets.count > 9 && world.lines.all.count == 4)
            for text in told.flatMap({ [$0.swedish, $0.english, $0.description] }) + world.lines.all {
                for secret in secrets { #expect(!text.contains(secret), "\(text)") }
            }
        }
    }

    // MARK: Groups

    @Test func `who has no group with a role is told so, and isn't let in`() async throws {
        for claims in [["groups": .null], ["groups": []], ["groups": ["unknown", "Skola-Drift"]], ["groups": 7]]
            as [[String: JSONValue]]
        {
            try await Self.with { world in
                await world.provider.set(claims: claims)
                let refusal = try await world.refused()
                #expect(refusal.code == .noRole && refusal.httpStatus == 403)
            }
        }
    }

    @Test func `groups give units; who has none of those sees none`() async throws {
        let units: [String: UnitScope] = ["enhet-1": .units(["u1"]), "enhet-2": .units(["u2", "u3"]), "alla-enheter": .all]
        for (groups, scope) in [
            (["skola-drift", "enhet-1", "enhet-2"], .units(["u1", "u2", "u3"])), (["skola-drift"], .units([])),
            (["skola-drift", "enhet-1", "alla-enheter"], .all),
        ] as [([String], UnitScope)] {
            try await Self.with({ $0.units = units }) { world in
                await world.provider.set(claims: ["groups": .array(groups.map(JSONValue.string))])
                try await #expect(world.whole().user.units == scope)
            }
        }
    }

    @Test func `the claims are the ones that were set up`() async throws {
        try await Self.with({
            $0.groupsClaim = "realm_access.roles"
            $0.nameClaim = "email"
        }) { world in
            let claims: [String: JSONValue] = [
                "email": "Bo@kommun.example", "realm_access": ["roles": ["skola-dpo"]], "name": .null,
            ]
            await world.provider.set(claims: claims)
            let user = try await world.whole().user
            #expect(user.name == "bo@kommun.example" && user.displayName == user.name && user.roles == [.dataProtectionOfficer])
            await world.provider.set(claims: claims.merging(["email_verified": false]) { $1 })
            try await #expect(world.refused().code == .untrusted)
        }
        try await Self.with({ $0.groupsClaim = "https://kommun.example/roll" }) { world in
            await world.provider.set(claims: ["https://kommun.example/roll": "alla"])
            try await #expect(world.whole().user.roles == [.viewer])
        }
    }

    @Test func `nobody comes in under the name of a local account`() async throws {
        try await Self.with { world in
            try await world.fixture.account("bo")
            await world.provider.set(claims: ["preferred_username": "BO"])
            try await #expect(world.refused().code == .nameTaken)
        }
    }
}
