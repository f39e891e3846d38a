import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// TLS: what is right connects, and each thing that is wrong is refused in time with an error of its own.
    @Suite("P16 TLS: wrong CA, wrong name, expired, address, plain port, stalled handshake", .serialized)
    struct P16TLSCases {
        /// Everything right for a server that shows the test's certificate.
        func configuration(
            url login: String = "knutpunkt:not-the-password@", host: String = "localhost", port: Int,
            client: String? = nil, _ change: (inout RabbitMQConfiguration, Certificates) -> Void = { _, _ in }
        ) async throws -> RabbitMQConfiguration {
            let certificates = try await Certificates.made.value
            var configuration = try RabbitMQConfiguration(url: "amqps://\(login)\(host):\(port)/knutpunkt")
            configuration.caFile = certificates.ca
            configuration.connectTimeout = .seconds(3)
            configuration.newQueuePause = .zero
            if let client {
                configuration.clientCertificateFile = certificates.certificate(client)
                configuration.clientKeyFile = certificates.key(client)
            }
            change(&configuration, certificates)
            return configuration
        }

        /// The node's own user and password over TLS.
        func nodeConfiguration(host: String = "localhost", client: String? = nil) async throws -> RabbitMQConfiguration {
            let node = try await TLSNode.shared.value
            let login = try #require(node.node.url.firstMatch(of: /amqp:\/\/(.*@)/)?.1)
            return try await self.configuration(url: String(login), host: host, port: node.port, client: client)
        }

        func withBroker<Result: Sendable>(
            _ configuration: RabbitMQConfiguration, _ body: (RabbitMQBroker) async throws -> Result
        ) async throws -> Result {
            let broker = RabbitMQBroker(configuration: configuration, logger: TestNode.quiet)
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(broker)) } catch { result = .failure(error) }
            await broker.close()
            return try result.get()
        }

        /// A probe must be refused in time, with this code and these words.
        @discardableResult
        func refusal(
            _ this: FaultCase, _ configuration: RabbitMQConfiguration, _ code: BrokerError.Code, _ words: String...,
            retry: BrokerError.Retry = .never, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws -> BrokerError {
            try await self.withBroker(configuration) { broker in
                let began = ContinuousClock.now
                let error = try #require(
                    await #expect(throws: BrokerError.self, sourceLocation: sourceLocation) { try await broker.probe() })
                #expect(ContinuousClock.now - began < configuration.connectTimeout * 2, sourceLocation: sourceLocation)
                #expect(error.code == code && error.retry == retry, "\(error.message)", sourceLocation: sourceLocation)
                for word in words {
                    #expect(error.message.contains(word), "\(error.message)", sourceLocation: sourceLocation)
                }
                #expect(!error.message.contains("not-the-password"), sourceLocation: sourceLocation)
                if error.code == code { this.ledger.faultHappened("refused: \(words.joined(separator: ", "))") }
                return error
            }
        }

        // MARK: The broker's certificate

        @Test(.timeLimit(.minutes(5)), arguments: ["localhost", "127.0.0.1"])
        func `the right CA and a name or address of the certificate connect, publish and consume`(_ host: String) async throws {
            let configuration = try await self.nodeConfiguration(host: host)
            let names = Names()
            try await self.withBroker(configuration) { broker in
                try await broker.declare(names.topology)
                let outcomes = try await broker.publish((0..<50).map { names.publication($0, bytes: 20_000) })
                #expect(outcomes.allSatisfy { $0.failureCode == nil })
                let messages = try await broker.collect(names.queue, 50)
                #expect(messages.map(\.message.id) == (0..<50).map { names.publication($0).message.id })
                #expect(messages.allSatisfy { $0.message.body == Data(count: 20_000) })
                let connections = try await TLSNode.shared.value.connections(expecting: "knutpunkt PLAIN true")
                #expect(connections == ["knutpunkt PLAIN true"])
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P16 wrong CA: named with the file`() async throws {
            try await FaultCase.run { this in
                var configuration = try await self.nodeConfiguration()
                configuration.caFile = try await Certificates.made.value.certificate("other")
                try await self.refusal(this, configuration, .tlsFailed, "is not signed by anybody in", "other.pem")
                // The certificates of the system, which is the default.
                configuration.caFile = try RabbitMQConfiguration(url: "amqps://localhost").caFile
                try await self.refusal(this, configuration, .tlsFailed, "is not signed by anybody in", "ca-certificates.crt")
            }
        }

        /// What the server shows, by which host it is reached, and what is said about it.
        static let certificates: [(String, String, String)] = [
            ("wrong", "localhost", "is not for the name 'localhost'"), ("named", "127.0.0.1", "is not for this address"),
            ("expired", "localhost", "has expired"), ("early", "localhost", "is not valid yet"),
            ("other", "localhost", "is signed by itself alone"), ("purpose", "localhost", "unsuitable certificate purpose"),
        ]

        @Test(.timeLimit(.minutes(5)), arguments: Self.certificates)
        func `P16 wrong name, address, time, signature or purpose: each told as such, and no login sent`(
            _ shown: String, _ host: String, _ words: String
        ) async throws {
            try await FaultCase.run(shown) { this in
                let certificates = try await Certificates.made.value
                try await TLSServer.with(certificates.shown(shown)) { server in
                    let configuration = try await self.configuration(host: host, port: server.port)
                    try await self.refusal(this, configuration, .tlsFailed, "\(host):\(server.port)", words)
                    #expect(server.received.isEmpty)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["wrong", "named"])
        func `P16 no publish gets round the check, and none waits for it`(_ shown: String) async throws {
            try await FaultCase.run(shown) { this in
                let certificates = try await Certificates.made.value
                try await TLSServer.with(certificates.shown(shown)) { server in
                    let configuration = try await self.configuration(
                        host: shown == "named" ? "127.0.0.1" : "localhost", port: server.port)
                    try await self.withBroker(configuration) { broker in
                        let error = await #expect(throws: BrokerError.self) {
                            try await broker.publish([Names().publication(1)])
                        }
                        #expect(error?.code == .tlsFailed)
                        if error?.code == .tlsFailed { this.ledger.faultHappened("publishing was refused") }
                    }
                    #expect(server.received.isEmpty)
                }
            }
        }
    }
}
