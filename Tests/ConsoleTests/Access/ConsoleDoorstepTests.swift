import AsyncHTTPClient
import ConnectorKit
import Foundation
import Hub
import Logging
import Mapping
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Testing

@testable import Console

@Suite("The console's doorstep, over HTTP")
struct ConsoleDoorstepTests {
    private struct Doorstep {
        let fixture: AccessFixture
        let provider: OpenIDStandIn
        let url: String

        struct Answer {
            let status: UInt
            let headers: HTTPHeaders
            let body: String
            var location: String? { self.headers.first(name: "location") }
            var cookies: [String] { self.headers["set-cookie"] }
        }

        func get(_ path: String, _ headers: [String: String] = [:]) async throws -> Answer {
            try await self.send(HTTPClientRequest(url: self.url + path), headers)
        }

        func post(_ path: String, _ form: [(String, String)], _ headers: [String: String] = [:]) async throws -> Answer {
            var request = HTTPClientRequest(url: self.url + path)
            request.method = .POST
            request.body = .bytes(ByteBuffer(string: FormText.encode(form)))
            let own = ["Content-Type": "application/x-www-form-urlencoded", "Origin": self.url]
            return try await self.send(request, own.merging(headers) { $1 })
        }

        private func send(_ request: HTTPClientRequest, _ headers: [String: String]) async throws -> Answer {
            var request = request
            for (name, value) in headers where !value.isEmpty { request.headers.add(name: name, value: value) }
            let response = try await Self.client.execute(request, timeout: .seconds(30))
            let body = try await response.body.collect(upTo: 4 << 20)
            return Answer(status: response.status.code, headers: response.headers, body: String(buffer: body))
        }

        private static let client: HTTPClient = {
            var configuration = HTTPClient.Configuration()
            configuration.redirectConfiguration = .disallow
            return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        }()
    }

    private static func with(
        rate: RequestRate = RequestRate(), behindProxy: Bool = false, publicURL: String? = nil,
        _ body: (Doorstep) async throws -> Void
    ) async throws {
        try await AccessFixture.with { fixture in
            let isSecure = publicURL?.hasPrefix("https") == true
            let provider = OpenIDStandIn(clock: fixture.time)
            var settings = OpenIDSettings(
                issuer: OpenIDStandIn.issuer, clientID: OpenIDStandIn.clientID, clientSecret: OpenIDStandIn.secret,
                publicURL: OpenIDStandIn.publicURL)
            settings.roles = ["alla": [.viewer]]
            let access = ConsoleAccess(
                sessions: SessionKeeper(store: fixture.store, isSecure: isSecure, clock: fixture.time.clock),
                accounts: LocalSignIn(
                    store: fixture.store, key: AccessFixture.key, isSecure: isSecure, hasher: AccessFixture.hasher,
                    clock: fixture.time.clock, logger: AccessFixture.quiet),
                openID: OpenIDSignIn(
                    settings, accounts: fixture.store, key: AccessFixture.key, isSecure: isSecure,
                    transport: provider.transport, clock: fixture.time.clock, logger: AccessFixture.quiet),
                origin: OriginGuard(publicURL: publicURL), headers: SecurityHeaders(isSecure: isSecure), rate: rate,
                behindProxy: behindProxy, clock: fixture.time.clock)
            let mappings = try #require(ConsoleWorld.mappings)
            let reading = HealthReading(time: fixture.time.clock.timestamp)
            let book = MappingBook(mappings)
            let desk = ConsoleDesk(
                store: fixture.store, mappings: book, key: AccessFixture.key,
                actions: ConsoleActions(
                    compare: { _, _ in },
                    repairer: Repairer(
                        store: fixture.store, mappings: book, key: AccessFixture.key, logger: AccessFixture.quiet),
                    roles: { _, _, _ in }, planRoles: { _, _ in nil }, explainRoles: { _, _, _ in .protected },
                    held: { _, _, _, _ in throw ConsoleRefusal.unknownPage },
                    handIn: { _ in throw ConsoleRefusal.unknownPage }, tools: .idle),
                reading: { reading }, alarms: { [] }, require: { _, _, _ in })
            let (ports, port) = AsyncStream.makeStream(of: Int.self)
            let listener = ConsoleListener(
                host: "127.0.0.1", port: 0,
                site: try ConsoleSite(
                    desk: desk, gate: AccessGate(access, openIDName: "Kommunen"), access: access, publicURL: publicURL),
                onListening: { port.yield($0) }, logger: AccessFixture.quiet)
            let group = ServiceGroup(services: [listener], logger: AccessFixture.quiet)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                for await port in ports {
                    try await body(Doorstep(fixture: fixture, provider: provider, url: "http://127.0.0.1:\(port)"))
                    break
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    private static let right = [("name", "anna"), ("password", AccessFixture.password)]

    @Test func `somebody signs in, sees, and signs out`() async throws {
        try await Self.with { door in
            try await door.fixture.account()
            let outside = try await door.get("/")
            #expect(outside.status / 100 == 3 && outside.location?.hasPrefix("/sign-in") == true)
            let wrong = try await door.post("/sign-in", [("name", "anna"), ("password", "fel")])
            #expect(wrong.status == 401 && wrong.cookies.isEmpty && wrong.body.contains("stämmer inte"))
            let signedIn = try await door.post("/sign-in", Self.right)
            #expect(signedIn.status / 100 == 3 && signedIn.cookies.count == 2)
            var browser = Browser()
            browser.take(signedIn.cookies)
            let inside = try await door.get("/", ["Cookie": browser.header])
            #expect(inside.status == 200 && inside.body.contains("Anna på skolan"))
            let current = try #require(
                try await SessionKeeper(store: door.fixture.store, isSecure: false, clock: door.fixture.time.clock)
                    .current(browser.header))
            let forged = try await door.post("/sign-out", [("csrf", "x")], ["Cookie": browser.header])
            #expect(forged.status == 403)
            let signedOut = try await door.post("/sign-out", [("csrf", current.csrfToken)], ["Cookie": browser.header])
            #expect(signedOut.status / 100 == 3)
            try await #expect(door.get("/", ["Cookie": browser.header]).status / 100 == 3)
        }
    }

    @Test func `somebody chooses another password: every session ends but the one that begins`() async throws {
        try await Self.with { door in
            try await door.fixture.account()
            let keeper = SessionKeeper(store: door.fixture.store, isSecure: false, clock: door.fixture.time.clock)
            func signIn(_ password: String) async throws -> Browser {
                var browser = Browser()
                browser.take(try await door.post("/sign-in", [("name", "anna"), ("password", password)]).cookies)
                return browser
            }
            var (desk, phone) = (try await signIn(AccessFixture.password), try await signIn(AccessFixture.password))
            let chosen = "sju blå cyklar utan lås"
            func change(_ present: String, _ new: String, _ again: String, csrf: String? = nil) async throws -> Doorstep.Answer {
                let own = try #require(try await keeper.current(desk.header)).csrfToken
                return try await door.post(
                    "/account/password",
                    [("csrf", csrf ?? own), ("present", present), ("new", new), ("again", again)], ["Cookie": desk.header])
            }
            try await #expect(door.get("/account", ["Cookie": desk.header]).body.contains("Byt lösenord"))
            try await #expect(change("fel", chosen, chosen).status == 422)
            try await #expect(change(AccessFixture.password, chosen, chosen + "x").status == 422)
            try await #expect(change(AccessFixture.password, "sommar2026!!", "sommar2026!!").status == 422)
            try await #expect(change(AccessFixture.password, chosen, chosen, csrf: "x").status == 403)
            let changed = try await change(AccessFixture.password, chosen, chosen)
            #expect(changed.status / 100 == 3 && changed.location == "/account?said=password")
            let before = desk
            desk.take(changed.cookies)
            try await #expect(door.get("/", ["Cookie": desk.header]).status == 200)
            try await #expect(door.get("/", ["Cookie": before.header]).status / 100 == 3)
            try await #expect(door.get("/", ["Cookie": phone.header]).status / 100 == 3)
            try await #expect(door.post("/sign-in", Self.right).status == 401)
            phone = try await signIn(chosen)
            try await #expect(door.get("/", ["Cookie": phone.header]).status == 200)
            try await #expect(door.fixture.audit().contains { $0.contains("console.account.password") })
        }
    }

    @Test func `somebody comes from the provider`() async throws {
        try await Self.with { door in
            let started = try await door.get("/sign-in/openid?to=/failed")
            var browser = Browser()
            browser.take(started.cookies)
            let query = try await door.provider.signIn(at: try #require(started.location))
            let foreign = try await door.get("/sign-in/openid/callback?\(query)")
            #expect(foreign.status == 400 && foreign.cookies.isEmpty)
            let back = try await door.get("/sign-in/openid/callback?\(query)", ["Cookie": browser.header])
            #expect(back.status / 100 == 3 && back.location == "/failed")
            browser.take(back.cookies)
            #expect(Set(browser.cookies.keys) == ["knutpunkt"])
            try await #expect(door.get("/", ["Cookie": browser.header]).status == 200)
        }
    }

    @Test func `every answer tells browsers what to keep to, and refusals too`() async throws {
        try await Self.with { door in
            for answer in [
                try await door.get("/sign-in"), try await door.get("/"), try await door.get("/no-such-page"),
                try await door.get("/sign-in", ["Host": "evil.example"]), try await door.post("/sign-in", [], ["Origin": ""]),
                try await door.get("/sign-in/openid/callback?code=a"),
            ] {
                #expect(
                    answer.headers.first(name: "content-security-policy") == SecurityHeaders.contentSecurityPolicy,
                    "\(answer.status)")
                #expect(answer.headers["x-content-type-options"] == ["nosniff"])
                #expect(answer.headers["cache-control"] == ["no-store"])
            }
        }
    }

    @Test func `what comes from elsewhere, or to another name, goes nowhere`() async throws {
        try await Self.with { door in
            try await door.fixture.account()
            for headers in [
                ["Origin": "https://evil.example"], ["Origin": ""], ["Sec-Fetch-Site": "cross-site"], ["Origin": "null"],
            ] {
                let answer = try await door.post("/sign-in", Self.right, headers)
                #expect(answer.status == 403 && answer.cookies.isEmpty, "\(headers)")
            }
            try await #expect(door.post("/sign-in", Self.right, ["Host": "evil.example"]).status == 421)
            try await #expect(door.get("/sign-in", ["Host": "evil.example"]).status == 421)
            try await #expect(door.fixture.audit().filter { $0.contains("sign-in") }.isEmpty)
        }
    }

    @Test func `a body that is too large isn't taken`() async throws {
        try await Self.with { door in
            let answer = try await door.post("/sign-in", [("name", String(repeating: "a", count: 2 << 20))])
            #expect(answer.status == 413)
        }
    }

    @Test func `who asks too often waits, and others don't`() async throws {
        try await Self.with(
            rate: RequestRate(burst: 5, perSecond: 1), behindProxy: true, publicURL: "https://hub.kommun.example"
        ) { door in
            func ask(_ address: String) async throws -> UInt {
                try await door.get("/sign-in", ["Host": "hub.kommun.example", "X-Forwarded-For": "9.9.9.9, \(address)"]).status
            }
            for _ in 0..<5 { try await #expect(ask("192.0.2.7") == 200) }
            try await #expect(ask("192.0.2.7") == 429)
            try await #expect(ask("192.0.2.8") == 200)
            door.fixture.time.move(by: 1)
            try await #expect(ask("192.0.2.7") == 200)
        }
    }

    @Test func `what the API is asked too often, by another name, or from elsewhere is told as the API tells`() async throws {
        try await Self.with(rate: RequestRate(burst: 2, perSecond: 1)) { door in
            let token = ["Authorization": "Bearer knutpunkt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
            var answers: [Doorstep.Answer] = []
            for _ in 0..<3 { answers.append(try await door.get("/api/v1/health", token)) }
            #expect(answers.map(\.status) == [401, 401, 429])
            let late = answers[2]
            #expect(late.headers.first(name: "Retry-After") == "5" && late.body.contains("\"too-many-requests\""))
            #expect(late.headers.first(name: "Content-Type") == "application/problem+json")
            // The address has sent its share of tokens too; another token is counted by itself.
            let other = ["Authorization": "Bearer knutpunkt_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"]
            let second = try await door.get("/api/v1/health", other)
            #expect(second.status == 401)
        }
        try await Self.with { door in
            let named = try await door.get("/api/v1/health", ["Host": "elsewhere.example"])
            #expect(named.status == 421 && named.body.contains("\"other-host\""))
            // Without a token a request that changes something must come from the console's own address.
            let forged = try await door.post("/api/v1/failed/1/discard", [], ["Origin": ""])
            #expect(forged.status == 403 && forged.headers.first(name: "Content-Type") == "application/problem+json")
            // With one, nothing is asked for where it comes from: no browser sends it by itself.
            let bearer = try await door.post(
                "/api/v1/failed/1/discard", [],
                ["Origin": "", "Authorization": "Bearer knutpunkt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
            #expect(bearer.status == 401)
        }
    }

    @Test func `behind a proxy with TLS the cookie is the host's own, and browsers come by https alone`() async throws {
        try await Self.with(behindProxy: true, publicURL: "https://hub.kommun.example") { door in
            try await door.fixture.account()
            let headers = ["Host": "hub.kommun.example", "Origin": "https://hub.kommun.example"]
            let answer = try await door.post("/sign-in", Self.right, headers)
            #expect(answer.cookies.count == 2)
            #expect(answer.cookies.allSatisfy { $0.hasPrefix("__Host-") && $0.contains("; Secure") })
            #expect(answer.headers.first(name: "strict-transport-security") != nil)
            let plain = ["X-Forwarded-Proto": "http"]
            let sentOn = try await door.get("/sign-in?to=/failed", headers.merging(plain) { $1 })
            #expect(sentOn.status == 301 && sentOn.location == "https://hub.kommun.example/sign-in?to=/failed")
            try await #expect(door.post("/sign-in", Self.right, headers.merging(plain) { $1 }).status == 403)
        }
    }
}
