import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

/// What answers isn't what the URL says, or doesn't answer.
extension BrokerTests.P16TLSCases {
    @Test(.timeLimit(.minutes(5))) func `P16 plain port behind amqps, and TLS port behind amqp: each told with the remedy`()
        async throws
    {
        try await FaultCase.run { this in
            let node = try await TLSNode.shared.value
            let plainPort = try TestNode.configuration(node.node).port
            let secure = try await self.configuration(port: plainPort)
            try await self.refusal(this, secure, .tlsFailed, "localhost:\(plainPort)", "speaks no TLS", "amqp:// in front")
            var plain = try TestNode.configuration(node.node)
            plain.port = node.port
            try await self.refusal(this, plain, .tlsFailed, "127.0.0.1:\(node.port)", "speaks TLS", "amqps:// in front")
        }
    }

    @Test(.timeLimit(.minutes(5))) func `P16 TLS 1_1 alone: refused`() async throws {
        try await FaultCase.run { this in
            let certificates = try await Certificates.made.value
            try await TLSServer.with(certificates.shown("server") + ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]) { server in
                let configuration = try await self.configuration(port: server.port)
                try await self.refusal(this, configuration, .tlsFailed, "speaks no TLS 1.2 or later")
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `P16 no cipher in common: told as such, not as a wish for a certificate`() async throws {
        try await FaultCase.run { this in
            let certificates = try await Certificates.made.value
            let odd = ["-tls1_2", "-cipher", "PSK-AES128-CBC-SHA", "-psk", "00112233"]
            try await TLSServer.with(certificates.shown("server") + odd) { server in
                let configuration = try await self.configuration(port: server.port)
                try await self.refusal(this, configuration, .tlsFailed, "no way of encryption in common")
            }
        }
    }

    /// Before the server's first byte, and in the middle of what it says.
    @Test(.timeLimit(.minutes(5)), arguments: [1, 400])
    func `P16 stalled handshake: given up within the limit`(_ bytes: Int) async throws {
        try await FaultCase.run("after \(bytes) bytes") { this in
            let proxy = try TCPProxy(to: try await TLSNode.shared.value.port)
            defer { proxy.close() }
            proxy.stall(afterBytes: bytes)
            var configuration = try await self.configuration(port: proxy.port)
            configuration.connectTimeout = .seconds(1)
            try await self.refusal(this, configuration, .unreachable, "TLS handshake stalls", retry: .later)
            #expect(proxy.seen.value.stalledByBytes == 1)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `P16 a server that says nothing after the handshake: given up within the limit`()
        async throws
    {
        try await FaultCase.run { this in
            let certificates = try await Certificates.made.value
            try await TLSServer.with(certificates.shown("server")) { server in
                var configuration = try await self.configuration(port: server.port)
                configuration.connectTimeout = .seconds(1)
                try await self.refusal(this, configuration, .unreachable, "gave no answer", retry: .later)
                #expect(server.received.starts(with: Data("AMQP".utf8)), "AMQP begins once the server is known")
            }
        }
    }
}
