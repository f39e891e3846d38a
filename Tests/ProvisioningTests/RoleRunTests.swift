import Hub
import Mapping
import Provisioning
import SchoolRecords
import TestChance
import Testing

/// Runs of plans, whatever becomes of their steps. `KNUTPUNKT_SEED` repeats a run.
@Suite("Runs of role plans")
struct RoleRunTests {
    /// Takes and follows the steps of a plan in rounds, with outcomes by chance.
    private struct Walk {
        let plan: RolePlan
        private(set) var run: RoleRun
        private var random: SeededRandom
        /// In a hundred, how often a step doesn't reach its target.
        private let trouble: Int

        init(_ plan: RolePlan, units: Set<String?>, seed: UInt64, trouble: Int) {
            self.plan = plan
            self.run = RoleRun(plan: plan, states: RoleRun.steps(of: plan, units: units))
            self.random = SeededRandom(seed: seed)
            self.trouble = trouble
        }

        private mutating func outcome() -> RoleStepState.State {
            let bad: [RoleStepState.State] = [.failed, .dependent, .left]
            if Int.random(in: 0..<100, using: &self.random) < self.trouble {
                return bad.randomElement(using: &self.random) ?? .failed
            }
            return [.delivered, .delivered, .delivered, .nothing, .taken].randomElement(using: &self.random) ?? .delivered
        }

        /// - Parameter look: at each moment.
        mutating func walk(_ look: (RoleRun) -> Void) {
            for _ in 0..<10_000 where !self.run.isOver {
                for var state in self.run.states where state.state == .taken {
                    state.state = self.outcome()
                    self.run.set(state)
                    look(self.run)
                }
                _ = self.run.leave()
                for var state in self.run.due(limit: Int.random(in: 1...4, using: &self.random)) {
                    state.state = .taken
                    self.run.set(state)
                    look(self.run)
                }
                // Whoever comes after a crash has nothing but what was written down.
                self.run = RoleRun(plan: self.plan, states: self.run.states.shuffled(using: &self.random))
            }
        }
    }

    /// What a system may hold at a moment: a grant from when it is sent, and what is revoked until it is known to be gone.
    private static func possible(_ run: RoleRun, _ plan: RolePlan, _ held: [GrantKey: RoleGrant]) -> Set<GrantKey> {
        var keys = Set(held.keys)
        for state in run.states {
            let step = plan.steps[state.number]
            switch step.action {
            case .revoke: if state.state == .delivered || state.state == .nothing { keys.remove(step.key) }
            case .grant: if state.state != .waiting, state.state != .left { keys.insert(step.key) }
            case .change, .keep, .block: break
            }
        }
        return keys
    }

    private static func meetings(_ keys: Set<GrantKey>, _ naive: Naive) -> Set<[GrantKey]> {
        var found: Set<[GrantKey]> = []
        for own in Dictionary(grouping: keys, by: \.person).values {
            for left in own {
                for right in own where left < right && naive.collide(left, right) { found.insert([left, right]) }
            }
        }
        return found
    }

    @Test func `whatever becomes of the steps, roles that must not meet don't, and who moves keeps the old place until the new`()
    {
        let seed = PlanLawTests.seed()
        var (left, moves) = (0, 0)
        PlanLawTests.worlds(seed) { seed, world in
            let planner = PlanLawTests.planner(world)
            let (plan, naive) = (planner.plan(), Naive(world: world))
            let before = Self.meetings(Set(planner.held.keys), naive)
            var walk = Walk(plan, units: Set(plan.steps.map(\.unit)), seed: seed, trouble: 25)
            walk.walk { run in
                let met = Self.meetings(Self.possible(run, plan, planner.held), naive).subtracting(before)
                #expect(met.isEmpty, "seed \(seed): \(met)")
                let states = Dictionary(uniqueKeysWithValues: run.states.map { ($0.id, $0.state) })
                for state in run.states where state.state == .taken && plan.steps[state.number].action == .revoke {
                    let awaited = plan.steps[state.number].waitsFor
                    moves += awaited.count
                    #expect(awaited.allSatisfy { states[$0] == .delivered || states[$0] == .nothing }, "seed \(seed)")
                }
            }
            #expect(walk.run.isOver, "seed \(seed)")
            left += walk.run.counts[.left] ?? 0
        }
        #expect(left > 100 && moves > 100, "\(left) left, \(moves) moves")
    }

    @Test func `without trouble every step is taken, once, however often the run is begun anew`() {
        let seed = PlanLawTests.seed()
        PlanLawTests.worlds(seed) { seed, world in
            let plan = PlanLawTests.planner(world).plan()
            var walk = Walk(plan, units: Set(plan.steps.map(\.unit)), seed: seed, trouble: 0)
            var taken: [String: Int] = [:]
            var before: [String: RoleStepState.State] = [:]
            walk.walk { run in
                for state in run.states where state.state == .taken && before[state.id] != .taken {
                    taken[state.id, default: 0] += 1
                }
                before = Dictionary(uniqueKeysWithValues: run.states.map { ($0.id, $0.state) })
            }
            #expect(walk.run.states.allSatisfy { $0.state == .delivered || $0.state == .nothing }, "seed \(seed)")
            #expect(Set(taken.keys) == Set(plan.steps.map(\.id)) && taken.values.allSatisfy { $0 == 1 }, "seed \(seed)")
        }
    }

    /// - Returns: how many steps wait for other units.
    private static func expectOnly(_ units: Set<String?>, of plan: RolePlan, seed: UInt64) -> Int {
        var walk = Walk(plan, units: units, seed: seed, trouble: 0)
        walk.walk { run in #expect(run.states.allSatisfy { units.contains($0.unit) }, "seed \(seed)") }
        let done = Set(walk.run.states.filter { $0.state == .delivered || $0.state == .nothing }.map(\.id))
        var waiting = 0
        for state in walk.run.states {
            let isFree = done.isSuperset(of: plan.steps[state.number].waitsFor)
            #expect(done.contains(state.id) == isFree, "seed \(seed)")
            if !isFree { waiting += 1 }
        }
        return waiting
    }

    @Test func `of some units only their steps are taken, and what waits for the others isn't`() {
        let seed = PlanLawTests.seed()
        var waiting = 0
        for round in 0..<UInt64(PlanLawTests.rounds) {
            var world = RandomWorld(seed: seed &+ round)
            var units: Set<String?> = []
            for unit in world.some(RandomWorld.schools) { units.insert(unit) }
            waiting += Self.expectOnly(units, of: PlanLawTests.planner(world).plan(), seed: seed &+ round)
        }
        #expect(waiting > 5, "\(waiting) steps that wait for other units")
    }
}
