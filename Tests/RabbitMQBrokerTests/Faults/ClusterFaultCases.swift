import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// Three nodes, of which one goes, or gives the lead away.
    @Suite(.serialized) struct ClusterFaultCases {
        /// Publishes and consumes at once. Does `prepare` when both are connected, and `strike` in the middle of the work.
        private func load<Plan: Sendable>(
            _ this: FaultCase, on cluster: TestCluster, log: LogListener, prepare: () async throws -> Plan,
            strike: (Plan) async throws -> Void
        ) async throws {
            var configuration = try cluster.configuration()
            configuration.newQueuePause = .milliseconds(1500)
            let broker = RabbitMQBroker(configuration: configuration, logger: log.logger)
            try await broker.declare(this.topology)
            let count = this.random.number(2000...3000)
            let publications = this.publications(count, to: this.queue)
            let isPrepared = Observed(false)
            async let published: Void = {
                // A queue without its leader refuses for a moment what comes; the outbox sends it again.
                for start in stride(from: 0, to: count, by: 100) {
                    try await this.relay(Array(publications[start..<min(count, start + 100)]), through: broker)
                    try await isPrepared.wait(for: "plan of the strike") { $0 }
                }
            }()
            var plan: Plan?
            var mark: Int? = this.random.number(300...count / 2)
            try await this.consumeAll(through: broker, prefetch: 100) { applied in
                if plan == nil {
                    plan = try await prepare()
                    isPrepared.update { $0 = true }
                }
                guard let there = mark, applied >= there, let plan else { return }
                mark = nil
                try await strike(plan)
            }
            try await published
            await broker.close()
            #expect(mark == nil)
        }

        /// Whom it hits: the one that leads the queue, or the one that our consumer is connected with.
        enum Lost: CaseIterable { case leader, ours }

        @Test(.timeLimit(.minutes(5)), arguments: Lost.allCases)
        func `cluster member lost`(_ lost: Lost) async throws {
            let cluster = try await TestCluster.shared.value
            try await FaultCase.run("\(lost)", ordered: false) { this in
                let log = LogListener()
                try await self.load(this, on: cluster, log: log) {
                    switch lost {
                    case .leader: try await cluster.leader(of: this.queue, askedOf: cluster.members[0])
                    case .ours: try await cluster.memberOfConsumer(of: this.queue)
                    }
                } strike: { victim in
                    let before = try #require(victim.processID)
                    try TestNode.kill(victim)
                    let name = victim.directory.additions.identity.name
                    this.ledger.faultHappened("\(name) was killed, process \(before)")
                    if lost == .ours {
                        try await log.hears("no connection with the broker")
                    } else {
                        let other = try #require(cluster.members.first { $0 !== victim })
                        while try await cluster.leader(of: this.queue, askedOf: other) === victim { try Task.checkCancellation() }
                    }
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

        @Test(.timeLimit(.minutes(5))) func `leader moved`() async throws {
            let cluster = try await TestCluster.shared.value
            try await FaultCase.run(ordered: false) { this in
                try await self.load(this, on: cluster, log: LogListener()) {
                    try await cluster.leader(of: this.queue, askedOf: cluster.members[0])
                } strike: { first in
                    var leader = first
                    for target in this.random.shuffled(cluster.members) where target !== leader {
                        let answer = try await cluster.moveLeader(of: this.queue, to: target)
                        guard answer.contains("migrated") else { continue }
                        this.ledger.faultHappened(
                            "from \(leader.directory.additions.identity.name) to \(target.directory.additions.identity.name)")
                        leader = target
                    }
                }
            }
        }
    }
}
