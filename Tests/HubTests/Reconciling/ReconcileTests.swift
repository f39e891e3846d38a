import ConnectorKit
import Foundation
import Hub
import Reconciliation
import SchoolRecords
import StandIns
import Synchronization
import TestChance
import Testing

@Suite("What systems hold, held against what they should")
struct ReconcileTests {
    @Test func `systems that hold what they should have no differences`() async throws {
        try await ReconcileWorld.with(.small, roles: 20) { world in
            let run = try await world.run()
            #expect(run.isComplete && run.agreement == 1)
            let findings = try await world.findings(run).filter { $0.finding.situation.isFault }
            #expect(findings.isEmpty, "\(findings.prefix(10).map(\.finding))")
            for system in run.systems {
                let rows = world.expected[system.system]?.count
                #expect(system.total.equal == rows, "\(system.system)")
                #expect(rows ?? 0 > 10)
            }
        }
    }

    /// 48 kinds of disagreement, so many of each, hidden in a municipality over five systems.
    private static func plant(
        _ scale: SyntheticMunicipality.Scale, _ amount: Int, seed: UInt64, _ body: (Planting, ReconcileWorld) async throws -> Void
    ) async throws {
        var keptBack: [String: [RecordKey]] = [:]
        var random = SeededRandom(seed: seed)
        try await ReconcileWorld.with(scale, roles: 3 * amount, seed: seed) { pupils in
            var rest = pupils.shuffled(using: &random)[...]
            for fate in Planting.fates {
                keptBack[fate] = Array(rest.prefix(amount))
                rest = rest.dropFirst(amount)
            }
            return (Set(keptBack.values.joined()), Set(keptBack["under way"] ?? []))
        } _: { world in
            var planting = Planting(world, amount: amount, keptBack: keptBack, seed: seed)
            try await planting.plantAll()
            try await body(planting, world)
        }
    }

    /// What a run says of faults, in the words of what is planted.
    private static func told(_ findings: [KeptFinding]) -> [Planted] {
        findings.map(\.finding).filter { $0.situation.isFault }.map { finding in
            Planted(
                system: finding.system, kind: finding.kind, key: finding.key, situation: finding.situation, cause: finding.cause,
                remedy: finding.remedy, fields: finding.fields.map { "\($0.name) \($0.nature)" }, authority: finding.authority,
                name: "found")
        }
    }

    private static func compare(_ found: [Planted], _ planted: [Planted]) {
        var open = Dictionary(grouping: found, by: { $0 }).mapValues(\.count)
        var missed: [Planted] = []
        for one in planted {
            if let count = open[one], count > 0 { open[one] = count - 1 } else { missed.append(one) }
        }
        let wrong = open.filter { $0.value > 0 }.keys
        #expect(
            missed.isEmpty,
            "\(missed.count) not found as they are: \(Dictionary(grouping: missed, by: \.name).map { "\($0.value.count) × \($0.value[0])" })"
        )
        #expect(wrong.isEmpty, "\(wrong.count) found wrongly: \(Set(wrong.map(\.description)).sorted().prefix(20))")
    }

    /// Has everything mended that the hub can mend, and looks again.
    private static func mend(
        _ planting: Planting, _ world: ReconcileWorld, _ run: ReconcileRun, needsApproval: Bool
    ) async throws {
        let order = try await world.repairer.order(run.id, FindingFilter(), by: "maker")
        let number = order.findings.count
        #expect(number == run.repairable)
        var sent = try await world.repairer.place(order)
        #expect(order.needsApproval || !needsApproval)
        if order.needsApproval {
            let isUntouched = world.systems.values.allSatisfy { $0.state.withLock(\.touched).isEmpty }
            #expect(sent.state == .waiting && isUntouched)
            await #expect(throws: RepairRefusal.ownRepair(order.id)) {
                try await world.repairer.approve(order.id, reason: "seen", by: "maker")
            }
            sent = try await world.repairer.approve(order.id, reason: "seen", by: "other")
        }
        #expect(sent.state == .sent && sent.moved == 0)
        try await world.settle(sent.records)
        let repairable = planting.planted.filter { $0.remedy.isRepairable && !$0.cause.isInFlight }
        let planted = Set(repairable.map { "\($0.system) \($0.kind) \($0.key)" })
        let touched = Set(
            world.systems.flatMap { name, system in
                system.state.withLock { $0.touched.map { "\(name) \($0.kind) \($0.key)" } }
            })
        #expect(touched == planted, "\(touched.subtracting(planted).count) too many, \(planted.subtracting(touched).count) not")
        let again = try await world.run()
        #expect(again.repairable == 0)
        let verified = try await world.hub.store.repair(order.id)
        #expect(verified?.state == .verified && verified?.verifiedBy == again.id)
        let left = planting.planted.filter { one in
            !repairable.contains(one) && one.remedy != .mendAwaited || one.cause == .waiting
        }
        Self.compare(Self.told(try await world.findings(again)), left)
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `every planted disagreement is found for what it is, and nothing else`(seed: UInt64) async throws {
        try await Self.plant(.custom(children: 700), 6, seed: seed) { planting, world in
            let run = try await world.run()
            Self.compare(Self.told(try await world.findings(run)), planting.planted)
            #expect(planting.names.count >= 40)
            for system in run.systems where system.system != "skolon" {
                #expect(system.situations[.withheld] == world.protectedPersons.count, "\(system.system)")
            }
            try await Self.mend(planting, world, run, needsApproval: false)
        }
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `a run over changes finds what a full run finds`(seed: UInt64) async throws {
        try await ReconcileWorld.with(.custom(children: 300), roles: 20, seed: seed) { world in
            // A minute passes between one thing and the next.
            let minutes = Mutex(1.0)
            let clock = HubClock(now: { Date().addingTimeInterval(minutes.withLock { $0 } * 60) }, sleep: HubClock.system.sleep)
            func next() -> Reconciler {
                minutes.withLock { $0 += 1 }
                return world.reconciler(clock: clock)
            }
            var changes = ReconcileScope()
            changes.mode = .changed
            // Without a run before it looks at everything.
            let first = try await world.run(next(), scope: changes)
            #expect(first.differences == 0 && first.systems.allSatisfy { $0.total.expected == world.expected[$0.system]?.count })
            var random = SeededRandom(seed: seed)
            for round in 0..<4 {
                for system in world.systems.values {
                    system.state.withLock { state in
                        for row in state.rows.keys.sorted(by: { ($0.kind, $0.key) < ($1.kind, $1.key) }).shuffled(using: &random)
                            .prefix(4)
                        {
                            switch Int.random(in: 0..<3, using: &random) {
                            case 0: state.rows[row] = nil
                            case 1: state.rows[row]?["extra"] = "round \(round)"
                            default: state.rows[RowIdentity(kind: row.kind, key: "new-\(round)-\(row.key)")] = state.rows[row]
                            }
                        }
                    }
                }
                // A place of which nobody has been given the new state yet.
                let places = try await world.hub.store.liveRecords(of: .placement, after: nil, limit: 1000)
                minutes.withLock { $0 += 1 }
                let place = try #require(places.randomElement(using: &random))
                var body = try JSONValue(parsing: place.body)
                body["maxWeeklyScheduleHours"] = .integer(Int64(60 + round))
                _ = try await world.hub.store.take(
                    [RecordState(key: place.key, owner: nil, body: body.canonicalData)], withheld: [], failures: [],
                    source: "edlevo",
                    time: clock.timestamp)
                let changed = try await world.run(next(), scope: changes)
                let full = try await world.run(next())
                let (some, all) = (Self.told(try await world.findings(changed)), Self.told(try await world.findings(full)))
                Self.compare(some, all)
                #expect(all.count > 10)
                for (one, other) in zip(changed.systems, full.systems) {
                    #expect(one.rows == other.rows && one.situations == other.situations, "\(one.system)")
                }
            }
        }
    }

    @Test func `what is too much for one repair is too much in pieces`() async throws {
        try await ReconcileWorld.with(.custom(children: 300), roles: 0) { world in
            let rows = (world.expected["vega"] ?? [:]).keys.filter { $0.kind == "pupil" }.sorted { $0.key < $1.key }
            // More than 50, and more than a fifth.
            let lost = rows.prefix(max(60, rows.count / 4))
            world.systems["vega"]?.state.withLock { state in for row in lost { state.rows[row] = nil } }
            let run = try await world.run()
            let numbers = try await world.findings(run).filter(\.finding.isReal).map(\.number)
            try #require(numbers.count == lost.count && rows.count < 1000)
            let half = Set(numbers.prefix(numbers.count / 2))
            let first = try await world.repairer.order(run.id, FindingFilter(), numbers: half, by: "maker")
            let sent = try await world.repairer.place(first)
            #expect(sent.state == .sent && sent.findings.count == half.count)
            let rest = try await world.repairer.order(run.id, FindingFilter(), by: "maker")
            #expect(rest.findings.count == numbers.count - half.count && rest.needsApproval)
        }
    }

    @Test func `a run that somebody cancels ends, keeps what it compared, and goes on from there`() async throws {
        try await ReconcileWorld.with(.small, roles: 20) { world in
            let lost = try #require(world.expected["unikum"]?.keys.first { $0.kind == "student_in_class" })
            world.systems["unikum"]?.state.withLock { $0.rows[lost] = nil }
            let child = try #require(world.expected["tempus"]?.keys.first { $0.kind == "child" })
            world.systems["skola24files"]?.state.withLock { state in
                for row in state.rows.keys.filter({ $0.kind == "guardian" }).prefix(3) { state.rows[row] = nil }
            }
            world.systems["tempus"]?.state.withLock { $0.rows[child]?["givenName"] = "Annan" }
            let reconciler = world.reconciler
            let begun = try await reconciler.begin(ReconcileScope(), systems: ReconcileWorld.names, by: "tester")
            let store = world.hub.store
            await #expect(throws: CancellationError.self) {
                try await reconciler.carryOut(begun, try world.targets()) { progress in
                    // In the middle of it, from another process.
                    guard case .compared = progress, var run = try? await store.reconcileRun(begun.id) else { return }
                    run.state = .cancelled
                    try? await store.keep(run)
                }
            }
            var run = try #require(await store.reconcileRun(begun.id))
            let done = run.systems.filter { $0.state == .done }.map(\.system)
            #expect(run.state == .cancelled && !done.isEmpty && done.count < ReconcileWorld.names.count)
            for name in done { world.systems[name]?.state.withLock { $0.isAway = true } }
            run.state = .running
            try await store.keep(run)
            let whole = try await reconciler.carryOut(run, try world.targets())
            #expect(whole.isComplete && whole.differences == 5)
            let found = try await world.findings(whole).filter(\.finding.isReal)
            #expect(found.count == 5 && Set(found.map(\.number)).count == 5)
            #expect(whole.units.values.reduce(0, +) == 5)
        }
    }

    /// By `make test-agreement` in a municipality of 17,000 people; otherwise in a smaller one.
    @Test(.timeLimit(.minutes(30)))
    func `disagreements of every kind, many of each, are found and mended`() async throws {
        let variables = ProcessInfo.processInfo.environment
        let amount = variables["KNUTPUNKT_DISAGREEMENTS"].flatMap(Int.init) ?? 25
        let seed = variables["KNUTPUNKT_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
        print("\(amount) of each kind, seed \(seed) (KNUTPUNKT_SEED repeats it)")
        let scale: SyntheticMunicipality.Scale = amount > 60 ? .lulea : .custom(children: amount * 90)
        try await Self.plant(scale, amount, seed: seed) { planting, world in
            let run = try await world.run()
            Self.compare(Self.told(try await world.findings(run)), planting.planted)
            try await Self.mend(planting, world, run, needsApproval: amount >= 500)
        }
    }
}
