import ConnectorKit
import Foundation
import Hub
import Mapping
import Messaging
import Reconciliation
import SchoolRecords
import StandIns
import Synchronization
import TestChance
import Testing

@Suite("What is on its way is no difference")
struct InFlightTests {
    /// Changes records of the register.
    private actor Changer {
        private let world: ReconcileWorld
        private var random: SeededRandom
        private var persons: [RecordKey] = []
        private var placements: [RecordKey] = []

        init(_ world: ReconcileWorld, seed: UInt64) async throws {
            self.world = world
            self.random = SeededRandom(seed: seed)
            self.persons = try await world.hub.store.liveRecords(of: .person, after: nil, limit: 100_000).map(\.key)
            self.placements = try await world.hub.store.liveRecords(of: .placement, after: nil, limit: 100_000).map(\.key)
        }

        func change(_ count: Int) async throws { for _ in 0..<count { try await self.change() } }

        private func change() async throws {
            let store = self.world.hub.store
            let isPerson = Bool.random(using: &self.random)
            guard let key = (isPerson ? self.persons : self.placements).randomElement(using: &self.random),
                let record = try await store.records([key])[key]
            else { return }
            let number = Int.random(in: 0..<1000, using: &self.random)
            let isGone = !isPerson && number < 100 && record.operation == .upserted
            var body = try JSONValue(parsing: record.body)
            guard record.operation == .upserted else { return }
            if isPerson {
                body["familyName"] = .string("Ändrad \(number)")
            } else {
                body["maxWeeklyScheduleHours"] = .integer(Int64(number % 50))
            }
            let owner = isPerson ? key.id : body["child"]?["id"]?.stringValue
            _ = try await store.take(
                [RecordState(key: key, owner: owner, body: isGone ? nil : body.canonicalData)], withheld: [], failures: [],
                source: "edlevo", time: HubClock.system.timestamp)
        }
    }

    /// The faults that come and go while systems are compared.
    enum Fault: String, CaseIterable, CustomTestStringConvertible {
        case none = "nothing else happens"
        case outage = "systems take nothing for a while"
        case delay = "systems are slow to tell"

        var testDescription: String { self.rawValue }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Fault.allCases)
    func `a hundred changes a second make no false alarm`(fault: Fault) async throws {
        // A limit would hold what the changes do to a town this small.
        let free: JSONValue = [
            "updates": ["percent": 100, "at_least": 1_000_000], "deletes": ["percent": 100, "at_least": 1_000_000],
        ]
        try await ReconcileWorld.with(.small, roles: 20, limits: free, keepsPlaces: false) { world in
            let changer = try await Changer(world, seed: 17)
            // A page is told after ten more changes: more than a hundred in a second or two. A slow system is one that tells it only
            // when some of them have arrived.
            let onPage: @Sendable (Int) async throws -> Void = { _ in
                let before = try await world.settled()
                try await changer.change(10)
                guard fault == .delay else { return }
                for await _ in world.hub.store.changes(every: .milliseconds(20)) {
                    if try await world.settled() >= before + 5 { break }
                }
            }
            for system in world.systems.values { system.state.withLock { $0.onPage = onPage } }
            try await world.delivering {
                var seenInFlight = 0
                for round in 0..<8 {
                    if fault == .outage {
                        for name in ["vega", "tempus", "skola24files"] {
                            world.systems[name]?.state.withLock { $0.takesNothing = round % 3 != 2 }
                        }
                    }
                    let run = try await world.run(world.reconciler(clock: .system))
                    let real = try await world.findings(run).map(\.finding).filter(\.isReal)
                    let told = real.prefix(4).map {
                        "\($0.system) \($0.kind) \($0.situation) \($0.cause) \($0.record?.description ?? "-") \($0.fields.map(\.name))"
                    }
                    #expect(told.isEmpty, "round \(round): \(real.count) beside \(run.inFlight)")
                    seenInFlight += run.inFlight
                }
                #expect(seenInFlight > 0)
                for system in world.systems.values {
                    system.state.withLock { state in
                        state.takesNothing = false
                        state.onPage = nil
                    }
                }
                for await _ in world.hub.store.changes(every: .milliseconds(20)) {
                    var lag = 0
                    for name in ReconcileWorld.names {
                        lag += try await world.hub.store.lag(
                            of: name, entities: Set(world.hub.mappings.set.deliveredEntities(system: name)))
                    }
                    guard lag == 0, try await world.isSettled(), try await world.hub.store.waitingCounts().isEmpty else {
                        continue
                    }
                    break
                }
                let run = try await world.run()
                let left = try await world.findings(run).map(\.finding).filter(\.situation.isFault)
                let told = left.prefix(5).map {
                    "\($0.system) \($0.kind) \($0.situation) \($0.cause) \($0.record?.description ?? "-") \($0.fields.map(\.name))"
                }
                #expect(told.isEmpty, "\(left.count)")
            }
        }
    }

    @Test func `what came after an export was written is on its way, however long ago that is`() async throws {
        try await ReconcileWorld.with(.small, roles: 0) { world in
            let unikum = try #require(world.systems["unikum"])
            let lost = try #require(world.expected["unikum"]?.keys.first { $0.kind == "student_in_class" })
            unikum.state.withLock { state in
                state.rows[lost] = nil
                state.asOf = Date().addingTimeInterval(-3600)
            }
            let early = try await world.run()
            #expect(early.differences == 0 && early.inFlight == 1)
            unikum.state.withLock { $0.asOf = Date().addingTimeInterval(3) }
            let late = try await world.run()
            #expect(late.differences == 1 && late.inFlight == 0)
        }
    }

    @Test func `a row that is being written counts as on its way until that is settled`() async throws {
        try await ReconcileWorld.with(.small, roles: 0) { world in
            let store = world.hub.store
            let lost = try #require(world.expected["vega"]?.keys.first { $0.kind == "pupil" })
            world.systems["vega"]?.state.withLock { $0.rows[lost] = nil }
            let key = try #require(world.givers["vega"]?[lost]?.first)
            let record = try #require(await store.records([key])[key])
            let rows = try await store.states(of: [key], in: "vega")[key]?.rows ?? []
            let write = TargetWrite(record: key, sequence: record.sequence, set: rows, removed: [])
            let settlement = Settlement(
                key: key, sequence: record.sequence, outcome: .applied(rows: rows, references: [], missing: []))
            try await store.prepare(
                PreparedBatch(system: "vega", batch: TargetBatch(id: "1", writes: [write]), settlements: [settlement]))
            let during = try await world.run()
            #expect(during.differences == 0 && during.inFlight >= 1)
            try await store.settle([settlement], in: "vega", time: RFC3339.later(HubClock.system.timestamp, by: -3600))
            let after = try await world.run()
            #expect(after.differences >= 1 && after.inFlight == 0)
        }
    }

    @Test func `a system that is away is told as such, and the others are compared`() async throws {
        try await ReconcileWorld.with(.small, roles: 0) { world in
            world.systems["vega"]?.state.withLock { $0.isAway = true }
            let run = try await world.run()
            let vega = try #require(run.systems.first { $0.system == "vega" })
            #expect(vega.state == .unread && vega.problem == "nobody listens" && vega.situations.isEmpty)
            let others = run.systems.filter { $0.system != "vega" }.allSatisfy { $0.state == .done && $0.agreement == 1 }
            #expect(others && !run.isComplete)
        }
    }
}
