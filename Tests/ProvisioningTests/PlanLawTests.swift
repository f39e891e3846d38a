import Foundation
import Hub
import Mapping
import Provisioning
import SchoolRecords
import TestChance
import Testing

/// What holds for every plan, tried on made-up policies and municipalities. `KNUTPUNKT_SEED` repeats a run.
@Suite("Laws of role plans")
struct PlanLawTests {
    static let rounds = 400

    static func seed() -> UInt64 {
        let seed = ProcessInfo.processInfo.environment["KNUTPUNKT_SEED"].flatMap(UInt64.init) ?? .random(in: 1...999_999_999)
        print("KNUTPUNKT_SEED=\(seed)")
        return seed
    }

    static func worlds(_ seed: UInt64, _ body: (UInt64, RandomWorld) throws -> Void) rethrows {
        for round in 0..<UInt64(Self.rounds) { try body(seed &+ round, RandomWorld(seed: seed &+ round)) }
    }

    static func planner(_ world: RandomWorld, held: [RoleGrant]? = nil) -> RolePlanner {
        var roles = world.held
        if let held { roles.grants = held }
        return RolePlanner(policy: world.policy, population: world.population, held: roles, date: RandomWorld.date)
    }

    /// Some systems and units, or all.
    private static func filter(_ world: inout RandomWorld) -> (systems: Set<String>?, units: Set<String>?) {
        let systems = world.chance(40) ? world.some(RandomWorld.systems) : nil
        return (systems, world.chance(40) ? world.some(RandomWorld.schools) : nil)
    }

    @Test func `applying a plan and planning again gives an empty plan`() {
        let seed = Self.seed()
        var steps = 0
        Self.worlds(seed) { seed, world in
            var world = world
            let (systems, units) = Self.filter(&world)
            let planner = Self.planner(world)
            let plan = planner.plan(systems: systems, units: units)
            steps += plan.steps.count
            let after = plan.applied(to: planner.held)
            let again = Self.planner(world, held: Array(after.values)).plan(systems: systems, units: units)
            // What waited for a revocation that isn't asked for waits still; nothing else is left to do.
            #expect(again.steps.isEmpty, "seed \(seed): \(again.steps.map { "\($0.action) \($0.key)" })")
        }
        #expect(steps > 2_000)
    }

    @Test func `a plan is the same whatever order records come in`() {
        let seed = Self.seed()
        Self.worlds(seed) { seed, world in
            var other = world
            other.population.organisations.shuffle(using: &other.random)
            other.population.persons.shuffle(using: &other.random)
            other.population.groups.shuffle(using: &other.random)
            other.population.duties.shuffle(using: &other.random)
            other.population.placements.shuffle(using: &other.random)
            other.population.decisions.shuffle(using: &other.random)
            other.held.grants.shuffle(using: &other.random)
            let (plan, same) = (Self.planner(world).plan(term: "HT2026"), Self.planner(other).plan(term: "HT2026"))
            #expect(plan == same, "seed \(seed)")
            #expect(plan.json.canonicalData == same.json.canonicalData, "seed \(seed)")
        }
    }

    @Test func `undoing a plan restores what was held, step for step`() {
        let seed = Self.seed()
        Self.worlds(seed) { seed, world in
            var world = world
            let (systems, units) = Self.filter(&world)
            let planner = Self.planner(world)
            let plan = planner.plan(systems: systems, units: units)
            let undo = plan.undo()
            #expect(undo.applied(to: plan.applied(to: planner.held)) == planner.held, "seed \(seed)")
            for count in 0...plan.steps.count {
                #expect(
                    undo.applied(to: plan.applied(to: planner.held), first: count)
                        == plan.applied(to: planner.held, first: plan.steps.count - count), "seed \(seed)")
            }
            Self.expectOrder(undo, "seed \(seed)")
        }
    }

    /// Every step comes after those that it waits for.
    private static func expectOrder(_ plan: RolePlan, _ seed: String) {
        var taken: Set<String> = []
        for step in plan.steps {
            #expect(taken.isSuperset(of: step.waitsFor), "\(seed): \(step.action) \(step.key)")
            taken.insert(step.id)
        }
        #expect(taken.count == plan.steps.count, "\(seed)")
    }

    @Test func `at no moment of a plan do roles meet that must not`() {
        let seed = Self.seed()
        var collisions = 0
        Self.worlds(seed) { seed, world in
            var world = world
            let (systems, units) = Self.filter(&world)
            let planner = Self.planner(world)
            let naive = Naive(world: world)
            func meetings(_ held: [GrantKey: RoleGrant]) -> Set<[GrantKey]> {
                var found: Set<[GrantKey]> = []
                for own in Dictionary(grouping: held.keys, by: \.person).values {
                    for left in own {
                        for right in own where left < right && naive.collide(left, right) { found.insert([left, right]) }
                    }
                }
                return found
            }
            let plan = planner.plan(systems: systems, units: units)
            let before = meetings(planner.held)
            collisions += before.count
            for (way, plan, start) in [
                ("there", plan, planner.held), ("back", plan.undo(), plan.applied(to: planner.held)),
            ] {
                for count in 0...plan.steps.count {
                    let new = meetings(plan.applied(to: start, first: count)).subtracting(before)
                    #expect(new.isEmpty, "seed \(seed), \(way), step \(count): \(new)")
                }
            }
            if systems == nil, units == nil {
                // What a system holds that the policy decides nothing of may have met before, and nobody has it taken away.
                let left = meetings(plan.applied(to: planner.held))
                let kept = Set(plan.kept.filter(\.reasons.isEmpty).map(\.key))
                #expect(left.allSatisfy { kept.isSuperset(of: $0) }, "seed \(seed): \(left)")
            }
        }
        #expect(collisions > 50)
    }

    @Test func `revocations reach a target before the grants that they make room for`() {
        let seed = Self.seed()
        var conflicts = 0
        var moves = 0
        Self.worlds(seed) { seed, world in
            let plan = Self.planner(world).plan()
            let naive = Naive(world: world)
            Self.expectOrder(plan, "seed \(seed)")
            let places = Dictionary(uniqueKeysWithValues: plan.steps.enumerated().map { ($1.key, $0) })
            for grant in plan.steps where grant.action == .grant {
                for revocation in plan.steps where revocation.action == .revoke && revocation.key.person == grant.key.person {
                    let (given, taken) = (places[grant.key] ?? 0, places[revocation.key] ?? 0)
                    if naive.collide(grant.key, revocation.key) {
                        conflicts += 1
                        #expect(taken < given && grant.waitsFor.contains(revocation.id), "seed \(seed)")
                    } else if grant.key.name == revocation.key.name,
                        !plan.steps.contains(where: { $0.action == .grant && naive.collide($0.key, revocation.key) })
                    {
                        // The same role at another place: never without it.
                        moves += 1
                        #expect(given < taken && revocation.waitsFor.contains(grant.id), "seed \(seed)")
                    }
                }
            }
        }
        #expect(conflicts > 20 && moves > 100, "\(conflicts) conflicts, \(moves) moves")
    }

    @Test func `a plan comes back from its JSON as it was, and one that was changed doesn't`() throws {
        let seed = Self.seed()
        try Self.worlds(seed) { seed, world in
            var world = world
            let (systems, units) = Self.filter(&world)
            for plan in [Self.planner(world).plan(term: "HT2026", systems: systems, units: units)].flatMap({ [$0, $0.undo()] }) {
                let back = try RolePlan(json: JSONValue(parsing: plan.json.canonicalData))
                #expect(back == plan && back.id == plan.id, "seed \(seed)")
                guard plan.steps.count > 1, var steps = plan.json["steps"]?.arrayValue else { continue }
                steps.removeLast()
                var changed = plan.json
                changed["steps"] = .array(steps)
                #expect(throws: PlanFormatError.self) { try RolePlan(json: changed) }
            }
        }
    }

    @Test func `a plan isn't stale until something moves that it says something of`() {
        let seed = Self.seed()
        var stale = 0
        Self.worlds(seed) { seed, world in
            let planner = Self.planner(world)
            let plan = planner.plan()
            #expect(!plan.staleness(against: planner.plan()).isStale, "seed \(seed)")
            // Halfway through: what the plan itself has brought about is no move.
            let half = plan.steps.count / 2
            let between = Self.planner(world, held: Array(plan.applied(to: planner.held, first: half).values)).plan()
            let taken = Set(plan.steps.prefix(half).map(\.id))
            #expect(plan.staleness(against: between, taken: taken).moves.isEmpty, "seed \(seed)")
            // A duty ends between plan and apply.
            var other = world
            guard let duty = other.population.duties.indices.last else { return }
            other.population.duties[duty].endDate = CalendarDate(daysSinceEpoch: RandomWorld.date.daysSinceEpoch - 60)
            other.population.duties[duty].startDate = CalendarDate(daysSinceEpoch: RandomWorld.date.daysSinceEpoch - 90)
            let fresh = Self.planner(other).plan()
            let moved = plan.staleness(against: fresh)
            if moved.isStale { #expect(plan.steps != fresh.steps || plan.blocked != fresh.blocked, "seed \(seed)") }
            if plan.steps.map(\.id) != fresh.steps.map(\.id) {
                stale += 1
                #expect(moved.isStale, "seed \(seed)")
                let person = other.population.duties[duty].person?.id
                #expect(moved.moves.allSatisfy { $0.key.person == person }, "seed \(seed)")
            }
        }
        #expect(stale > 20)
    }

    @Test func `ids are one for each person, system, role and place, and the same in another process`() {
        #expect(
            GrantKey(person: "p", name: RoleName(system: "unikum", role: "mentor"), scope: .pupil("q")).id
                == "157605b5-9dbb-5ee2-b669-d6fec4e30a65")
        var ids: [String: GrantKey] = [:]
        Self.worlds(Self.seed()) { seed, world in
            for entry in Self.planner(world).plan().entries {
                #expect(ids.updateValue(entry.key, forKey: entry.id).map { $0 == entry.key } ?? true, "seed \(seed)")
                // Whoever gives a role works out the same id as whoever plans it.
                if entry.action == .grant { #expect(entry.after?.derivedID == entry.id, "seed \(seed)") }
            }
        }
    }
}
