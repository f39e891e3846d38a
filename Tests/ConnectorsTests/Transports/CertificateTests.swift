import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import Testing

@Suite("Client certificates", .enabled(if: OpenSSL.path != nil, "needs the openssl command"), .timeLimit(.minutes(1)))
struct CertificateTests {
    private static func connector(
        _ server: CertificateServer, _ certificates: TestCertificates, client: String?, ca: Bool = true
    ) throws -> SS12000Connector {
        let settings = try ServerUnderTest.settings("https://127.0.0.1:\(server.port)") { settings in
            if let client {
                settings.set("connection", "client_certificate", .string(certificates.file(client)))
                settings.set("connection", "client_key", .string(certificates.file("\(client)-key")))
            }
            if ca { settings.set("connection", "ca", .string(certificates.file("ca"))) }
        }
        return try ServerUnderTest.connector(settings)
    }

    private static let answer: @Sendable (ScriptedRequest) -> String = { request in
        request.path == "/token"
            ? #"{"access_token":"t","expires_in":3600}"# : #"{"data":[{"id":"a"}],"pageToken":null}"#
    }

    @Test func `a server that asks for one and is of our own authority is read`() async throws {
        try await TestCertificates.with { certificates in
            try await CertificateServer.with(certificates, Self.answer) { server in
                let connector = try Self.connector(server, certificates, client: "client")
                try await #expect(ServerUnderTest.ids(connector).ids == ["a"])
                await connector.shutdown()
                #expect(server.requests.map(\.path) == ["/token", "/api/persons"])
            }
        }
    }

    @Test func `none where one is asked for is told with the setting`() async throws {
        try await TestCertificates.with { certificates in
            try await CertificateServer.with(certificates, Self.answer) { server in
                let connector = try Self.connector(server, certificates, client: nil)
                let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
                await connector.shutdown()
                #expect(failure?.kind == .misconfigured, "\(String(describing: failure))")
                #expect(failure?.message.contains("connection.client_certificate") == true)
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test func `one of another authority is told with the setting`() async throws {
        try await TestCertificates.with { others in
            try await TestCertificates.with { certificates in
                try await CertificateServer.with(certificates, Self.answer) { server in
                    for name in ["client", "client-key"] {
                        try FileManager.default.removeItem(atPath: certificates.file(name))
                        try FileManager.default.copyItem(atPath: others.file(name), toPath: certificates.file(name))
                    }
                    let connector = try Self.connector(server, certificates, client: "client")
                    let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
                    await connector.shutdown()
                    #expect(failure?.kind == .misconfigured, "\(String(describing: failure))")
                    #expect(failure?.message.contains("connection.client_certificate") == true)
                }
            }
        }
    }

    @Test func `a server of an authority that isn't trusted here gets no credentials`() async throws {
        try await TestCertificates.with { certificates in
            try await CertificateServer.with(certificates, Self.answer) { server in
                let connector = try Self.connector(server, certificates, client: "client", ca: false)
                let failure = await #expect(throws: ConnectorFailure.self) { try await connector.probe() }
                await connector.shutdown()
                #expect(failure?.kind == .misconfigured, "\(String(describing: failure))")
                #expect(failure?.code == "server-certificate")
                #expect(failure?.message.contains("connection.ca") == true)
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test func `files that are no certificates are told when the connector is made`() async throws {
        try await TestCertificates.with { certificates in
            let settings = try ServerUnderTest.settings("https://127.0.0.1:1") { settings in
                settings.set("connection", "client_certificate", .string(certificates.file("client-key")))
                settings.set("connection", "client_key", .string(certificates.file("client")))
                settings.set("connection", "ca", .string(certificates.file("client-key")))
            }
            let error = #expect(throws: SettingsError.self) { _ = try ServerUnderTest.connector(settings) }
            #expect(
                error?.problems.map(\.path) == ["connection.client_certificate", "connection.client_key", "connection.ca"])
        }
    }
}
