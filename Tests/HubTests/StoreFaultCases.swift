import ConnectorKit
import Foundation
@testable import Hub
import Messaging
import SchoolRecords
import Synchronization
import Testing

/// What breaks between the store and the broker, by the numbers of the fault list: nothing lost, one effect, order kept.
@Suite("Fault cases between store and broker")
struct StoreFaultCases {
    private func filled(_ hub: TestHub) async throws -> ScriptedSource {
        let source = ScriptedSource()
        Documents.fill(source)
        _ = try await hub.intake(source).run(.full)
        return source
    }

    /// Nothing was written twice, and no state of a record after a newer one. (One state may be written in parts: what it
    /// refers to comes later.)
    private func expectOneEffect(_ target: RecordingTarget) {
        var last: [RecordKey: Int64] = [:]
        var ids: Set<String> = []
        var rows: [TargetRow: Int64] = [:]
        for batch in target.state.withLock({ $0.batches }) where ids.insert(batch.id).inserted {
            for write in batch.writes {
                #expect(last[write.record] ?? 0 <= write.sequence, "\(write.record)")
                last[write.record] = write.sequence
                for row in write.set {
                    #expect(rows[row] != write.sequence || write.record.entity != .person, "\(row.kind) of \(write.record)")
                    rows[row] = write.sequence
                }
            }
        }
    }

    @Test func `P17 the relay dies between confirm and mark: the same message again, one effect`() async throws {
        try await TestHub.with { hub in
            _ = try await self.filled(hub)
            try await hub.declare()
            let entries = try await hub.store.next(limit: 100)
            let outcomes = try await hub.broker.publish(
                entries.map { Publication($0.change.message, exchange: $0.exchange, routingKey: $0.routingKey) })
            #expect(outcomes.count == entries.count)
            // Here it dies: the broker has them all, the outbox still holds them all.
            #expect(try await hub.store.backlog() == entries.count)
            let target = RecordingTarget()
            let before = try await hub.store.counts().superseded
            try await hub.run(target) {
                guard try await hub.isAtRest() else { return false }
                return try await hub.store.counts().superseded >= before + entries.count
            }
            self.expectOneEffect(target)
            #expect(target.rowNames.contains { $0.hasPrefix("person ") })
        }
    }

    @Test func `P18 two relays on one outbox: nothing lost, order per record kept`() async throws {
        try await TestHub.with { hub in
            let source = try await self.filled(hub)
            let target = RecordingTarget(batchSize: 3)
            let other = OutboxRelay(store: hub.store, broker: hub.broker, window: 2, logger: hub.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await other.run() }
                for round in 1...5 {
                    source.put(
                        .person,
                        Documents.person(
                            10, name: "Namn \(round)", unit: 2, guardians: [20], modified: "2026-08-0\(round)T00:00:00Z"))
                    _ = try await hub.intake(source).run(.full)
                    try await hub.run(target) { try await hub.isAtRest() }
                }
                group.cancelAll()
            }
            self.expectOneEffect(target)
            #expect(try await hub.store.counts().published >= 8)
            #expect(try await hub.store.records([RecordKey(.person, Documents.id(10))]).values.map(\.sequence) == [6])
        }
    }

    @Test func `P19 stopped with a half-full window: what has no answer stays in the outbox`() async throws {
        try await TestHub.with { hub in
            _ = try await self.filled(hub)
            try await hub.declare()
            let count = try await hub.store.backlog()
            let halfway = HalfwayPublisher(broker: hub.broker, count: 3)
            let relay = OutboxRelay(store: hub.store, broker: halfway, logger: hub.logger)
            let running = Task { try await relay.run() }
            for await _ in halfway.stuck { break }
            running.cancel()
            _ = await running.result
            #expect(try await hub.broker.depth(of: "deliver.unikum") == 3, "some had gone")
            #expect(try await hub.store.backlog() == count, "and none is marked, for none was answered for")
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isAtRest() }
            self.expectOneEffect(target)
        }
    }

    @Test func `C8 the work is stored and the process dies before the acknowledgement: one effect`() async throws {
        try await TestHub.with { hub in
            _ = try await self.filled(hub)
            try await hub.declare()
            var round = RelayRound()
            try await OutboxRelay(store: hub.store, broker: hub.broker, logger: hub.logger).relayAll(&round)
            let target = RecordingTarget(batchSize: 4)
            let broker = ForgetfulBroker(inner: hub.broker)
            let delivery = DeliveryService(
                target: target, broker: broker, store: hub.store, mappings: hub.mappings, linger: .milliseconds(5),
                logger: hub.logger)
            let running = Task { try await delivery.run() }
            for await _ in broker.forgotten { break }
            running.cancel()
            _ = await running.result
            let written = target.batchIDs
            try await hub.run(target) { try await hub.isAtRest() }
            #expect(target.batchIDs.starts(with: written))
            self.expectOneEffect(target)
        }
    }

    @Test func `C14 and C15 a long delay holds up no short one, and no round of retries is dropped`() async throws {
        try await TestHub.with { hub in
            _ = try await self.filled(hub)
            let (long, short) = (RecordKey(.person, Documents.id(20)), RecordKey(.person, Documents.id(21)))
            let target = RecordingTarget()
            func busy(_ seconds: Double) -> ConnectorFailure {
                ConnectorFailure(.transient, code: "busy", message: "busy", retryAfter: seconds)
            }
            target.state.withLock { $0.refused = [long: busy(3600), short: busy(1)] }
            let now = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
            let clock = HubClock(now: { now.withLock { $0 } }, sleep: { try await Task.sleep(for: $0) })
            @Sendable func tries(_ key: RecordKey) -> Int {
                target.state.withLock { $0.batches.count { batch in batch.writes.contains { $0.record == key } } }
            }
            for round in 1...6 {
                try await hub.run(target, clock: clock) {
                    guard tries(short) >= round else { return false }
                    guard try await hub.store.prepared(for: "unikum") == nil else { return false }
                    return try await hub.store.backlog() == 0
                }
                #expect(tries(short) == round)
                #expect(tries(long) == 1, "the long one still waits")
                now.withLock { $0 += 2 }
                let due = Int64(now.withLock { $0 }.timeIntervalSince1970 * 1000)
                #expect(try await hub.store.releaseDueRetries(now: due) == 1)
            }
            target.state.withLock { $0.refused = [:] }
            now.withLock { $0 += 7200 }
            let due = Int64(now.withLock { $0 }.timeIntervalSince1970 * 1000)
            _ = try await hub.store.releaseDueRetries(now: due)
            try await hub.run(target, clock: clock) { try await hub.isAtRest() }
            #expect(tries(long) == 2 && tries(short) == 7)
            #expect(try await hub.store.list(FailureFilter()).isEmpty)
        }
    }
}

/// Sends the first few of what it is given, and then hears nothing any more.
private final class HalfwayPublisher: MessagePublisher {
    let stuck: AsyncStream<Void>
    private let report: AsyncStream<Void>.Continuation
    private let broker: any Broker
    private let count: Int

    init(broker: any Broker, count: Int) {
        self.broker = broker
        self.count = count
        (self.stuck, self.report) = AsyncStream.makeStream()
    }

    func publish(_ publications: [Publication]) async throws -> [PublishOutcome] {
        _ = try await self.broker.publish(Array(publications.prefix(self.count)))
        self.report.yield()
        while true { try await Task.sleep(for: .seconds(3600)) }
    }
}

/// Loses acknowledgements, and with the second batch the connection too.
private final class ForgetfulBroker: Broker {
    let inner: any Broker
    let forgotten: AsyncStream<Void>
    fileprivate let report: AsyncStream<Void>.Continuation

    init(inner: any Broker) {
        self.inner = inner
        (self.forgotten, self.report) = AsyncStream.makeStream()
    }

    func publish(_ publications: [Publication]) async throws -> [PublishOutcome] { try await self.inner.publish(publications) }
    func declare(_ topology: Topology) async throws { try await self.inner.declare(topology) }
    func depth(of queue: String) async throws -> Int? { try await self.inner.depth(of: queue) }
    func probe() async throws { try await self.inner.probe() }
    func close() async { await self.inner.close() }

    func withSubscription<Result: Sendable>(
        to queue: String, prefetch: Int, _ body: (any Subscription) async throws -> Result
    ) async throws -> Result {
        try await self.inner.withSubscription(to: queue, prefetch: prefetch) { subscription in
            try await body(ForgetfulSubscription(inner: subscription, broker: self))
        }
    }
}

private final class ForgetfulSubscription: Subscription, DeliverySettler {
    let inner: any Subscription
    let broker: ForgetfulBroker
    private let batches = Mutex(0)

    init(inner: any Subscription, broker: ForgetfulBroker) {
        self.inner = inner
        self.broker = broker
    }

    func next() async throws -> Delivery? { try await self.inner.next() }

    func nextBatch(limit: Int, linger: Duration) async throws -> DeliveryBatch? {
        let number = self.batches.withLock { count in
            count += 1
            return count
        }
        guard number == 1 else {
            self.broker.report.yield()
            throw BrokerError(.connectionLost, "the process died here")
        }
        guard let batch = try await self.inner.nextBatch(limit: limit, linger: linger) else { return nil }
        let (messages, _) = batch.handOver()
        return DeliveryBatch(messages, settler: self)
    }

    func settle(_ tokens: [DeliveryToken], _ verdict: Verdict) {}

    func stop() async { await self.inner.stop() }
}
