import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// The broker, or the address, does not let us in.
    @Suite(.serialized) struct RefusalFaultCases {
        @Test(.timeLimit(.minutes(5))) func `P15 wrong password: refused at once, everywhere, without a storm`() async throws {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                let log = LogListener()
                let proxy = try TCPProxy(to: TestNode.configuration(node).port)
                defer { proxy.close() }
                let url = node.url.replacing(/:[0-9a-f]{48}@/, with: ":not-the-password@")
                var configuration = try RabbitMQConfiguration(url: url)
                configuration.port = proxy.port
                configuration.reconnectDelay = .seconds(10)
                let broker = RabbitMQBroker(configuration: configuration, logger: log.logger)
                let attempts: [@Sendable () async throws -> Void] = [
                    { try await broker.probe() }, { try await broker.declare(Topology()) },
                    { _ = try await broker.publish([Names().publication(1)]) },
                    { try await broker.withSubscription(to: "any", prefetch: 1) { _ = try await $0.next() } },
                ]
                let began = ContinuousClock.now
                for attempt in attempts {
                    let error = await #expect(throws: BrokerError.self) { try await attempt() }
                    #expect(error?.code == .accessRefused)
                    #expect(error?.retry == .never)
                    #expect(error?.message.contains("knutpunkt") == true)
                    #expect(error?.message.contains("not-the-password") == false)
                    if error?.code == .accessRefused { this.ledger.faultHappened("refused") }
                }
                let before = proxy.seen.value.opened
                for _ in 0..<20 {
                    let error = await #expect(throws: BrokerError.self) { try await broker.publish([Names().publication(1)]) }
                    #expect(error?.code == .accessRefused)
                }
                #expect(proxy.seen.value.opened == before, "the publisher keeps its pause")
                #expect(ContinuousClock.now - began < .seconds(5))
                #expect(!log.lines.contains { $0.contains("not-the-password") })
                await broker.close()
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P15 revoked permission: told as such, and all is well when it is back`() async throws
        {
            let node = try await TestNode.disturbed.value
            try await FaultCase.run { this in
                try await TestNode.withBroker(on: node) { broker in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(5, to: this.queue), through: broker)
                    let user = try TestNode.configuration(node).user
                    let vhost = NodeDirectory.virtualHost
                    try await TestNode.control(node, "set_permissions", "-p", vhost, user, ".*", "^$", ".*")
                    let publications = this.publications(3, to: this.queue)
                    let result: Result<[PublishOutcome], any Error>
                    // A channel remembers for a while what it may; a new connection asks again.
                    try await TestNode.closeConnections(node)
                    do { result = .success(try await broker.publish(publications)) } catch { result = .failure(error) }
                    try await TestNode.control(node, "set_permissions", "-p", vhost, user, ".*", ".*", ".*")
                    switch result {
                    case .success(let outcomes):
                        #expect(outcomes.map(\.failureCode) == Array(repeating: .accessRefused, count: 3))
                        if outcomes.allSatisfy({ $0.failureCode == .accessRefused }) { this.ledger.faultHappened("refused") }
                    case .failure(let error):
                        #expect((error as? BrokerError)?.code == .accessRefused)
                        if (error as? BrokerError)?.code == .accessRefused { this.ledger.faultHappened("refused: \(error)") }
                    }
                    try await this.publish(publications, through: broker)
                    try await this.consumeAll(through: broker)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P15 missing vhost: refused and named`() async throws {
            try await FaultCase.run { this in
                try await TestNode.withBroker(on: TestNode.shared.value) {
                    $0.virtualHost = "elsewhere"
                } _: { broker in
                    let error = await #expect(throws: BrokerError.self) { try await broker.probe() }
                    #expect(error?.code == .accessRefused)
                    #expect(error?.message.contains("elsewhere") == true)
                    if error != nil { this.ledger.faultHappened("refused") }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["guest:guest@", "knutpunkt:@"])
        func `P15 no guest and no empty password`(_ login: String) async throws {
            try await FaultCase.run(login) { this in
                let node = try await TestNode.shared.value
                let url = node.url.replacing(/knutpunkt:[0-9a-f]{48}@/, with: login)
                let broker = RabbitMQBroker(configuration: try RabbitMQConfiguration(url: url), logger: TestNode.quiet)
                let error = await #expect(throws: BrokerError.self) { try await broker.probe() }
                #expect(error?.code == .accessRefused)
                if error?.code == .accessRefused { this.ledger.faultHappened("refused") }
            }
        }
    }
}
