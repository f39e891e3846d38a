import ConnectorKit
import Foundation
import Logging
import SchoolRecords
import Synchronization
import Testing

@testable import Hub

@Suite("The hub's health is read, told and kept")
struct HealthServiceTests {
    private final class Sink: AlarmSink {
        let name: String
        let told = Mutex<[AlarmEvent]>([])
        let isAway = Mutex(false)

        init(_ name: String) { self.name = name }

        func tell(_ event: AlarmEvent) async throws {
            if self.isAway.withLock({ $0 }) {
                throw ConnectorFailure(.systemUnavailable, code: .connectionRefused, message: "away")
            }
            self.told.withLock { $0.append(event) }
        }

        var steps: [AlarmEvent.Step] { self.told.withLock { $0.map(\.step) } }
    }

    private final class Memory: AlarmMemory {
        let state = Mutex(AlarmState())
        func load() -> AlarmState { self.state.withLock { $0 } }
        func save(_ state: AlarmState) throws { self.state.withLock { $0 = state } }
    }

    private final class Time: Sendable {
        let now = Mutex(Date(timeIntervalSince1970: 1_786_000_000))
        func advance(_ seconds: Double) { self.now.withLock { $0 += seconds } }
        var clock: HubClock { HubClock(now: { self.now.withLock { $0 } }, sleep: { _ in throw CancellationError() }) }
    }

    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func service(
        _ hub: TestHub, _ board: HealthBoard, _ time: Time, _ sinks: [Sink], _ memory: Memory, rules: AlarmRules = AlarmRules(),
        depth: @escaping @Sendable (String) async throws -> Int? = { _ in 7 }
    ) -> HealthService {
        HealthService(
            reader: HealthReader(
                board: board, store: hub.store, depth: depth, targets: ["unikum"], sources: ["edlevo"], queues: ["failed"],
                diskFree: { 10_000 }, clock: time.clock),
            rules: rules, sinks: sinks, memory: memory, clock: time.clock, logger: self.quiet)
    }

    @Test func `an outage of an hour is one alarm to each place, also to one that was away`() async throws {
        try await TestHub.with { hub in
            let (board, time, memory) = (HealthBoard(), Time(), Memory())
            let (log, desk) = (Sink("log"), Sink("desk"))
            let service = self.service(hub, board, time, [log, desk], memory)
            let failure = ConnectorFailure(.systemUnavailable, code: .connectionRefused, message: "refuses connections")
            desk.isAway.withLock { $0 = true }
            var state = memory.load()
            for _ in 0..<240 {
                board.refused(by: "unikum", failure, at: time.clock.now())
                await service.look(&state)
                time.advance(15)
            }
            #expect(log.steps == [.raised])
            #expect(desk.steps.isEmpty)
            desk.isAway.withLock { $0 = false }
            await service.look(&state)
            #expect(desk.steps == [.raised])
            let reading = try #require(state.reading)
            #expect(reading.targets[0].breaker == .open && reading.targets[0].code == "connection-refused")
            #expect(reading.targets[0].downSeconds >= 3585)
            #expect(reading.targets[0].queued == 7 && reading.queues == ["failed": 7])

            board.settled("unikum", delivered: 50_000, failed: 0, at: time.clock.now())
            for _ in 0..<10 {
                await service.look(&state)
                time.advance(15)
            }
            #expect(log.steps == [.raised, .passed] && desk.steps == [.raised, .passed])
            #expect(state.reading?.targets[0].deliveredLately == 50_000)
            #expect(memory.load() == state)
        }
    }

    @Test func `a hub that is started again doesn't tell twice`() async throws {
        try await TestHub.with { hub in
            let (board, time, memory, log) = (HealthBoard(), Time(), Memory(), Sink("log"))
            let change = HeldChange(
                id: "edlevo-person-1", direction: .source, system: "edlevo", entity: "person", mode: "full", living: 200,
                counts: ChangeCounts(deletes: 90), excess: [], time: time.clock.timestamp)
            try await hub.store.hold(change, marks: [1], samples: [])
            var state = memory.load()
            await self.service(hub, board, time, [log], memory).look(&state)
            #expect(log.steps == [.raised])
            time.advance(60)
            var second = memory.load()
            await self.service(hub, board, time, [log], memory).look(&second)
            #expect(log.steps == [.raised])
        }
    }

    @Test func `a mass change is an alarm until somebody has decided, whichever hub has found it`() async throws {
        try await TestHub.with { hub in
            let (time, memory, log) = (Time(), Memory(), Sink("log"))
            let service = self.service(hub, HealthBoard(), time, [log], memory)
            func hold(_ id: String, _ direction: HeldChange.Direction, _ system: String) async throws {
                let change = HeldChange(
                    id: id, direction: direction, system: system, entity: direction == .source ? "person" : "rows",
                    mode: "full", living: 200, counts: ChangeCounts(deletes: 90), excess: [], time: time.clock.timestamp)
                try await hub.store.hold(change, marks: [1], samples: [])
            }
            try await hold("edlevo-person-1", .source, "edlevo")
            try await hold("unikum-rows-1", .target, "unikum")
            var state = memory.load()
            await service.look(&state)
            #expect(Set(state.book.open.map(\.cause)) == ["changes-held:edlevo", "changes-held:unikum"])
            #expect(state.book.open.contains { $0.text.en.contains("waits for approval: knutpunkt held show edlevo-person-1") })
            #expect(state.reading?.held.map(\.deletes) == [90, 90])
            for id in ["edlevo-person-1", "unikum-rows-1"] {
                let decision = HeldDecision(.rejected, by: "somebody", reason: "wrong", time: time.clock.timestamp)
                try await hub.store.decide(id, decision)
            }
            for _ in 0..<10 {
                time.advance(15)
                await service.look(&state)
            }
            #expect(state.book.open.isEmpty)
            #expect(log.steps == [.raised, .raised, .passed, .passed])
        }
    }

    @Test func `a broker that can't be asked is told with its reason`() async throws {
        try await TestHub.with { hub in
            let (time, memory, log) = (Time(), Memory(), Sink("log"))
            var rules = AlarmRules()
            rules.downMinutes = 0
            let service = self.service(hub, HealthBoard(), time, [log], memory, rules: rules) { _ in
                throw ConnectorFailure(.systemUnavailable, code: .connectionRefused, message: "nobody listens")
            }
            var state = AlarmState()
            await service.look(&state)
            #expect(state.book.open.map(\.cause) == ["broker-down:broker"])
            #expect(state.reading?.brokerReason == "nobody listens")
        }
    }

    @Test func `a school without a timetable is found, one with it isn't`() async throws {
        try await TestHub.with { hub in
            let (time, memory, log) = (Time(), Memory(), Sink("log"))
            func take(_ entity: Entity, _ number: Int, unit: String, source: String) async throws {
                let id = Documents.id(number)
                let body = (["id": .string(id)] as JSONValue).canonicalData
                _ = try await hub.store.take(
                    [RecordState(key: RecordKey(entity, id), owner: nil, body: body, unit: unit)], withheld: [], failures: [],
                    source: source, time: time.clock.timestamp)
            }
            try await take(.group, 1, unit: "north", source: "edlevo")
            try await take(.group, 2, unit: "south", source: "edlevo")
            try await take(.calendarEvent, 3, unit: "north", source: "skola24")
            var rules = AlarmRules()
            rules.expected = [.init(source: "skola24", entity: .calendarEvent)]
            var state = AlarmState()
            await self.service(hub, HealthBoard(), time, [log], memory, rules: rules).look(&state)
            #expect(state.reading?.schoolsWithout == ["skola24/CalendarEvent": ["south"]])
            #expect(state.book.open.map(\.cause) == ["schools-without-records:skola24/CalendarEvent"])
        }
    }
}
