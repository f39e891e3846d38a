import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

/// The files of certificates and keys: each thing that is wrong with them is told before anything is sent.
extension BrokerTests.P16TLSCases {
    private func problems(client: String? = nil, _ change: (inout RabbitMQConfiguration, Certificates) -> Void) async throws
        -> [BrokerError]
    {
        // The discard port: nobody is asked.
        let configuration = try await self.configuration(port: 9, client: client, change)
        let problems = configuration.fileProblems()
        // What is told beforehand is told when connecting too.
        let first = await #expect(throws: BrokerError.self) { try await self.withBroker(configuration) { try await $0.probe() } }
        if let problem = problems.first { #expect(first?.message == problem.message && first?.retry == .never) }
        return problems
    }

    @Test func `P16 trusted certificates: missing, empty and no certificate at all`() async throws {
        for (file, words) in [
            ("/nowhere/ca.pem", "can't be read: No such file"), ("/", "is a directory"),
            (try await Certificates.made.value.certificate("empty"), "holds no certificate"),
            (try await Certificates.made.value.certificate("text"), "holds no certificate"),
        ] {
            let problems = try await self.problems { configuration, _ in configuration.caFile = file }
            #expect(problems.map(\.code) == [.tlsFailed])
            #expect(problems[0].message.contains(file) && problems[0].message.contains(words), "\(problems[0].message)")
        }
    }

    @Test func `P16 client certificate: missing, without key, of another key, locked, no certificate`() async throws {
        typealias Change = (inout RabbitMQConfiguration, Certificates) -> Void
        let cases: [(String, Change)] = [
            (
                "/nowhere/client.pem' of amqp.client_certificate_file can't be read",
                {
                    $0.clientCertificateFile = "/nowhere/client.pem"; _ = $1
                }
            ),
            (
                "/nowhere/client.key' of amqp.client_key_file can't be read",
                {
                    $0.clientKeyFile = "/nowhere/client.key"; _ = $1
                }
            ),
            (
                "has no key; set amqp.client_key_file",
                {
                    $0.clientKeyFile = nil; _ = $1
                }
            ),
            (
                "there is no client certificate",
                {
                    $0.clientCertificateFile = nil; _ = $1
                }
            ),
            ("stranger.key' does not belong to the client certificate", { $0.clientKeyFile = $1.key("stranger") }),
            ("locked.key' is protected by a passphrase", { $0.clientKeyFile = $1.key("locked") }),
            ("client.pem' of amqp.client_key_file holds no private key", { $0.clientKeyFile = $1.certificate("client") }),
            (
                "text.pem' of amqp.client_certificate_file holds no certificate",
                { $0.clientCertificateFile = $1.certificate("text") }
            ),
        ]
        for (words, change) in cases {
            let problems = try await self.problems(client: "client") { configuration, certificates in
                change(&configuration, certificates)
                if let key = configuration.clientKeyFile { chmod(key, 0o600) }
            }
            #expect(problems.map(\.code) == [.misconfigured], "\(words): \(problems)")
            #expect(problems.first?.message.contains(words) == true, "\(problems)")
        }
    }

    @Test func `P16 a key that others may use is refused; root's for a group and one behind a link are not`() async throws {
        let certificates = try await Certificates.made.value
        let key = certificates.directory + "/rights.key"
        try FileManager.default.copyItem(atPath: certificates.key("client"), toPath: key)
        let link = certificates.directory + "/link.key"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: key)
        let isRoot = geteuid() == 0
        for (mode, isAllowed) in [(0o600, true), (0o400, true), (0o640, isRoot), (0o660, false), (0o644, false), (0o604, false)] {
            chmod(key, mode_t(mode))
            for file in [key, link] {
                let configuration = try await self.configuration(port: 9, client: "client") { configuration, _ in
                    configuration.clientKeyFile = file
                }
                let problems = configuration.fileProblems()
                #expect(problems.isEmpty == isAllowed, "mode \(String(mode, radix: 8)): \(problems)")
                #expect(isAllowed || problems[0].message.contains("take the right away: chmod"))
            }
        }
    }

    @Test func `everything that is wrong with the files is told at once`() async throws {
        let problems = try await self.problems(client: "client") { configuration, _ in
            configuration.caFile = "/nowhere/ca.pem"
            configuration.clientKeyFile = "/nowhere/client.key"
        }
        #expect(problems.map(\.code) == [.tlsFailed, .misconfigured])
        let plain = try RabbitMQConfiguration(url: "amqp://localhost")
        #expect(plain.fileProblems().isEmpty)
    }
}
