import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// librabbitmq blocks; the threads that the whole program's tasks share mustn't.
    @Suite(.serialized) struct PoolFaultCases {
        /// What the adapter can be asked for, each of which waits for the network.
        enum Call: CaseIterable {
            case publish, declare, drift, depth, probe, receive

            func make(of broker: RabbitMQBroker, _ this: FaultCase) async throws {
                switch self {
                case .publish: try await this.publish(this.publications(1, to: this.queue), through: broker)
                case .declare: try await broker.declare(this.topology)
                case .drift: _ = try await broker.drift(from: this.topology)
                case .depth: _ = try await broker.depth(of: this.queue)
                case .probe: try await broker.probe()
                case .receive:
                    try await broker.withSubscription(to: this.queue, prefetch: 1) { subscription in
                        _ = try await subscription.settle(1, this.ledger.apply)
                    }
                }
            }
        }

        /// More calls than the pool has threads wait on a link that is dead. A pool that one of them blocks can't start the
        /// others, let alone anything else, before the link is given up.
        @Test(.timeLimit(.minutes(5)), arguments: Call.allCases)
        func `P4 however many calls wait on a dead network, other tasks run`(_ call: Call) async throws {
            let node = try await TestNode.shared.value
            // Several that receive from one queue at a time share it: the states of a record come to different ones.
            try await FaultCase.run("\(call)", ordered: call != .receive) { this in
                try await this.withProxiedBroker(on: node) {
                    // Nothing is given up before the others have run, or not at all.
                    $0.heartbeat = .seconds(3)
                    $0.requestTimeout = .seconds(6)
                    $0.connectTimeout = .seconds(6)
                } _: { broker, proxy in
                    let count = 4 * ProcessInfo.processInfo.activeProcessorCount
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(count, to: this.queue), through: broker)
                    let before = proxy.seen.value
                    // Most calls connect first, each on its own.
                    proxy.stallLaterToo()
                    let (began, ended, errands) = (Observed(0), Observed(0), Observed(0))
                    try await withThrowingTaskGroup { group in
                        for _ in 0..<count {
                            group.addTask { @concurrent in
                                began.update { $0 += 1 }
                                defer { ended.update { $0 += 1 } }
                                // Whether the call succeeds in the end is for the other cases.
                                try? await call.make(of: broker, this)
                            }
                        }
                        for _ in 0..<1000 {
                            group.addTask { @concurrent in
                                await Task.yield()
                                errands.update { $0 += 1 }
                            }
                        }
                        try await began.wait(for: "all calls", within: .seconds(20)) { $0 == count }
                        try await errands.wait(for: "other tasks", within: .seconds(20)) { $0 == 1000 }
                        #expect(ended.value == 0, "calls ended before the other tasks had run")
                        let seen = proxy.seen.value
                        if seen.closed == before.closed, ended.value == 0 {
                            this.ledger.faultHappened("\(count) calls waited at once while 1000 tasks ran")
                        }
                        proxy.heal()
                        try await group.waitForAll()
                    }
                    try await this.consumeAll(through: broker)
                }
            }
        }
    }
}
