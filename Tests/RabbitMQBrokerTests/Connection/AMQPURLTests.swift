import Messaging
import Testing

@testable import RabbitMQBroker

@Suite struct AMQPURLTests {
    @Test func `every part of the URL is read and decoded`() throws {
        let configuration = try RabbitMQConfiguration(
            url: "amqps://knut%40kommun:p%2F%3A%40ss@mq.example.se:5679/hub%2Fone?heartbeat=7")
        #expect(configuration.user == "knut@kommun")
        #expect(configuration.password == "p/:@ss")
        #expect(configuration.host == "mq.example.se")
        #expect(configuration.port == 5679)
        #expect(configuration.virtualHost == "hub/one")
        #expect(configuration.usesTLS)
        #expect(configuration.heartbeat == .seconds(7))
        #expect(configuration.caFile == "/etc/ssl/certs/ca-certificates.crt")
    }

    @Test(arguments: [
        ("amqp://localhost", "localhost", 5672, "/"), ("amqps://mq.example.se", "mq.example.se", 5671, "/"),
        ("AMQP://a/", "a", 5672, "/"), ("amqp://a:1/%2F", "a", 1, "/"), ("amqp://[::1]:5672/v", "::1", 5672, "v"),
        ("amqp://[fe80::1]", "fe80::1", 5672, "/"), ("amqp://user@a/v", "a", 5672, "v"),
    ])
    func `what the URL leaves out has its usual value`(_ url: String, _ host: String, _ port: Int, _ vhost: String) throws {
        let configuration = try RabbitMQConfiguration(url: url)
        #expect(configuration.host == host)
        #expect(configuration.port == port)
        #expect(configuration.virtualHost == vhost)
    }

    @Test func `a cluster's hosts stand side by side`() throws {
        let configuration = try RabbitMQConfiguration(
            url: "amqps://u:p@a,b:5679,[::1]:5680/v?auth_mechanism=external&heartbeat=9")
        #expect(configuration.endpoints.map(\.description) == ["a:5671", "b:5679", "[::1]:5680"])
        #expect(configuration.usesCertificateLogin && configuration.heartbeat == .seconds(9))
        #expect(configuration.virtualHost == "v")
    }

    @Test(arguments: [
        ("amqp://u:secret@a,", "no host"), ("amqp://u:secret@a,b:x", "port"),
        ("amqp://a?auth_mechanism=external", "TLS"), ("amqps://a?auth_mechanism=secret", "auth_mechanism"),
        ("", "amqp://"), ("localhost:5672", "amqp://"), ("http://u:secret@a", "neither"), ("amqp://", "no host"),
        ("amqp://u:secret@:5672", "no host"), ("amqp://u:secret@a:x", "port"), ("amqp://u:secret@a:0", "port"),
        ("amqp://u:secret@a:65536", "port"), ("amqp://u:secret@a:5672/v/w", "%2F"), ("amqp://u:secret%@a", "password"),
        ("amqp://u%00:secret@a", "user"), ("amqp://u:secret@a/v?secret=1", "parameter"),
        ("amqp://u:secret@a?heartbeat=no", "heartbeat"),
        ("amqp://u:secret@a?heartbeat=0", "heartbeat"), ("amqp://u:secret@[::1", "brackets"), ("amqp://u:secret@[::1]x", "port"),
        ("amqp://u:secret@a b", "host"),
    ])
    func `a URL that can't be used is refused with its reason and without its password`(_ url: String, _ reason: String) {
        let error = #expect(throws: BrokerError.self) { try RabbitMQConfiguration(url: url) }
        #expect(error?.code == .misconfigured)
        #expect(error?.message.contains(reason) == true)
        #expect(error?.message.contains("u:secret") == false)
    }
}
