import Foundation
import Logging
import Messaging
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// TLS: what is right connects, and each thing that is wrong is refused in time with an error of its own.
    @Suite("P16 TLS: wrong CA, wrong name, expired, address, plain port, stalled handshake", .serialized)
    struct P16TLSCases {
        /// A node with a TLS listener beside the plain one; its user may log in by certificate.
        private static let node = Task {
            let certificates = try await Certificates.made.value
            let port = try FreePorts.pick(1)[0]
            let additions = NodeAdditions(
                plugins: ["rabbitmq_auth_mechanism_ssl"],
                settings: """
                    {ssl_listeners, [{"127.0.0.1", \(port)}]},
                    {auth_mechanisms, ['PLAIN', 'AMQPLAIN', 'EXTERNAL']},
                    {ssl_cert_login_from, common_name},
                    {ssl_options, [{cacertfile, "\(certificates.ca)"}, {certfile, "\(certificates.certificate("server"))"},
                        {keyfile, "\(certificates.key("server"))"}, {verify, verify_peer}, {fail_if_no_peer_cert, false},
                        {versions, ['tlsv1.2', 'tlsv1.3']}]},
                    """)
            let node = try await PrivateNode.start(
                directory: TestNode.directory(), installation: .debian, limits: PrivateNode.Limits(), additions: additions,
                logger: TestNode.quiet, onProgress: { _ in })
            return (node, port)
        }

        private func configuration(
            host: String = "localhost", port: Int, _ change: (inout RabbitMQConfiguration, Certificates) -> Void = { _, _ in }
        ) async throws -> RabbitMQConfiguration {
            let certificates = try await Certificates.made.value
            var configuration = try RabbitMQConfiguration(url: "amqps://knutpunkt:secret@\(host):\(port)/knutpunkt")
            configuration.caFile = certificates.ca
            configuration.connectTimeout = .seconds(3)
            configuration.newQueuePause = .zero
            change(&configuration, certificates)
            return configuration
        }

        private func withBroker<Result: Sendable>(
            _ configuration: RabbitMQConfiguration, _ body: (RabbitMQBroker) async throws -> Result
        ) async throws -> Result {
            let broker = RabbitMQBroker(configuration: configuration, logger: TestNode.quiet)
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(broker)) } catch { result = .failure(error) }
            await broker.close()
            return try result.get()
        }

        /// What a probe is told.
        private func refusal(_ configuration: RabbitMQConfiguration) async throws -> BrokerError {
            try await self.withBroker(configuration) { broker in
                let began = ContinuousClock.now
                let error = await #expect(throws: BrokerError.self) { try await broker.probe() }
                #expect(ContinuousClock.now - began < .seconds(8))
                return try #require(error)
            }
        }

        @Test(.timeLimit(.minutes(1)), arguments: ["localhost", "127.0.0.1"])
        func `the right CA and a name or address of the certificate connect`(_ host: String) async throws {
            let (node, port) = try await Self.node.value
            let plain = try RabbitMQConfiguration(url: node.url)
            var configuration = try RabbitMQConfiguration(url: node.url.replacingOccurrences(of: "amqp://", with: "amqps://"))
            configuration.endpoints = [Endpoint(host: host, port: port)]
            configuration.caFile = try await Certificates.made.value.ca
            configuration.newQueuePause = .zero
            #expect(plain.user == configuration.user)
            let names = Names()
            try await self.withBroker(configuration) { broker in
                try await broker.declare(names.topology)
                let outcomes = try await broker.publish((0..<50).map { names.publication($0, bytes: 20_000) })
                #expect(outcomes.allSatisfy { $0.failureCode == nil })
                #expect(try await broker.collect(names.queue, 50).count == 50)
            }
            let connections = try await TestNode.control(node, "list_connections", "ssl", "name")
            #expect(!connections.contains("unknown"))
        }

        @Test(.timeLimit(.minutes(1))) func `a client certificate logs in without a password`() async throws {
            let (_, port) = try await Self.node.value
            let certificates = try await Certificates.made.value
            var configuration = try RabbitMQConfiguration(url: "amqps://localhost:\(port)/knutpunkt?auth_mechanism=external")
            configuration.caFile = certificates.ca
            configuration.newQueuePause = .zero
            let none = try await self.refusal(configuration)
            #expect(none.code == .misconfigured && none.message.contains("amqp.client_certificate_file"))
            configuration.clientCertificateFile = certificates.certificate("client")
            configuration.clientKeyFile = certificates.key("client")
            try await self.withBroker(configuration) { broker in
                let names = Names()
                try await broker.declare(names.topology)
                #expect(try await broker.publish([names.publication(1)]).map(\.failureCode) == [nil])
            }
            configuration.clientCertificateFile = certificates.certificate("nobody")
            configuration.clientKeyFile = certificates.key("nobody")
            let nobody = try await self.refusal(configuration)
            #expect(nobody.code == .accessRefused && nobody.message.contains("certificate"))
        }

        @Test(.timeLimit(.minutes(1))) func `a CA that isn't trusted is named with the file`() async throws {
            let (_, port) = try await Self.node.value
            let error = try await self.refusal(try await self.configuration(port: port) { $0.caFile = $1.certificate("other") })
            #expect(error.code == .tlsFailed && error.retry == .never)
            #expect(error.message.contains("not signed by anybody in") && error.message.contains("other.pem"))
        }

        @Test(.timeLimit(.minutes(1))) func `a name that the certificate doesn't carry is named`() async throws {
            let certificates = try await Certificates.made.value
            try await TLSServer.with(["-cert", certificates.certificate("wrong"), "-key", certificates.key("wrong")]) { port in
                let error = try await self.refusal(try await self.configuration(port: port))
                #expect(error.code == .tlsFailed && error.message.contains("is not for the name 'localhost'"))
            }
        }

        @Test(.timeLimit(.minutes(1))) func `an address that the certificate doesn't carry is refused`() async throws {
            let certificates = try await Certificates.made.value
            try await TLSServer.with(["-cert", certificates.certificate("named"), "-key", certificates.key("named")]) { port in
                let error = try await self.refusal(try await self.configuration(host: "127.0.0.1", port: port))
                #expect(error.code == .tlsFailed && error.message.contains("not for this address"))
            }
        }

        @Test(.timeLimit(.minutes(1))) func `a certificate that has expired is told as such`() async throws {
            let certificates = try await Certificates.made.value
            try await TLSServer.with(["-cert", certificates.certificate("expired"), "-key", certificates.key("expired")]) {
                port in
                let error = try await self.refusal(try await self.configuration(port: port))
                #expect(error.code == .tlsFailed && error.message.contains("has expired"))
            }
        }

        @Test(.timeLimit(.minutes(1))) func `a certificate signed by itself alone is told as such`() async throws {
            let certificates = try await Certificates.made.value
            try await TLSServer.with(["-cert", certificates.certificate("other"), "-key", certificates.key("other")]) { port in
                let error = try await self.refusal(try await self.configuration(port: port))
                #expect(error.code == .tlsFailed && error.message.contains("signed by itself alone"))
            }
        }

        @Test(.timeLimit(.minutes(1))) func `a plain port behind amqps, and a TLS port behind amqp`() async throws {
            let (node, port) = try await Self.node.value
            let plainPort = try RabbitMQConfiguration(url: node.url).port
            let error = try await self.refusal(try await self.configuration(port: plainPort))
            #expect(error.code == .tlsFailed && error.message.contains("speaks no TLS"))
            var plain = try RabbitMQConfiguration(url: node.url)
            plain.port = port
            let other = try await self.refusal(plain)
            #expect(other.message.contains("amqps://"), "\(other.message)")
        }

        @Test(.timeLimit(.minutes(1))) func `a server that speaks nothing newer than TLS 1_1 is refused`() async throws {
            let certificates = try await Certificates.made.value
            let server = ["-cert", certificates.certificate("server"), "-key", certificates.key("server")]
            try await TLSServer.with(server + ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]) { port in
                let error = try await self.refusal(try await self.configuration(port: port))
                #expect(error.code == .tlsFailed && error.message.contains("no TLS 1.2"), "\(error.message)")
            }
        }

        @Test(.timeLimit(.minutes(1))) func `a server that wants a client certificate says so, and whether it likes ours`()
            async throws
        {
            let certificates = try await Certificates.made.value
            let server = ["-cert", certificates.certificate("server"), "-key", certificates.key("server")]
            for version in ["-tls1_2", "-tls1_3"] {
                try await TLSServer.with(
                    server + [version, "-Verify", "1", "-verify_return_error", "-CAfile", certificates.ca]
                ) { port in
                    let none = try await self.refusal(try await self.configuration(port: port))
                    #expect(none.code == .tlsFailed && none.message.contains("asks for a client certificate"), "\(none.message)")
                    let stranger = try await self.refusal(
                        try await self.configuration(port: port) {
                            $0.clientCertificateFile = $1.certificate("stranger")
                            $0.clientKeyFile = $1.key("stranger")
                        })
                    #expect(stranger.code == .tlsFailed, "\(stranger.message)")
                    #expect(stranger.message.contains("doesn't take the client certificate"), "\(stranger.message)")
                }
            }
        }

        @Test(.timeLimit(.minutes(1))) func `a handshake that stalls is given up in time`() async throws {
            let port = try FreePorts.pick(1)[0]
            let listener = try SilentListener(port: port)
            defer { listener.close() }
            let error = try await self.refusal(
                try await self.configuration(port: port) { configuration, _ in
                    configuration.connectTimeout = .seconds(1)
                })
            #expect(error.code == .unreachable && error.message.contains("stalls"), "\(error.message)")
        }

        @Test func `files of certificates that can't be used are named before anything is sent`() async throws {
            let certificates = try await Certificates.made.value
            func refused(_ change: (inout RabbitMQConfiguration) -> Void) async throws -> BrokerError {
                try await self.refusal(try await self.configuration(port: 9) { configuration, _ in change(&configuration) })
            }
            let missing = try await refused {
                $0.clientCertificateFile = "/nowhere/client.pem"
                $0.clientKeyFile = certificates.key("client")
            }
            #expect(missing.code == .misconfigured && missing.message.contains("/nowhere/client.pem"))
            let mixed = try await refused {
                $0.clientCertificateFile = certificates.certificate("client")
                $0.clientKeyFile = certificates.key("stranger")
            }
            #expect(mixed.code == .misconfigured && mixed.message.contains("can't be used together"), "\(mixed.message)")
            let open = certificates.directory + "/open.key"
            try FileManager.default.copyItem(atPath: certificates.key("client"), toPath: open)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: open)
            let readable = try await refused {
                $0.clientCertificateFile = certificates.certificate("client")
                $0.clientKeyFile = open
            }
            #expect(readable.code == .misconfigured && readable.message.contains("chmod 600"))
            let trust = try await refused { $0.caFile = "/nowhere/ca.pem" }
            #expect(trust.code == .tlsFailed && trust.message.contains("/nowhere/ca.pem"))
        }

        @Test(.timeLimit(.minutes(1))) func `of several hosts the one that works is used, and all are named when none does`()
            async throws
        {
            let (node, port) = try await Self.node.value
            let closed = try FreePorts.pick(2)
            var several = try RabbitMQConfiguration(url: node.url)
            several.endpoints = closed.map { Endpoint(host: "127.0.0.1", port: $0) } + several.endpoints
            for _ in 0..<10 { try await self.withBroker(several) { try await $0.probe() } }
            several.endpoints = closed.map { Endpoint(host: "127.0.0.1", port: $0) }
            let none = try await self.refusal(several)
            #expect(none.code == .unreachable && closed.allSatisfy { none.message.contains("127.0.0.1:\($0)") })
            let refused = try await self.refusal(
                try await self.configuration(port: port) { configuration, _ in
                    configuration.endpoints.append(Endpoint(host: "localhost", port: port))
                })
            #expect(refused.code == .accessRefused, "a wrong password isn't tried on the next host")
        }
    }
}

/// Takes connections and never says a word.
private final class SilentListener: Sendable {
    private let descriptor: CInt

    init(port: Int) throws {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(bound == 0 && listen(descriptor, 8) == 0)
        self.descriptor = descriptor
    }

    func close() { Foundation.close(self.descriptor) }
}
