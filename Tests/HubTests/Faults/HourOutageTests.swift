import ConnectorKit
import Connectors
import Foundation
import Logging
import Messaging
import SchoolRecords
import StandIns
import Synchronization
import TestChance
import Testing

@testable import Hub

/// A receiving system is away for an hour by a clock that is moved by hand, while everybody changes over and over.
@Suite("A system that is away for an hour")
struct HourOutageTests {
    private static let persons = 2000
    private static let changes = TestEffort.cases(50_000, sparing: 10_000)
    /// Seconds that the clock is moved at a time: as far as between two looks at the hub's health.
    private static let step = 15.0

    /// A clock that stands until it is moved; whoever sleeps wakes when his time has come.
    private final class MovedClock: Sendable {
        private struct State {
            var now: Date
            var next = 0
            var sleepers: [Int: (due: Date, continuation: CheckedContinuation<Void, any Error>)] = [:]
        }

        private let state: Mutex<State>

        init(_ now: Date) { self.state = Mutex(State(now: now)) }

        var clock: HubClock {
            HubClock(now: { self.state.withLock { $0.now } }, sleep: { try await self.sleep($0 / .seconds(1)) })
        }

        func advance(_ seconds: Double) {
            let woken = self.state.withLock { state in
                state.now += seconds
                let due = state.sleepers.filter { $0.value.due <= state.now }
                for number in due.keys { state.sleepers[number] = nil }
                return due.values.map(\.continuation)
            }
            for continuation in woken { continuation.resume() }
        }

        private func sleep(_ seconds: Double) async throws {
            let number = self.state.withLock { state in
                state.next += 1
                return state.next
            }
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    let isOver = self.state.withLock { state in
                        if Task.isCancelled { return true }
                        state.sleepers[number] = (state.now + seconds, continuation)
                        return false
                    }
                    if isOver { continuation.resume(throwing: CancellationError()) }
                }
            } onCancel: {
                self.state.withLock { $0.sleepers.removeValue(forKey: number) }?.continuation.resume(
                    throwing: CancellationError())
            }
        }
    }

    private final class Told: AlarmSink {
        let name = "test"
        let events = Mutex<[AlarmEvent]>([])
        func tell(_ event: AlarmEvent) async throws { self.events.withLock { $0.append(event) } }
        var texts: [String] { self.events.withLock { $0.map { "\($0.step) \($0.alarm.cause)" } } }
    }

    private struct NoMemory: AlarmMemory {
        func load() -> AlarmState { AlarmState() }
        func save(_ state: AlarmState) throws {}
    }

    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(.timeLimit(.minutes(15)))
    func `fifty thousand changes wait: none fails, one alarm is raised and one request made, and all is written in order`()
        async throws
    {
        try await TestHub.with { hub in
            let desk = ServiceDeskStandIn()
            let key = hub.directory + "/desk-key"
            try desk.key.write(toFile: key, atomically: true, encoding: .utf8)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await desk.run() }
                defer { group.cancelAll() }
                let sink = ServiceDeskSink(
                    .init(baseURL: try await desk.apiURL(), access: .technicianKey(file: key), requester: "drift@kommun.example"),
                    logger: self.quiet)
                try await self.play(hub, desk, sink)
                await sink.shutdown()
            }
        }
    }

    private func play(_ hub: TestHub, _ desk: ServiceDeskStandIn, _ sink: ServiceDeskSink) async throws {
        let target = RecordingTarget(batchSize: 500)
        try await self.load(hub, target)
        let (time, board, told) = (MovedClock(Date()), HealthBoard(), Told())
        let health = HealthService(
            reader: HealthReader(
                board: board, store: hub.store, depth: { try await hub.broker.depth(of: $0) }, targets: ["unikum"],
                sources: ["edlevo"], queues: ["failed"], diskFree: { 10_000 }, clock: time.clock),
            rules: AlarmRules(), sinks: [told, sink], memory: NoMemory(), clock: time.clock, logger: self.quiet)
        let relay = OutboxRelay(store: hub.store, broker: hub.broker, clock: time.clock, logger: self.quiet)
        let delivery = DeliveryService(
            target: target, broker: hub.broker, store: hub.store, key: hub.key, mappings: hub.mappings, clock: time.clock,
            linger: .milliseconds(5), health: board, logger: self.quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await relay.run() }
            group.addTask { try await delivery.run() }
            defer { group.cancelAll() }
            var state = AlarmState()
            target.state.withLock { $0.isAway = true }
            try await self.changeEverybody(hub, time.clock) {
                // The clock is moved when what was changed has been published, as it has been within seconds in life.
                for await _ in hub.store.changes(every: .milliseconds(20)) where try await hub.store.backlog() == 0 { break }
                time.advance(Self.step)
                await health.look(&state)
            }
            #expect(try await hub.broker.depth(of: "deliver.unikum") ?? 0 > Self.changes / 2, "nothing waits")
            #expect(state.book.open.map(\.cause) == ["target-down:unikum"])
            #expect(told.texts == ["raised target-down:unikum"])
            #expect(await desk.requests.map(\.status) == ["Open"])

            target.state.withLock { $0.isAway = false }
            try await self.drain(hub, target) {
                time.advance(Self.step)
                await health.look(&state)
                return state.book.open.isEmpty
            }
            #expect(told.texts == ["raised target-down:unikum", "passed target-down:unikum"])
            #expect(await desk.requests.map(\.status) == ["Closed"])
        }
        #expect(try await hub.store.groups(FailureFilter()).isEmpty)
        #expect(try await hub.store.counts().failed == 0)
        try await self.checkOrder(hub, target)
    }

    /// The first load, before the system is away.
    private func load(_ hub: TestHub, _ target: RecordingTarget) async throws {
        let source = ScriptedSource()
        source.put(.organisation, Documents.school(1))
        source.put(.organisation, Documents.unit(2, of: 1))
        for number in 100..<100 + Self.persons { source.put(.person, Documents.person(number, unit: 2)) }
        source.state.withLock { $0.pageSize = 500 }
        _ = try await hub.intake(source).run(.full)
        try await hub.run(target) { try await hub.isAtRest() }
        target.state.withLock { $0.batches = [] }
    }

    /// Everybody gets another name over and over, spread over an hour.
    private func changeEverybody(_ hub: TestHub, _ clock: HubClock, _ afterEachStep: () async throws -> Void) async throws {
        var bodies: [(key: RecordKey, body: JSONValue)] = []
        var after: String?
        while let page = try await Optional(hub.store.liveRecords(of: .person, after: after, limit: 1000)), let last = page.last {
            after = last.key.id
            for record in page { bodies.append((record.key, try JSONValue(parsing: record.body))) }
        }
        let steps = Int(3600 / Self.step)
        var changed = 0
        for step in 1...steps {
            var states: [RecordState] = []
            while changed < Self.changes * step / steps {
                var (key, body) = bodies[changed % bodies.count]
                body["familyName"] = .string("Efternamn \(changed / bodies.count)")
                states.append(RecordState(key: key, owner: key.id, body: body.canonicalData))
                changed += 1
            }
            // Looked at by somebody: what it does to the system isn't held.
            _ = try await hub.store.take(
                states, withheld: [], failures: [], source: "edlevo", counting: .seen, time: clock.timestamp)
            try await afterEachStep()
        }
        #expect(changed == Self.changes)
    }

    /// Moves the clock until everything is written and no alarm is open: a step whenever the system has taken as much as a slow
    /// one does in that time.
    ///
    /// - Parameter step: returns whether no alarm is open any more.
    private func drain(_ hub: TestHub, _ target: RecordingTarget, _ step: () async throws -> Bool) async throws {
        while target.state.withLock({ $0.batches.isEmpty }) { _ = try await step() }
        var depth = try await hub.broker.depth(of: "deliver.unikum") ?? 0
        var isOver = false
        while !isOver {
            for await _ in hub.store.changes(every: .milliseconds(20)) {
                let now = try await hub.broker.depth(of: "deliver.unikum") ?? 0
                guard now > depth - 1000, try await !hub.isAtRest() else { break }
            }
            depth = try await hub.broker.depth(of: "deliver.unikum") ?? 0
            let isCalm = try await step()
            isOver = try await hub.isAtRest() && isCalm
        }
    }

    private func checkOrder(_ hub: TestHub, _ target: RecordingTarget) async throws {
        let (batches, rows) = target.state.withLock { ($0.batches, $0.rows) }
        var sequences: [RecordKey: Int64] = [:]
        for write in batches.flatMap(\.writes) {
            #expect(write.sequence > sequences[write.record] ?? 0, "an older state after a newer one")
            sequences[write.record] = write.sequence
        }
        #expect(sequences.count == Self.persons)
        let last = "Efternamn \(Self.changes / Self.persons - 1)"
        #expect(rows.values.filter { $0.kind == "person" && $0.fields["efternamn"] == last }.count == Self.persons)
    }
}
