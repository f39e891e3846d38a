import Mapping
import Provisioning
import SchoolRecords
import TestChance
import Testing

/// What the hub says of somebody's roles, against the plain evaluation in ``Naive``.
@Suite("Explanations of roles")
struct ExplainLawTests {
    private static func matches(_ entry: PlanEntry, _ state: Naive.State?, _ world: RandomWorld) -> Bool {
        let isRead = world.held.systems.contains(entry.key.name.system)
        switch (entry.action, state) {
        case (.grant, .given?), (.change, .given?): return isRead
        // What no rule speaks of is left alone.
        case (.keep, .given?): return isRead
        case (.keep, nil): return entry.reasons.isEmpty
        case (.block, .given?): return !isRead && entry.block == .systemNotRead
        case (.block, .blocked(let code)?): return entry.block?.code == code
        case (.revoke, nil): return entry.before != nil
        case (.revoke, .blocked(let code)?):
            if case .blocked(let reason)? = entry.cause { return reason.code == code }
            return false
        default: return false
        }
    }

    @Test func `every grant of everybody is what a plain evaluation says`() {
        let seed = PlanLawTests.seed()
        var given = 0
        var blocked: [String: Int] = [:]
        PlanLawTests.worlds(seed) { seed, world in
            let planner = PlanLawTests.planner(world)
            let naive = Naive(world: world)
            for person in RandomWorld.persons {
                let states = naive.states(person)
                let entries = planner.explain(person)
                for entry in entries {
                    #expect(
                        Self.matches(entry, states[entry.key], world),
                        "seed \(seed): \(entry.action) \(entry.key) \(String(describing: entry.block)) \(String(describing: states[entry.key]))"
                    )
                }
                #expect(Set(entries.map(\.key)).isSuperset(of: states.keys), "seed \(seed)")
                for state in states.values {
                    switch state {
                    case .given: given += 1
                    case .blocked(let code): blocked[code, default: 0] += 1
                    }
                }
            }
        }
        #expect(given > 1_000)
        for code in [
            "exclusion", "denied", "denied-by-hand", "no-account", "unknown-title-code", "no-title-code", "protected-person",
        ] {
            #expect((blocked[code] ?? 0) > 10, "\(code): \(blocked[code] ?? 0)")
        }
    }

    /// The nearest rule by the plain evaluation: how many conditions fail at least, and the first of them.
    private static func nearest(_ rule: RoleRule, _ person: String, _ naive: Naive) -> (failures: Int, words: Set<String>) {
        let records = naive.records(person).filter { $0.base == rule.base }
        guard !records.isEmpty else { return (.max, ["no record"]) }
        let failures = records.map { record in
            var failed = rule.conditions.filter { naive.fails($0, record) }.map(\.text)
            if naive.isOutside(rule, record) { failed.append("outside") }
            return failed.isEmpty ? ["nowhere"] : failed
        }
        let fewest = failures.map(\.count).min() ?? 0
        // Several records may be as near; any of them will do.
        return (fewest, Set(failures.filter { $0.count == fewest }.compactMap(\.first)))
    }

    private static func word(_ failure: NearMiss.Failure) -> String {
        switch failure {
        case .noRecord: "no record"
        case .condition(let condition, _): condition.text
        case .outside: "outside"
        case .nowhere: "nowhere"
        }
    }

    @Test func `why and why not are right for a thousand triples of person, system and role`() throws {
        let seed = PlanLawTests.seed()
        var kinds: [String: Int] = [:]
        for round in 0..<UInt64(200) {
            var world = RandomWorld(seed: seed &+ round)
            let planner = PlanLawTests.planner(world)
            let naive = Naive(world: world)
            for _ in 0..<10 {
                let person = world.pick(RandomWorld.persons)
                let name = world.roleName()
                let states = naive.states(person).filter { $0.key.name == name }
                let note: Comment = "seed \(seed &+ round): \(person) \(name)"
                let isRead = world.held.systems.contains(name.system)
                let given = Set(states.filter { $0.value == .given && isRead }.keys)
                switch planner.whyNot(person, name) {
                case .deceased:
                    kinds["deceased", default: 0] += 1
                    #expect(naive.person(person)?.isDeceased == true, note)
                case .given(let entries):
                    kinds["given", default: 0] += 1
                    #expect(Set(entries.map(\.key)) == given && !given.isEmpty, note)
                    for entry in entries { try Self.expectChain(entry, naive, note) }
                case .blocked(let entries):
                    kinds["blocked", default: 0] += 1
                    #expect(given.isEmpty && Set(entries.map(\.key)) == Set(states.keys) && !states.isEmpty, note)
                    for entry in entries { #expect(Self.matches(entry, states[entry.key], world), note) }
                case .noRule:
                    kinds["noRule", default: 0] += 1
                    #expect(states.isEmpty && !world.policy.rules.contains { $0.gifts.contains { $0.name == name } }, note)
                case .notGiven(let misses):
                    kinds["notGiven", default: 0] += 1
                    #expect(states.isEmpty, note)
                    let rules = world.policy.rules.filter { $0.gifts.contains { $0.name == name } }
                    #expect(misses.count == rules.count && misses.map(\.failures) == misses.map(\.failures).sorted(), note)
                    for rule in rules {
                        let miss = try #require(misses.first { $0.rule == rule.name }, note)
                        let expected = Self.nearest(rule, person, naive)
                        #expect(miss.failures == expected.failures && expected.words.contains(Self.word(miss.first)), note)
                    }
                }
            }
        }
        #expect(kinds.values.reduce(0, +) == 2_000)
        for kind in ["deceased", "given", "blocked", "noRule", "notGiven"] { #expect((kinds[kind] ?? 0) > 10, "\(kinds)") }
    }

    /// Every link of a grant's chain is a rule that gives it, or a decision.
    private static func expectChain(_ entry: PlanEntry, _ naive: Naive, _ note: Comment) throws {
        #expect(!entry.reasons.isEmpty, note)
        for reason in entry.reasons {
            guard let place = reason.place else {
                #expect(naive.world.population.decisions.contains { $0.id == reason.rule && $0.person == entry.key.person }, note)
                continue
            }
            let rule = try #require(naive.world.policy.rules.first { $0.name == reason.rule && $0.place == place }, note)
            let records = naive.records(entry.key.person).filter { record in
                record.base == rule.base && record.name == reason.source.description && !naive.isOutside(rule, record)
                    && rule.conditions.allSatisfy { !naive.fails($0, record) }
            }
            #expect(!records.isEmpty, note)
        }
    }

    @Test func `who has a role is everybody who is told to have it`() {
        PlanLawTests.worlds(PlanLawTests.seed()) { seed, world in
            var world = world
            let planner = PlanLawTests.planner(world)
            let name = world.roleName()
            let unit = world.chance(50) ? world.pick(RandomWorld.schools) : nil
            let everybody = Set(RandomWorld.persons).union(world.held.grants.map(\.person.id))
            let expected = everybody.sorted().flatMap { planner.explain($0) }
                .filter { $0.key.name == name && (unit == nil || $0.unit == unit) }
            #expect(planner.who(name, unit: unit) == expected, "seed \(seed)")
        }
    }
}
