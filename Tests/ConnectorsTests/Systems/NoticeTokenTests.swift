import ConnectorKit
import Foundation
import SchoolRecords
import StandIns
import Testing

@testable import Connectors

/// Notices to a webhook that takes none without a token, as Skolverket's.
@Suite("Notices are posted with a token where the subscriber wants one", .timeLimit(.minutes(1)))
struct NoticeTokenTests {
    private static let body = Data(#"{"modifiedEntities":["Person"],"deletedEntities":false}"#.utf8)

    private struct World: Sendable {
        let standIn: DNPStandIn
        let clock: TestClock
        let tokens: NoticeTokens
        let sender = NoticeSender()
        let target: String

        func post(_ body: Data = NoticeTokenTests.body) async throws -> Int {
            try await self.tokens.post(body, to: self.target, by: self.sender)
        }
    }

    private static func with(
        _ change: @Sendable (inout JSONValue) -> Void = { _ in }, _ body: @Sendable (World) async throws -> Void
    ) async throws {
        let clock = TestClock()
        try await withDNPStandIn(DNPStandIn(clock: clock.clock.now)) { standIn in
            var settings: JSONValue = [
                "token_url": .string(try await standIn.tokenURL), "location": .string(try await standIn.fetchingURL),
                "entity_id": .string(standIn.entityID),
            ]
            change(&settings)
            let world = World(
                standIn: standIn, clock: clock,
                tokens: try NoticeTokens(
                    client: "skolverket", settings: settings, clock: clock.clock, policy: RetryPolicy(),
                    logger: ServerUnderTest.silent), target: try await standIn.fetchingURL + "/webhooks/u1")
            try await body(world)
            await world.sender.shutdown()
            await world.tokens.shutdown()
        }
    }

    @Test func `one token is used until shortly before its end, and then another`() async throws {
        try await Self.with { world in
            for _ in 0..<3 { try await #expect(world.post() == 200) }
            await #expect(world.standIn.statistics.tokens == 1)
            // Of 864,000 s.
            world.clock.advance(by: .seconds(690_000))
            try await #expect(world.post() == 200)
            await #expect(world.standIn.statistics.tokens == 1)
            world.clock.advance(by: .seconds(2_000))
            try await #expect(world.post() == 200)
            let seen = await world.standIn.statistics
            #expect(seen.tokens == 2 && seen.notices == 5 && seen.noticesRefused == 0)
        }
    }

    @Test func `after a refusal a new token is tried once`() async throws {
        try await Self.with { world in
            try await #expect(world.post() == 200)
            await world.standIn.revokeTokens()
            try await #expect(world.post() == 200)
            let seen = await world.standIn.statistics
            #expect(seen.tokens == 2 && seen.notices == 2 && seen.noticesRefused == 1)
        }
    }

    @Test func `a subscriber that takes no fresh token is told as such`() async throws {
        try await Self.with { world in
            try await world.standIn.setFaults(DNPFaults { $0.tokenUses = 0 })
            let failure = await #expect(throws: ConnectorFailure.self) { try await world.post() }
            #expect(failure?.code == "token-not-accepted" && failure?.kind == .misconfigured)
            #expect(failure?.message.contains("notify_tokens.location") == true)
            await #expect(world.standIn.statistics.tokens == 2)
        }
    }

    @Test func `who gets no token is told what to look at, in the words of the settings`() async throws {
        try await Self.with({ $0["entity_id"] = "https://another.example" }) { world in
            let failure = await #expect(throws: ConnectorFailure.self) { try await world.tokens.probe() }
            #expect(failure?.code == "token-refused")
            #expect(failure?.message.contains("notify_tokens.client_certificate") == true)
            #expect(failure?.message.contains("connection.") == false)
        }
    }

    @Test func `a token for something else than was asked for isn't sent anywhere`() async throws {
        for (access, flags) in [
            (#"{"type":"ss12000-api"}"#, #"["bearer"]"#), (#"{"type":"provisioning-api"}"#, #"["bearer"]"#),
            (#"{"type":"ss12000-client","locations":["https://api.example/v2"]}"#, #"["bearer"]"#),
            (#"{"type":"ss12000-client"}"#, "[]"),
        ] {
            let reply = ScriptedReply.json(
                #"{"access_token":{"value":"t","flags":\#(flags),"access":[\#(access)],"expires_in":864000}}"#)
            try await ScriptedServer.with({ _ in reply }) { server in
                let tokens = try NoticeTokens(
                    client: "skolverket",
                    settings: [
                        "token_url": .string(server.url), "location": "https://api.example/v1",
                        "entity_id": "https://kommun.example",
                    ], clock: TestClock().clock, policy: RetryPolicy(), logger: ServerUnderTest.silent)
                let sender = NoticeSender()
                let failure = await #expect(throws: ConnectorFailure.self) {
                    try await tokens.post(Self.body, to: server.url + "/webhook", by: sender)
                }
                #expect(failure?.code == "token-unreadable", "\(access) \(flags)")
                #expect(!server.requests.contains { $0.path == "/webhook" })
                await sender.shutdown()
                await tokens.shutdown()
            }
        }
    }

    @Test func `what the webhook says otherwise is its answer`() async throws {
        try await Self.with { world in
            try await #expect(world.post(Data("{}".utf8)) == 400)
            try await world.standIn.setFaults(DNPFaults { $0.outage = .unavailable })
            try await #expect(world.post() == 503)
        }
    }

    @Test func `settings that would send tokens in the open, or lack a certificate, are refused`() {
        func problems(_ settings: JSONValue) -> [String] {
            let error = #expect(throws: SettingsError.self) {
                _ = try NoticeTokens(client: "skolverket", settings: settings, logger: ServerUnderTest.silent)
            }
            return error?.problems.map(\.path) ?? []
        }
        let location: JSONValue = "https://api.example/v1"
        #expect(
            problems(["token_url": "http://desk.example/t", "location": location, "entity_id": "https://kommun.example"])
                == ["notify_tokens.token_url"])
        #expect(
            problems(["token_url": "https://desk.example/t", "location": location, "entity_id": "https://kommun.example"])
                == ["notify_tokens.client_certificate"])
        #expect(problems(["token_url": "http://127.0.0.1/t", "location": location]) == ["notify_tokens.entity_id"])
        #expect(
            problems(["location": location, "client_certificate": "/none.pem", "entity_id": "https://kommun.example"])
                == ["notify_tokens.token_url", "notify_tokens.client_key", "notify_tokens.client_certificate"])
    }

    @Test(.enabled(if: OpenSSL.path != nil, "needs the openssl command"))
    func `the token is asked for over mutual TLS, as the certificate without an entity id`() async throws {
        try await TestCertificates.with { certificates in
            let answer: @Sendable (ScriptedRequest) -> String = { _ in
                #"{"access_token":{"value":"t","flags":["bearer"],"access":[{"type":"ss12000-client"}],"expires_in":864000}}"#
            }
            try await CertificateServer.with(certificates, answer) { server in
                let tokens = try NoticeTokens(
                    client: "skolverket",
                    settings: [
                        "token_url": .string("https://127.0.0.1:\(server.port)/transaction"),
                        "location": "https://api.example/klient/v1", "client_certificate": .string(certificates.file("client")),
                        "client_key": .string(certificates.file("client-key")), "ca": .string(certificates.file("ca")),
                    ], clock: TestClock().clock, policy: RetryPolicy(), logger: ServerUnderTest.silent)
                try await tokens.probe()
                await tokens.shutdown()
                let body = try #require(server.requests.first.map { try JSONValue(parsing: Data($0.body.utf8)) })
                #expect(body["client"]?["key"]?["proof"] == "mtls")
                #expect(
                    body["access_token"]
                        == [
                            [
                                "access": [["type": "ss12000-client", "locations": ["https://api.example/klient/v1"]]],
                                "flags": ["bearer"],
                            ]
                        ])
            }
        }
    }
}
