import Foundation
import Hub
import Mapping
import Messaging
import SchoolRecords
import ServiceLifecycle
import Synchronization
import TestChance
import Testing

/// A thousand children whose guardians report, change and withdraw absence at school and in after-school care, in any order, while
/// the hub reads, decides and delivers in between. In the end both systems have what a plain calculation says, and nothing moves.
@Suite("Absence is reported once, from both sides, and everything comes to rest")
struct AbsenceAgreementTests {
    private static let children = 1000
    private static let rounds = 8
    private static let days = 2...6

    private struct Report: Hashable {
        var day: Int
        var from: Int
        var to: Int
    }

    /// What guardians have said so far, by the report's id.
    private struct Child {
        let id: String
        var school: [String: Report] = [:]
        var care: [String: Report] = [:]
    }

    private static func time(_ day: Int, _ hour: Int) -> String {
        let days = CalendarDate(year: 2026, month: 3, day: day)
        return "\(days)T\(hour < 10 ? "0" : "")\(hour):00:00+01:00"
    }

    private static func held(_ student: String, _ report: Report) -> TwoSidedSystem.Absence {
        TwoSidedSystem.Absence(
            student: student, from: Self.time(report.day, report.from), to: Self.time(report.day, report.to))
    }

    @Test(.timeLimit(.minutes(10)))
    func `a thousand sequences from both sides end in agreement, and without a loop`() async throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["KNUTPUNKT_SEED"] ?? "") ?? UInt64.random(in: 0...999_999_999)
        print("seed \(seed)")
        var random = SeededRandom(seed: seed)
        let (skola24, tempus) = (TwoSidedSystem("skola24"), TwoSidedSystem("tempus"))
        try await TestHub.with { hub in
            let hall = Hall(hub: hub, school: skola24, care: tempus)
            try await hall.open(children: Self.children)
            var children = (0..<Self.children).map { Child(id: Documents.id(10_000 + $0)) }
            var operations = 0
            for round in 0..<Self.rounds {
                for index in children.indices {
                    operations += 1
                    Self.act(&children[index], number: round * Self.children + index, skola24, tempus, &random)
                }
                // What guardians do goes on while the hub is at any point of its work.
                if Bool.random(using: &random) { try await hall.read(skola24) }
                if Bool.random(using: &random) { try await hall.read(tempus) }
                if Bool.random(using: &random) { try await hall.rest() }
            }
            let published = try await hall.settle()
            for child in children {
                let (care, school) = Self.expected(child)
                #expect(hall.given(tempus, to: child.id) == care, "care of \(child), seed \(seed)")
                #expect(hall.given(skola24, to: child.id) == school, "school of \(child), seed \(seed)")
            }
            // Every report has moved a bounded number of messages, and read once more nothing moves at all.
            #expect(published <= operations * 12, "seed \(seed)")
            let writes = (skola24.state.withLock { $0.writes }, tempus.state.withLock { $0.writes })
            #expect(try await hall.settle() == published, "something moves though nobody does anything, seed \(seed)")
            #expect(skola24.state.withLock { $0.writes } == writes.0 && tempus.state.withLock { $0.writes } == writes.1)
        }
    }

    /// One thing that a guardian, or somebody at the care system, does.
    private static func act(
        _ child: inout Child, number: Int, _ school: TwoSidedSystem, _ care: TwoSidedSystem, _ random: inout SeededRandom
    ) {
        let day = Int.random(in: Self.days, using: &random)
        switch Int.random(in: 0..<9, using: &random) {
        case 0, 1, 2:
            let from = Int.random(in: 8...15, using: &random)
            let report = Report(day: day, from: from, to: Int.random(in: from + 1...17, using: &random))
            let id = Documents.id(100_000 + number)
            child.school[id] = report
            let absence = Self.held(child.id, report)
            school.state.withLock { $0.own[id] = absence }
        case 3:
            guard let id = child.school.keys.sorted().randomElement(using: &random) else { return }
            let from = Int.random(in: 8...15, using: &random)
            let report = Report(day: day, from: from, to: Int.random(in: from + 1...17, using: &random))
            child.school[id] = report
            let absence = Self.held(child.id, report)
            school.state.withLock { $0.own[id] = absence }
        case 4:
            guard let id = child.school.keys.sorted().randomElement(using: &random) else { return }
            child.school[id] = nil
            school.state.withLock { $0.own[id] = nil }
        case 5:
            let whole = Bool.random(using: &random)
            let report = Report(day: day, from: whole ? 6 : 14, to: whole ? 18 : 16)
            let id = Documents.id(500_000 + number)
            child.care[id] = report
            let absence = Self.held(child.id, report)
            care.state.withLock { $0.own[id] = absence }
        case 6:
            guard let id = child.care.keys.sorted().randomElement(using: &random) else { return }
            child.care[id] = nil
            care.state.withLock { $0.own[id] = nil }
        case 7:
            // Somebody changes a copy.
            let student = child.id
            care.state.withLock { state in
                guard let id = state.given.filter({ $0.value.student == student }).keys.sorted().first else { return }
                state.given[id]?.to = Self.time(day, 23)
            }
        default:
            // Somebody removes a copy.
            let student = child.id
            for system in [school, care] {
                system.state.withLock { state in
                    guard let id = state.given.filter({ $0.value.student == student }).keys.sorted().last else { return }
                    state.given[id] = nil
                }
            }
        }
    }

    /// What care, and what school, is to have been given: the stay is 13 to 17 every day.
    private static func expected(_ child: Child) -> (care: Set<TwoSidedSystem.Absence>, school: Set<TwoSidedSystem.Absence>) {
        var care: Set<TwoSidedSystem.Absence> = []
        var school: Set<TwoSidedSystem.Absence> = []
        for day in Self.days {
            let reports = child.school.filter { $0.value.day == day }
                .sorted { ($0.value.from, $0.key) < ($1.value.from, $1.key) }.map(\.value)
            let own = child.care.values.filter { $0.day == day }
            if own.isEmpty {
                var taken = 13
                for report in reports {
                    let from = max(report.from, taken)
                    guard report.to > from else { continue }
                    care.insert(Self.held(child.id, Report(day: day, from: from, to: report.to)))
                    taken = report.to
                }
            }
            if reports.isEmpty, own.contains(where: { $0.from <= 13 && $0.to >= 17 }) {
                school.insert(
                    TwoSidedSystem.Absence(student: child.id, from: Self.time(day, 0), to: Self.time(day + 1, 0)))
            }
        }
        return (care, school)
    }
}

/// The hub between the two: real intake, flows, store and deliveries.
private struct Hall {
    let hub: TestHub
    let school: TwoSidedSystem
    let care: TwoSidedSystem
    private let clock = TestHub.clock("2026-03-01T08:00:00Z")

    init(hub: TestHub, school: TwoSidedSystem, care: TwoSidedSystem) {
        self.hub = hub
        self.school = school
        self.care = care
    }

    private var kinds: [FlowKind] { [.absenceOnce, .absenceDay] }

    func open(children: Int) async throws {
        var targets: [String: [String]] = [:]
        for system in [self.school.system, self.care.system] { targets[system] = ["absence"] }
        let flows = Dictionary(uniqueKeysWithValues: self.kinds.map { ($0.name, $0.reads.map(\.rawValue)) })
        try await self.hub.broker.declare(HubTopology.topology(targets: targets, flows: flows))
        var states: [RecordState] = []
        for number in 0..<children {
            let (child, place) = (Documents.id(10_000 + number), Documents.id(20_000 + number))
            func add(_ entity: Entity, _ id: String, _ json: JSONValue) {
                states.append(RecordState(key: RecordKey(entity, id), owner: child, body: json.canonicalData))
            }
            add(
                .placement, place,
                [
                    "id": .string(place), "placedAt": ["id": .string(Documents.id(1))], "child": ["id": .string(child)],
                    "schoolType": "FTH", "startDate": "2026-01-01",
                ])
            let week = ["Måndag", "Tisdag", "Onsdag", "Torsdag", "Fredag"].map { day -> JSONValue in
                ["weekOffset": 0, "dayOfWeek": .string(day), "startTime": "13:00", "endTime": "17:00"]
            }
            add(
                .attendanceSchedule, Documents.id(30_000 + number),
                [
                    "id": .string(Documents.id(30_000 + number)), "placement": ["id": .string(place)], "numberOfWeeks": 1,
                    "startDate": "2026-01-01", "scheduleEntries": .array(week),
                ])
        }
        _ = try await self.hub.store.take(
            states, withheld: [], failures: [], source: "edlevo", time: self.clock.timestamp)
        try await self.hub.markRead(.person, .placement)
        try await self.rest()
    }

    /// Reads a system in full, as often as it takes to see what was just written.
    func read(_ system: TwoSidedSystem) async throws {
        var limits = ChangeLimits()
        (limits.updateFloor, limits.deleteFloor) = (1_000_000, 1_000_000)
        let intake = Intake(
            source: system, store: self.hub.store, key: self.hub.key, mappings: self.hub.mappings, limits: limits,
            clock: self.clock, logger: self.hub.logger)
        _ = try await intake.run(.full)
    }

    /// Runs relay, flows and deliveries until nothing is under way.
    func rest() async throws {
        let hub = self.hub
        var services: [any Service] = [OutboxRelay(store: hub.store, broker: hub.broker, clock: .system, logger: hub.logger)]
        for kind in self.kinds {
            services.append(
                FlowService(
                    kind, broker: hub.broker, store: hub.store, mappings: hub.mappings, clock: self.clock, logger: hub.logger))
        }
        for system in [self.school, self.care] {
            services.append(
                DeliveryService(
                    target: system, broker: hub.broker, store: hub.store, key: hub.key, mappings: hub.mappings,
                    clock: self.clock, linger: .milliseconds(5), logger: hub.logger))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            for await _ in hub.store.changes(every: .milliseconds(20)) where try await self.isQuiet() { break }
            group.cancelAll()
        }
    }

    private func isQuiet() async throws -> Bool {
        guard try await self.hub.store.backlog() == 0 else { return false }
        for queue in [self.school, self.care].map({ HubTopology.deliveryQueue(of: $0.system) })
            + self.kinds.map({ HubTopology.flowQueue(of: $0.name) })
        {
            guard try await self.hub.broker.depth(of: queue) == 0 else { return false }
        }
        for system in [self.school.system, self.care.system] {
            guard try await self.hub.store.lag(of: system, entities: [.absence]) == 0,
                try await self.hub.store.prepared(for: system) == nil
            else { return false }
        }
        return try await self.hub.store.backlog() == 0
    }

    /// Reads both and rests until a whole turn publishes nothing.
    ///
    /// - Returns: messages published in all.
    func settle() async throws -> Int {
        var published = -1
        for _ in 0..<8 {
            try await self.read(self.school)
            try await self.read(self.care)
            try await self.rest()
            let now = try await self.hub.store.counts().published
            if now == published { return now }
            published = now
        }
        let held = try await self.hub.store.heldChanges(HeldFilter()).map { "\($0.id) \($0.state)" }
        throw TestProblem("it doesn't come to rest; held: \(held)")
    }

    func given(_ system: TwoSidedSystem, to student: String) -> Set<TwoSidedSystem.Absence> {
        Set(system.state.withLock { $0.given.values.filter { $0.student == student } })
    }
}
