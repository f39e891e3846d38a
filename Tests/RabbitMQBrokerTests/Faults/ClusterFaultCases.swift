import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// Three nodes, of which one goes, or gives the lead away.
    @Suite(.serialized) struct ClusterFaultCases {
        /// Publishes and consumes at once; does `disturb` in the middle.
        private func load(
            _ this: FaultCase, on cluster: TestCluster, _ disturb: (LogListener) async throws -> Void
        ) async throws {
            let log = LogListener()
            var configuration = try cluster.configuration()
            configuration.newQueuePause = .milliseconds(1500)
            let broker = RabbitMQBroker(configuration: configuration, logger: log.logger)
            try await broker.declare(this.topology)
            let count = this.random.number(2000...3000)
            let publications = this.publications(count, to: this.queue)
            async let published: Void = {
                // A queue without its leader refuses for a moment what comes; the outbox sends it again.
                for start in stride(from: 0, to: count, by: 100) {
                    try await this.relay(Array(publications[start..<min(count, start + 100)]), through: broker)
                }
            }()
            var mark: Int? = this.random.number(count / 5...count / 2)
            try await this.consumeAll(through: broker, prefetch: 100) { applied in
                guard let there = mark, applied >= there else { return }
                mark = nil
                try await disturb(log)
            }
            try await published
            await broker.close()
            #expect(mark == nil)
        }

        enum Lost: CaseIterable { case leader, entry }

        @Test(.timeLimit(.minutes(3)), arguments: Lost.allCases)
        func `cluster member lost`(_ lost: Lost) async throws {
            let cluster = try await TestCluster.shared.value
            try await FaultCase.run("\(lost)", ordered: false) { this in
                try await self.load(this, on: cluster) { _ in
                    // The first member is the one that clients come to.
                    let victim =
                        switch lost {
                        case .entry: cluster.members[0]
                        case .leader: try await cluster.leader(of: this.queue, askedOf: cluster.members[0])
                        }
                    let before = try #require(victim.processID)
                    try TestNode.kill(victim)
                    this.ledger.faultHappened("\(victim.directory.additions.identity.name) was killed, process \(before)")
                }
                // All are one cluster again before the next case.
                for member in cluster.members { try await self.isWhole(member) }
            }
        }

        /// Each member answers and sees the two others.
        private func isWhole(_ member: PrivateNode) async throws {
            while true {
                let answer = try? await TestNode.control(member, "eval", "length(rabbit_nodes:all_running()).")
                if answer?.contains("3") == true { return }
                try Task.checkCancellation()
            }
        }

        @Test(.timeLimit(.minutes(2))) func `leader moved`() async throws {
            let cluster = try await TestCluster.shared.value
            try await FaultCase.run(ordered: false) { this in
                try await self.load(this, on: cluster) { _ in
                    for target in this.random.shuffled(cluster.members) {
                        let before = try await cluster.leader(of: this.queue, askedOf: target)
                        guard before.directory.additions.identity.name != target.directory.additions.identity.name else {
                            continue
                        }
                        let answer = try await cluster.moveLeader(of: this.queue, to: target)
                        if answer.contains("migrated") {
                            this.ledger.faultHappened(
                                "from \(before.directory.additions.identity.name) to \(target.directory.additions.identity.name)")
                        }
                    }
                }
            }
        }
    }
}
