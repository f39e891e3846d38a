import ConnectorKit
import Dispatch
import Connectors
import Foundation
import SchoolRecords
import Synchronization
import Testing

@Suite("Tokens")
struct TokenTests {
    private static let page = ScriptedReply.json(#"{"data":[{"id":"a"}],"pageToken":null}"#)

    /// Answers with tokens `token-1`, `token-2` and so on.
    private static func counting(lifetime: String = "1000") -> @Sendable (ScriptedRequest) -> ScriptedReply {
        let count = Counting()
        return { _ in .token("token-\(count.next())", lifetime: lifetime) }
    }

    final class Counting: Sendable {
        private let value = Atomic<Int>(0)
        func next() -> Int { self.value.add(1, ordering: .relaxed).newValue }
    }

    private static func tokenRequests(_ server: ScriptedServer) -> Int { server.requests.count { $0.path == "/token" } }

    @Test func `it is asked for by form with exactly the three documented fields`() async throws {
        try await ServerUnderTest.with({ _ in Self.page }) { connector, server in
            try await connector.probe()
            let request = try #require(server.requests.first)
            #expect(request.method == "POST")
            #expect(request.headers["content-type"] == "application/x-www-form-urlencoded")
            #expect(
                Set(request.body.split(separator: "&"))
                    == ["grant_type=client_credentials", "client_id=client", "client_secret=s3cr3t-value"])
            #expect(server.requests.last?.headers["authorization"] == "Bearer token-1")
        }
    }

    @Test(arguments: ["1000", #""1000""#, "1000.0"])
    func `it is renewed after four fifths of its life, not before`(lifetime: String) async throws {
        let clock = TestClock()
        try await ServerUnderTest.with(token: Self.counting(lifetime: lifetime), { _ in Self.page }, clock: clock) {
            connector, server in
            try await connector.probe()
            clock.advance(by: .seconds(790))
            try await connector.probe()
            #expect(Self.tokenRequests(server) == 1)
            clock.advance(by: .seconds(20))
            try await connector.probe()
            #expect(Self.tokenRequests(server) == 2)
            #expect(server.requests.last?.headers["authorization"] == "Bearer token-2")
        }
    }

    @Test func `one that is refused is renewed once and the call made again`() async throws {
        try await ServerUnderTest.with(
            token: Self.counting(),
            { $0.headers["authorization"] == "Bearer token-1" ? ScriptedReply(status: 401) : Self.page }
        ) { connector, server in
            try await connector.probe()
            #expect(Self.tokenRequests(server) == 2)
        }
    }

    @Test(arguments: [401, 403])
    func `a fresh one that is refused needs a person and names the settings`(status: Int) async throws {
        try await ServerUnderTest.with(
            token: Self.counting(), { _ in .json(#"{"code":"no-access","message":"Anna Ek 20130101TF01"}"#, status: status) }
        ) { connector, server in
            let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
            #expect(failure?.kind == .misconfigured)
            #expect(failure?.message.contains("connection.client_id") == true)
            #expect(failure?.message.contains("no-access") == true)
            #expect(failure?.message.contains("Anna") == false)
            #expect(failure?.message.contains("TF01") == false)
            #expect(Self.tokenRequests(server) == 2)
        }
    }

    @Test func `many callers share one renewal`() async throws {
        let gate = DispatchSemaphore(value: 0)
        try await ServerUnderTest.with(
            token: { _ in
                // Answered only when the test says so, so that all callers are waiting by then.
                gate.wait()
                gate.signal()
                return .token()
            }, { _ in Self.page }
        ) { connector, server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { try await connector.probe() } }
                gate.signal()
                try await group.waitForAll()
            }
            #expect(Self.tokenRequests(server) == 1)
        }
    }

    @Test func `many callers whose token died share one renewal too`() async throws {
        try await ServerUnderTest.with(
            token: Self.counting(),
            { $0.headers["authorization"] == "Bearer token-1" ? ScriptedReply(status: 401) : Self.page }
        ) { connector, server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { try await connector.probe() } }
                try await group.waitForAll()
            }
            #expect(Self.tokenRequests(server) == 2)
        }
    }

    /// Each token is good for one call, so that whoever comes last sees a new one used up by somebody else again and again.
    @Test func `calls side by side that use up each other's tokens all get through`() async throws {
        let used = Mutex<Set<String>>([])
        try await ServerUnderTest.with(
            token: Self.counting(),
            { request in
                let isFirst = used.withLock { $0.insert(request.headers["authorization"] ?? "").inserted }
                return isFirst ? Self.page : ScriptedReply(status: 401)
            }
        ) { connector, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<30 { group.addTask { try await connector.probe() } }
                try await group.waitForAll()
            }
            #expect(used.withLock { $0.count } >= 30)
        }
    }

    @Test func `while the old one lives, a token endpoint that is down is no failure`() async throws {
        let clock = TestClock()
        let down = Mutex(false)
        try await ServerUnderTest.with(
            token: { _ in down.withLock { $0 } ? ScriptedReply(status: 503) : .token("t", lifetime: "1000") },
            { _ in Self.page }, clock: clock
        ) { connector, server in
            try await connector.probe()
            down.withLock { $0 = true }
            clock.advance(by: .seconds(850))
            try await connector.probe()
            let asked = Self.tokenRequests(server)
            try await connector.probe()
            #expect(Self.tokenRequests(server) == asked, "not with every call")
            clock.advance(by: .seconds(200))
            let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
            #expect(failure?.kind == .systemUnavailable)
        }
    }

    @Test(arguments: [(400, #"{"error":"invalid_client"}"#), (401, #"{"error":"invalid_client"}"#), (401, ""), (403, "{}")])
    func `refused credentials need a person, are named and not tried again`(status: Int, body: String) async throws {
        try await ServerUnderTest.with(token: { _ in .json(body, status: status) }, { _ in Self.page }) { connector, server in
            let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
            #expect(failure?.kind == .misconfigured)
            #expect(failure?.code == "token-refused")
            #expect(failure?.message.contains("connection.client_secret") == true)
            #expect(failure?.message.contains("s3cr3t-value") == false)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a token endpoint that isn't there names its setting`() async throws {
        try await ServerUnderTest.with(token: { _ in ScriptedReply(status: 404) }, { _ in Self.page }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
            #expect(failure?.kind == .misconfigured)
            #expect(failure?.message.contains("connection.token_url") == true)
        }
    }

    @Test(arguments: ["<html>Logga in</html>", "{}", #"{"access_token":""}"#, #"{"access_token":"a\nb"}"#, "[]"])
    func `a reply without a usable token is told`(body: String) async throws {
        try await ServerUnderTest.with(token: { _ in .json(body) }, { _ in Self.page }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
            #expect(failure?.code == "token-unreadable")
            #expect(failure?.message.contains("Logga") == false)
        }
    }

    @Test func `a missing secret names the setting and the place`() async throws {
        for (reference, place): (JSONValue, String) in [
            (["env": "KNUTPUNKT_NOT_SET_ANYWHERE"], "KNUTPUNKT_NOT_SET_ANYWHERE"),
            (["file": "/nowhere/secret"], "/nowhere/secret"),
        ] {
            try await ServerUnderTest.with(
                { _ in Self.page },
                settings: {
                    var connection = $0["connection"]
                    connection?["client_secret"] = reference
                    $0["connection"] = connection
                }
            ) { connector, server in
                let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
                #expect(failure?.kind == .misconfigured)
                #expect(failure?.message.contains("connection.client_secret") == true)
                #expect(failure?.message.contains(place) == true)
                #expect(server.requests.isEmpty)
            }
        }
    }
}
