import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

/// The hub's own certificate.
extension BrokerTests.P16TLSCases {
    @Test(.timeLimit(.minutes(5)), arguments: [("", ""), ("", "?auth_mechanism=external"), ("x:y@", "?auth_mechanism=EXTERNAL")])
    func `a client certificate logs in without a password, also where one must be shown`(_ login: String, _ query: String)
        async throws
    {
        let node = try await TLSNode.shared.value
        for port in [node.port, node.strictPort] {
            let certificates = try await Certificates.made.value
            var configuration = try RabbitMQConfiguration(url: "amqps://\(login)localhost:\(port)/knutpunkt\(query)")
            configuration.caFile = certificates.ca
            configuration.clientCertificateFile = certificates.certificate("client")
            configuration.clientKeyFile = certificates.key("client")
            configuration.newQueuePause = .zero
            try await self.withBroker(configuration) { broker in
                let names = Names()
                try await broker.declare(names.topology)
                #expect(try await broker.publish([names.publication(1)]).map(\.failureCode) == [nil])
                #expect(try await broker.collect(names.queue, 1).count == 1)
                let connections = try await node.connections(expecting: "knutpunkt EXTERNAL true")
                #expect(connections == ["knutpunkt EXTERNAL true"])
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `user and password count when the URL has them, beside a client certificate`()
        async throws
    {
        let configuration = try await self.nodeConfiguration(client: "nobody")
        try await self.withBroker(configuration) { broker in
            let names = Names()
            try await broker.declare(names.topology)
            #expect(try await broker.publish([names.publication(1)]).map(\.failureCode) == [nil])
            let connections = try await TLSNode.shared.value.connections(expecting: "knutpunkt PLAIN true")
            #expect(connections == ["knutpunkt PLAIN true"])
        }
    }

    @Test(.timeLimit(.minutes(5))) func `P16 certificate without a user: refused and told as such`() async throws {
        try await FaultCase.run { this in
            let node = try await TLSNode.shared.value
            let configuration = try await self.configuration(url: "", port: node.port, client: "nobody")
            try await self.refusal(this, configuration, .accessRefused, "client certificate", "no user has its name")
        }
    }

    @Test(.timeLimit(.minutes(5))) func `P16 no login by certificate at the broker: told as such`() async throws {
        try await FaultCase.run { this in
            let node = try await TLSNode.shared.value
            let set = "application:set_env(rabbit, auth_mechanisms,"
            try await TestNode.control(node.node, "eval", "\(set) ['PLAIN']).")
            let result: Result<Void, any Error>
            do {
                let configuration = try await self.configuration(url: "", port: node.port, client: "client")
                try await self.refusal(this, configuration, .accessRefused, "offers no login by certificate (SASL EXTERNAL)")
                result = .success(())
            } catch {
                result = .failure(error)
            }
            try await TestNode.control(node.node, "eval", "\(set) ['PLAIN', 'AMQPLAIN', 'EXTERNAL']).")
            try result.get()
        }
    }

    @Test(.timeLimit(.minutes(5))) func `P16 client certificate wanted: told that there is none, or that it isn't liked`()
        async throws
    {
        try await FaultCase.run("RabbitMQ") { this in
            let port = try await TLSNode.shared.value.strictPort
            // Often: RabbitMQ refuses and hangs up at once, which once raced with our first write.
            for _ in 0..<10 {
                let none = try await self.configuration(port: port)
                try await self.refusal(this, none, .tlsFailed, "asks for a client certificate", "amqp.client_certificate_file")
                let stranger = try await self.configuration(port: port, client: "stranger")
                try await self.refusal(this, stranger, .tlsFailed, "doesn't take the client certificate", "stranger.pem")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["-tls1_2", "-tls1_3"])
    func `P16 client certificate wanted: the same with each version of TLS`(_ version: String) async throws {
        try await FaultCase.run(version) { this in
            let certificates = try await Certificates.made.value
            let wanting = [version, "-Verify", "1", "-verify_return_error", "-CAfile", certificates.ca]
            try await TLSServer.with(certificates.shown("server") + wanting) { server in
                let none = try await self.configuration(port: server.port)
                try await self.refusal(this, none, .tlsFailed, "asks for a client certificate")
                let stranger = try await self.configuration(port: server.port, client: "stranger")
                try await self.refusal(this, stranger, .tlsFailed, "doesn't take the client certificate", "stranger.pem")
            }
        }
    }
}
