import ConnectorKit
import Connectors
import Foundation
import Logging
import SchoolRecords
import Testing

@Suite("Throttles, outages and redirects")
struct OutageTests {
    private static let page = ScriptedReply.json(#"{"data":[{"id":"a"}],"pageToken":null}"#)

    /// The first calls are answered with this, later ones with a page.
    private static func first(_ count: Int, _ reply: ScriptedReply) -> @Sendable (ScriptedRequest) -> ScriptedReply {
        let calls = TokenTests.Counting()
        return { _ in calls.next() <= count ? reply : Self.page }
    }

    @Test func `a wait in seconds is waited out`() async throws {
        let clock = TestClock()
        let throttled = ScriptedReply(status: 429, headers: ["Retry-After": "17"])
        try await ServerUnderTest.with(Self.first(3, throttled), clock: clock) { connector, _ in
            try await #expect(ServerUnderTest.ids(connector).ids == ["a"])
            #expect(clock.waits == [.seconds(17), .seconds(17), .seconds(17)])
        }
    }

    @Test func `a wait until a date is waited out`() async throws {
        // Sun, 06 Nov 1994 08:49:37 GMT is the date of RFC 9110; 49 seconds before it.
        let clock = TestClock(now: Date(timeIntervalSince1970: 784_111_777 - 49))
        let throttled = ScriptedReply(status: 503, headers: ["Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"])
        try await ServerUnderTest.with(Self.first(1, throttled), clock: clock) { connector, _ in
            try await #expect(ServerUnderTest.ids(connector).ids == ["a"])
            #expect(clock.waits == [.seconds(49)])
        }
    }

    @Test(arguments: ["soon", "", "-5", "Sun, 31 Feb 1994 08:49:37 GMT"])
    func `a wait that can't be read is replaced by one of our own`(text: String) async throws {
        let clock = TestClock()
        let throttled = ScriptedReply(status: 429, headers: ["Retry-After": text])
        try await ServerUnderTest.with(Self.first(2, throttled), clock: clock) { connector, _ in
            try await #expect(ServerUnderTest.ids(connector).ids == ["a"])
            #expect(clock.waits.count == 2)
            #expect(clock.waits.allSatisfy { $0 >= .milliseconds(250) && $0 <= .seconds(1) })
        }
    }

    @Test func `a longer wait than is bearable is handed on with its length`() async throws {
        let clock = TestClock()
        let throttled = ScriptedReply(status: 429, headers: ["Retry-After": "3600"])
        try await ServerUnderTest.with({ _ in throttled }, clock: clock) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
            #expect(failure?.kind == .systemUnavailable)
            #expect(failure?.code == "too-many-requests")
            #expect(failure?.retryAfter == 3600)
            #expect(clock.waits.isEmpty)
        }
    }

    @Test func `throttles and server errors have an end`() async throws {
        for (status, code, tries) in [(429, "too-many-requests", 12), (500, "server-error", 4), (503, "server-error", 4)] {
            try await ServerUnderTest.with({ _ in .json(#"{"code":"x","message":"Anna"}"#, status: status) }) {
                connector, server in
                let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
                #expect(failure?.kind == .systemUnavailable)
                #expect(failure?.code == code)
                #expect(failure?.message.contains("Anna") == false)
                #expect(server.requests.count { $0.path == "/api/persons" } == tries)
            }
        }
    }

    @Test func `waits grow, are spread and have a bound`() async throws {
        let clock = TestClock()
        try await ServerUnderTest.with({ _ in ScriptedReply(status: 429) }, clock: clock) { connector, _ in
            _ = try? await ServerUnderTest.ids(connector)
            var step = Duration.milliseconds(500)
            for wait in clock.waits {
                #expect(wait >= step * 0.5 && wait <= step)
                step = min(step * 2, .seconds(20))
            }
            #expect(clock.waits.count == 11)
        }
    }

    @Test func `a connection that breaks before the reply is tried again`() async throws {
        try await ServerUnderTest.with(Self.first(2, ScriptedReply(hangsUp: true))) { connector, _ in
            try await #expect(ServerUnderTest.ids(connector).ids == ["a"])
        }
        try await ServerUnderTest.with({ _ in ScriptedReply(hangsUp: true) }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
            #expect(failure?.kind == .systemUnavailable)
            #expect(failure?.code == "connection-lost")
        }
    }

    @Test func `a port where nobody listens and a name that nobody knows are outages with the place named`() async throws {
        let port = try ScriptedServer.freePort()
        for (url, code, place) in [
            ("http://127.0.0.1:\(port)", "connection-refused", "127.0.0.1:\(port)"),
            ("http://no-such-host.invalid", "unknown-host", "no-such-host.invalid"),
        ] {
            let connector = try ServerUnderTest.connector(try ServerUnderTest.settings(url))
            let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
            #expect(failure?.kind == .systemUnavailable)
            #expect(failure?.code == code, "\(String(describing: failure?.cause))")
            #expect(failure?.message.contains(place) == true)
            await connector.shutdown()
        }
    }

    @Test func `a redirect to another host is not followed`() async throws {
        try await ScriptedServer.with({ _ in Self.page }) { other in
            for status in [301, 302, 307, 308] {
                let reply = ScriptedReply(status: status, headers: ["Location": "\(other.url)/api/persons"])
                try await ServerUnderTest.with({ _ in reply }) { connector, _ in
                    let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
                    #expect(failure?.kind == .misconfigured)
                    #expect(failure?.code == "redirected")
                    #expect(failure?.message.contains("connection.base_url") == true)
                }
            }
            #expect(other.requests.isEmpty, "the token never went there")
        }
    }

    @Test func `a redirect of the credentials is not followed, wherever it leads`() async throws {
        try await ServerUnderTest.with(
            token: { _ in ScriptedReply(status: 307, headers: ["Location": "/elsewhere"]) }, { _ in Self.page }
        ) { connector, server in
            let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
            #expect(failure?.code == "redirected")
            #expect(failure?.message.contains("connection.token_url") == true)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a redirect on the same server is followed, a few times`() async throws {
        try await ServerUnderTest.with({ request in
            request.path == "/api/persons" ? ScriptedReply(status: 301, headers: ["Location": "/new/persons"]) : Self.page
        }) { connector, _ in
            try await #expect(ServerUnderTest.ids(connector).ids == ["a"])
        }
        try await ServerUnderTest.with({ _ in ScriptedReply(status: 302, headers: ["Location": "/round"]) }) { connector, _ in
            let failure = await #expect(throws: ConnectorFailure.self) { _ = try await ServerUnderTest.ids(connector) }
            #expect(failure?.code == "redirected")
        }
    }

    @Test func `no log line holds a secret, a token or a value of a query or a person`() async throws {
        let lines = LogLines()
        let logger = Logger(label: "test") { _ in lines }
        try await ServerUnderTest.with(
            token: { _ in .token("tok-abc") },
            Self.first(1, ScriptedReply(status: 503, headers: ["Retry-After": "1"])), logger: logger
        ) { connector, _ in
            _ = try await ServerUnderTest.ids(connector, .person, .modifiedAfter(Date(timeIntervalSince1970: 1)))
            _ = try? await connector.read(RecordKey(.person, "some-id-of-somebody"))
        }
        #expect(lines.all.contains("Read a page"))
        for secret in ["tok-abc", "s3cr3t-value", "1970-01-01", "some-id-of-somebody", "{\"id\""] {
            #expect(!lines.all.contains(secret))
        }
    }
}
