import ConnectorKit
import Connectors
import Foundation
import SchoolRecords
import Testing

@Suite(
    "A SCIM server that asks for a certificate", .enabled(if: OpenSSL.path != nil, "needs the openssl command"),
    .timeLimit(.minutes(1)))
struct SCIMCertificateTests {
    private static func connector(
        _ server: CertificateServer, _ certificates: TestCertificates, hasClient: Bool
    ) throws -> SCIMTargetConnector {
        var settings: JSONValue = [
            "connection": [
                "base_url": .string("https://127.0.0.1:\(server.port)/scim"), "ca": .string(certificates.file("ca")),
            ],
            "resources": [
                ["kind": "unit", "path": "SchoolUnits", "schemas": ["urn:a"], "body": ["displayName": "{name}"]]
            ],
        ]
        if hasClient {
            settings.set("connection", "client_certificate", .string(certificates.file("client")))
            settings.set("connection", "client_key", .string(certificates.file("client-key")))
        }
        return try SCIMTargetConnector.make(system: "egil", settings: settings, logger: ServerUnderTest.silent)
    }

    @Test func `is given ours, and without one the setting is told`() async throws {
        try await TestCertificates.with { certificates in
            try await CertificateServer.with(certificates, { _ in #"{"totalResults":0}"# }) { server in
                let connector = try Self.connector(server, certificates, hasClient: true)
                try await connector.probe()
                await connector.shutdown()
                #expect(server.requests.map(\.path) == ["/scim/SchoolUnits"])

                let stranger = try Self.connector(server, certificates, hasClient: false)
                let failure = await #expect(throws: ConnectorFailure.self) { try await stranger.probe() }
                await stranger.shutdown()
                #expect(failure?.kind == .misconfigured, "\(String(describing: failure))")
                #expect(failure?.message.contains("connection.client_certificate") == true)
            }
        }
    }
}
