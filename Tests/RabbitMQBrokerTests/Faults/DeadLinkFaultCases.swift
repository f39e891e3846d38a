import Foundation
import Messaging
import MessagingTesting
import Testing

@testable import RabbitMQBroker

extension BrokerTests {
    /// The network swallows everything and closes nothing. With a heartbeat of one second that must show after two.
    @Suite(.serialized) struct DeadLinkFaultCases {
        enum Death: CaseIterable {
            case stalled, swallowed, silent

            func strike(_ proxy: TCPProxy) {
                switch self {
                case .stalled: proxy.stall()
                case .swallowed: proxy.blackHole()
                case .silent: proxy.stall([.toClient])
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: Death.allCases) func `P4 network dead, publisher idle`(_ death: Death)
            async throws
        {
            let node = try await TestNode.shared.value
            try await FaultCase.run("\(death)") { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(1, to: this.queue), through: broker)
                    let before = proxy.seen.value
                    death.strike(proxy)
                    try await proxy.seen.wait(for: "end of the dead connection", within: .seconds(6)) {
                        $0.closed > before.closed
                    }
                    this.ledger.faultHappened("the client left a dead connection by itself")
                    try await this.publish(this.publications(5, to: this.queue), through: broker)
                    #expect(proxy.seen.value.opened > before.opened)
                    try await this.consumeAll(through: broker)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [200, 60_000]) func `P5 network dead, publisher busy`(_ bytes: Int) async throws
        {
            let node = try await TestNode.shared.value
            try await FaultCase.run("\(bytes) bytes") { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(1, to: this.queue), through: broker)
                    proxy.stall(afterBytes: bytes * this.random.number(20...80))
                    let publications = this.publications(400, bytes: bytes...bytes, to: this.queue)
                    let began = ContinuousClock.now
                    try await this.publish(publications, through: broker)
                    #expect(ContinuousClock.now - began < .seconds(15))
                    let seen = proxy.seen.value
                    if seen.stalledByBytes == 1, seen.opened > 1 { this.ledger.faultHappened("stalled while sending") }
                    try await this.consumeAll(through: broker)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: TestNode.Resource.allCases)
        func `P6 alarm, then clear: a pause, no loss of a healthy link`(_ resource: TestNode.Resource) async throws {
            let node = try await TestNode.disturbed.value
            try await FaultCase.run("\(resource)") { this in
                let log = LogListener()
                try await this.withProxiedBroker(on: node, log: log) {
                    $0.confirmTimeout = .seconds(2)
                } _: { broker, proxy in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(1, to: this.queue), through: broker)
                    let publications = this.publications(300, bytes: 5000...5000, to: this.queue)
                    let isPublished = Observed(false)
                    let publishing = Observed<Task<Void, any Error>?>(nil)
                    try await TestNode.withAlarm(resource, on: node) {
                        let task = Task {
                            try await this.publish(publications, through: broker)
                            isPublished.update { $0 = true }
                        }
                        publishing.update { $0 = task }
                        try await log.hears("the broker takes no messages for now")
                        // Longer than the confirm timeout: so many signs of life go by on the connection, one a second.
                        let before = proxy.seen.value.heartbeatsToClient
                        try await proxy.seen.wait(for: "heartbeats during the alarm") { $0.heartbeatsToClient >= before + 6 }
                        #expect(!isPublished.value)
                        this.ledger.faultHappened("blocked for longer than the confirm timeout")
                        // Other connections are as before: the alarm holds publishers only.
                        try await broker.probe()
                    }
                    try await publishing.value?.value
                    #expect(log.count("no connection with the broker") == 0, "a healthy connection was kept")
                    try await this.consumeAll(through: broker)
                    #expect(this.ledger.now.repeats == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `P6 an alarm longer than the deadline fails the call and says why`() async throws {
            let node = try await TestNode.disturbed.value
            try await FaultCase.run { this in
                try await TestNode.withBroker(on: node) {
                    $0.publishDeadline = .seconds(1)
                } _: { broker in
                    try await broker.declare(this.topology)
                    let publications = this.publications(3, to: this.queue)
                    try await TestNode.withAlarm(.memory, on: node) {
                        let error = await #expect(throws: BrokerError.self) { try await broker.publish(publications) }
                        #expect(error?.code == .timedOut)
                        #expect(error?.message.contains("memory") == true)
                        if error?.code == .timedOut { this.ledger.faultHappened("the call failed during the alarm") }
                    }
                    try await this.publish(publications, through: broker)
                    try await this.consumeAll(through: broker)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [true, false])
        func `P7 connection dies during the alarm`(_ isSilent: Bool) async throws {
            let node = try await TestNode.disturbed.value
            try await FaultCase.run(isSilent ? "silently" : "with a reset") { this in
                let log = LogListener()
                try await this.withProxiedBroker(on: node, log: log) { broker, proxy in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(1, to: this.queue), through: broker)
                    let publications = this.publications(200, to: this.queue)
                    let publishing = Observed<Task<Void, any Error>?>(nil)
                    try await TestNode.withAlarm(.memory, on: node) {
                        let task = Task { try await this.publish(publications, through: broker) }
                        publishing.update { $0 = task }
                        try await log.hears("the broker takes no messages for now")
                        if isSilent { proxy.stall() } else { proxy.cut(.reset) }
                        try await log.hears("no connection with the broker")
                        this.ledger.faultHappened("the loss was seen while the alarm was on")
                    }
                    try await publishing.value?.value
                    try await this.consumeAll(through: broker)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `C1 a consumer on a dead link comes back and gets what was published meanwhile`()
            async throws
        {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    try await TestNode.withBroker(on: node) { other in
                        try await this.publish(this.publications(1, to: this.queue), through: other)
                        try await broker.withSubscription(to: this.queue, prefetch: 10) { subscription in
                            _ = try await subscription.settle(1, this.ledger.apply)
                            let before = proxy.seen.value
                            proxy.stall()
                            try await this.publish(this.publications(10, to: this.queue), through: other)
                            // The first may come again: its acknowledgement may not have got through.
                            while this.ledger.now.open > 0 { _ = try await subscription.settle(10, this.ledger.apply) }
                            if proxy.seen.value.givenUp > before.givenUp { this.ledger.faultHappened("the client gave up") }
                        }
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `C7 a scope on a dead link ends in time`() async throws {
            let node = try await TestNode.shared.value
            try await FaultCase.run { this in
                try await this.withProxiedBroker(on: node) { broker, proxy in
                    try await broker.declare(this.topology)
                    try await this.publish(this.publications(5, to: this.queue), through: broker)
                    let began = ContinuousClock.now
                    try await broker.withSubscription(to: this.queue, prefetch: 10) { subscription in
                        let held = try await subscription.hold(2)
                        #expect(held.count == 2)
                        proxy.stall()
                    }
                    await broker.close()
                    #expect(ContinuousClock.now - began < .seconds(10))
                    try await proxy.seen.wait(for: "end of the stalled connections") { $0.givenUp > 0 }
                    this.ledger.faultHappened("stalled connections were left")
                }
                try await TestNode.withBroker(on: node) { try await this.consumeAll(through: $0) }
            }
        }
    }
}
