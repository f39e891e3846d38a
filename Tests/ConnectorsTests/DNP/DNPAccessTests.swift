import ConnectorKit
import Foundation
import SchoolRecords
import StandIns
import Synchronization
import Testing

@testable import Connectors

@Suite("How Skolverket lets us in, and how often", .timeLimit(.minutes(2)))
struct DNPAccessTests {
    @Test func `settings that would send data or tokens in the open are refused`() {
        func problems(_ connection: JSONValue) -> [String] {
            let error = #expect(throws: SettingsError.self) {
                _ = try DNPSettings(system: "dnp", settings: ["connector": "dnp", "connection": connection])
            }
            return error?.problems.map(\.path) ?? []
        }
        let entity: JSONValue = "https://kommun.example"
        #expect(
            problems(["base_url": "http://api.example/v1", "token_url": "http://127.0.0.1/transaction", "entity_id": entity])
                == ["connection.base_url"])
        #expect(
            problems(["base_url": "https://api.example/v1", "token_url": "http://127.0.0.1/transaction", "entity_id": entity])
                == ["connection.client_certificate"])
        #expect(problems(["base_url": "http://127.0.0.1/v1", "token_url": "http://127.0.0.1/t"]) == ["connection.entity_id"])
    }

    @Test func `who isn't known to the token desk is told what to look at`() async throws {
        try await DNPHarness.with { harness in
            let connector = try await harness.connector { settings in
                settings["connection"]?["entity_id"] = "https://another.example"
            }
            let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
            #expect(failure?.kind == .misconfigured && failure?.code == "token-refused")
            #expect(failure?.message.contains("connection.entity_id") == true)
            await connector.shutdown()
        }
    }

    @Test(.enabled(if: OpenSSL.path != nil, "needs the openssl command"))
    func `without an entity id the certificate's fingerprint is shown, over mutual TLS`() async throws {
        try await TestCertificates.with { certificates in
            let answer: @Sendable (ScriptedRequest) -> String = { request in
                request.path == "/transaction"
                    ? #"{"access_token":{"value":"t","flags":["bearer"],"access":[{"type":"provisioning-api"}],"expires_in":864000}}"#
                    : #"{"data":[],"pageToken":null}"#
            }
            try await CertificateServer.with(certificates, answer) { server in
                let url = "https://127.0.0.1:\(server.port)"
                let connector = try DNPConnector.make(
                    system: "dnp",
                    settings: [
                        "connector": "dnp",
                        "connection": [
                            "base_url": .string(url + "/v1"), "token_url": .string(url + "/transaction"),
                            "client_certificate": .string(certificates.file("client")),
                            "client_key": .string(certificates.file("client-key")), "ca": .string(certificates.file("ca")),
                        ],
                    ], clock: TestClock().clock, policy: RetryPolicy(), logger: ServerUnderTest.silent)
                try await connector.probe()
                await connector.shutdown()
                let key = try #require(
                    server.requests.first.map { try JSONValue(parsing: Data($0.body.utf8)) }?["client"]?["key"])
                #expect(key["proof"] == "mtls")
                let fingerprint = try Self.fingerprint(certificates.file("client"))
                #expect(key["cert#S256"]?.stringValue == fingerprint)
                #expect(server.requests.map(\.path).first == "/transaction")
            }
        }
    }

    /// As Skolverket's guide has it: openssl's fingerprint in base 64.
    private static func fingerprint(_ path: String) throws -> String {
        let process = try OpenSSL.process(["x509", "-in", path, "-noout", "-sha256", "-fingerprint"])
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        process.waitUntilExit()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let hex = text.split(separator: "=").last.map { $0.filter(\.isHexDigit) } ?? ""
        let bytes = stride(from: 0, to: hex.count, by: 2).compactMap { place -> UInt8? in
            let start = hex.index(hex.startIndex, offsetBy: place)
            return UInt8(hex[start...].prefix(2), radix: 16)
        }
        return Data(bytes).base64EncodedString()
    }

    @Test func `calls keep their distance, and more when a reply says that nothing is left`() async throws {
        let clock = TestClock()
        let pace = Pace(perSecond: 5, clock: clock.clock)
        let starts = Mutex<[Duration]>([])
        func call(_ quota: CallQuota?) async throws {
            _ = try await pace.run {
                starts.withLock { $0.append(clock.clock.uptime()) }
                return HTTPReply(
                    status: 200, contentType: "", retryAfter: nil, location: nil, quota: quota, body: Data())
            }
        }
        for _ in 1...6 { try await call(nil) }
        try await call(CallQuota { ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "2.5"][$0] })
        try await call(CallQuota { ["x-ratelimit-remaining": "1", "x-ratelimit-limit": "2"][$0] })
        try await call(nil)
        let times = starts.withLock { $0 }
        let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect(gaps.prefix(6).allSatisfy { $0 == .milliseconds(200) })
        #expect(Array(gaps.suffix(2)) == [.milliseconds(2500), .milliseconds(500)])
    }

    @Test func `who shares the quota is given room`() async throws {
        try await DNPHarness.with { harness in
            let connector = try await harness.connector { $0["page_limit"] = 100 }
            try await harness.standIn.setFaults(DNPFaults { $0.refusesEvery = 2 })
            let writes = (1...5).map { number in
                TargetWrite(
                    record: RecordKey(.duty, "\(number)"), sequence: 1,
                    set: [DNPHarness.person(number), DNPHarness.duty(number)],
                    removed: [])
            }
            try await #expect(connector.write(TargetBatch(id: "1-a", writes: writes)).isEmpty)
            #expect(await harness.standIn.statistics.tooMany == 0)
            await connector.shutdown()
        }
    }
}
