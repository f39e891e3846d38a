import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

/// Several hosts in one URL.
extension BrokerTests.P16TLSCases {
    @Test(.timeLimit(.minutes(5))) func `of several hosts the one that works is used, whatever is wrong with the others`()
        async throws
    {
        try await FaultCase.run { this in
            let certificates = try await Certificates.made.value
            try await TLSServer.with(certificates.shown("expired")) { server in
                var configuration = try await self.nodeConfiguration()
                let good = configuration.endpoints[0]
                let closed = Endpoint(host: "127.0.0.1", port: try FreePorts.pick(1)[0])
                let plain = Endpoint(host: "localhost", port: try TestNode.configuration(await TLSNode.shared.value.node).port)
                let expired = Endpoint(host: "localhost", port: server.port)
                configuration.endpoints = [closed, plain, expired, good]
                for _ in 0..<10 { try await self.withBroker(configuration) { try await $0.probe() } }
                configuration.endpoints = [closed, plain, expired]
                try await self.refusal(
                    this, configuration, .unreachable, "none of the broker's 3 hosts", "\(closed)", "\(plain) speaks no TLS",
                    "\(expired), or one that it hangs on, has expired", retry: .later)
                configuration.endpoints = [plain, expired]
                try await self.refusal(this, configuration, .tlsFailed, "\(plain)", "\(expired)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a refused login and a wrong file are told once, not for each host`() async throws {
        try await FaultCase.run { this in
            let node = try await TLSNode.shared.value
            var configuration = try await self.configuration(port: node.port)
            configuration.endpoints.append(Endpoint(host: "127.0.0.1", port: node.port))
            let refused = try await self.refusal(this, configuration, .accessRefused, "wrong name or password")
            #expect(!refused.message.contains("none of"))
            configuration.caFile = "/nowhere/ca.pem"
            let file = try await self.refusal(this, configuration, .tlsFailed, "/nowhere/ca.pem")
            #expect(!file.message.contains("none of"))
        }
    }

    @Test(.timeLimit(.minutes(5))) func `connections begin at any host, and go on behind the one that they lost`() async throws {
        var configuration = try await self.nodeConfiguration()
        let first = configuration.endpoints[0]
        configuration.endpoints = [first, Endpoint(host: "127.0.0.1", port: first.port)]
        let settings = configuration
        @Sendable func reached(after last: Endpoint?) async throws -> Endpoint {
            try await DedicatedThread.run("amqp test") {
                let connection = try AMQPConnection.connect(settings, purpose: "test", after: last)
                defer { connection.close() }
                return connection.configuration.endpoints[0]
            }
        }
        for index in [0, 1] { #expect(try await reached(after: settings.endpoints[index]) == settings.endpoints[1 - index]) }
        var seen: Set<Endpoint> = []
        // Both within 64 throws of a coin, or it is none.
        for _ in 0..<64 where seen.count < 2 { seen.insert(try await reached(after: nil)) }
        #expect(seen.count == 2)
    }

    @Test(.timeLimit(.minutes(5))) func `a publisher whose host is lost goes on at the other one`() async throws {
        try await FaultCase.run { this in
            let node = try await TestNode.shared.value
            let port = try TestNode.configuration(node).port
            let proxies = [try TCPProxy(to: port), try TCPProxy(to: port)]
            defer { for proxy in proxies { proxy.close() } }
            try await TestNode.withBroker(on: node) { try await $0.declare(this.topology) }
            try await TestNode.withBroker(on: node) {
                $0.endpoints = proxies.map { Endpoint(host: "127.0.0.1", port: $0.port) }
            } _: { broker in
                try await this.publish(this.publications(5, to: this.queue), through: broker)
                let used = try #require(proxies.firstIndex { $0.seen.value.opened == 1 })
                proxies[used].cut(.reset)
                try await proxies[used].seen.wait(for: "cut connection") { $0.cut == 1 }
                try await this.publish(this.publications(5, to: this.queue), through: broker)
                #expect(proxies[used].seen.value.opened == 1)
                if proxies[1 - used].seen.value.opened == 1 { this.ledger.faultHappened("cut off and connected elsewhere") }
                try await this.consumeAll(through: broker)
            }
        }
    }
}
