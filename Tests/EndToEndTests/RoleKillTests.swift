import Foundation
import Hub
import KnutpunktApp
import Mapping
import Provisioning
import SchoolRecords
import StandIns
import TestChance
import Testing

/// Role plans under `kill -9` of the hub: at any point of an apply, once or several times.
@Suite("Killed in the middle of a role plan, each step reaches its system once", .serialized)
struct RoleKillTests {
    @Test(.timeLimit(.minutes(60)))
    func `the hub is killed at seeded points of plans: each ends as planned, each role is written once, the audit log is whole`()
        async throws
    {
        let variables = ProcessInfo.processInfo.environment
        let seed = variables["KNUTPUNKT_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
        // `make test-roles` sets more.
        let count = variables["KNUTPUNKT_ROLE_ROUNDS"].flatMap(Int.init) ?? 6
        print("role kill seed \(seed), \(count) rounds")
        try await RoleTests.with(children: 300) { rehearsal in
            var rounds = try await RoleRounds(rehearsal: rehearsal, seed: seed)
            for round in 1...count {
                let began = ContinuousClock.now
                try await rounds.play(round)
                print("round \(round) of \(count) took \(ContinuousClock.now - began)")
            }
            rounds.tell()
            #expect(await rehearsal.unikum.rejections.map(\.code) == [], "seed \(seed)")
            #expect(await rehearsal.unikum.conflictingRepeats.count == 0, "a repeated batch brings nothing new, seed \(seed)")
            #expect(await rehearsal.unikum.needlessRows.count == 0, "nothing twice outside of a repeated batch, seed \(seed)")
            #expect(await rehearsal.skolon?.refusals == [], "seed \(seed)")
            #expect(try await rehearsal.context.status().failed["failed"] ?? 0 == 0, "seed \(seed)")
            #expect(try await rehearsal.context.store.firstBrokenAuditEntry() == nil, "seed \(seed)")
        }
    }
}

/// Plan after plan in one municipality.
private struct RoleRounds {
    /// Where the applying is when the hub is struck, with how much of the plan.
    enum Moment: CaseIterable { case beforeTheFirst, taken, written, delivered, nearTheEnd }

    /// What a round does.
    enum Kind { case change, undo, again }

    private static let systems: Set<String> = ["skola24", "skolon", "tempus", "unikum", "vega"]
    private static let roles: Set<String> = [
        "lärare", "kanslist", "TEACHER", "personal", "administratör", "pedagog", "skoladministratör", "skola",
    ]
    private static let policy = """
        rules:
          - name: teachers
            from: duty
            when: {duty_role: [Lärare]}
            give:
              - {system: unikum, role: pedagog, scope: unit}
              - {system: skola24, role: lärare, scope: unit}
              - {system: tempus, role: personal, scope: unit}
              - {system: skolon, role: TEACHER, scope: unit}
              - {system: vega, role: skola, scope: unit}
          - name: administrators
            from: duty
            when: {duty_role: [Skoladministratör]}
            give:
              - {system: unikum, role: skoladministratör, scope: unit}
              - {system: skola24, role: kanslist, scope: unit}
              - {system: tempus, role: administratör, scope: unit}
              - {system: vega, role: skola, scope: unit}
        exclusions:
          - {name: unikum, roles: [unikum/skoladministratör, unikum/pedagog], within: unit}
          - {name: skola24, roles: [skola24/kanslist, skola24/lärare], within: unit}
          - {name: tempus, roles: [tempus/administratör, tempus/personal], within: unit}

        """

    let rehearsal: Rehearsal
    let seed: UInt64
    var random: SeededRandom
    private var history = RoleHistory(exclusions: [
        RoleHistory.Exclusion(system: "unikum", roles: ["skoladministratör", "pedagog"]),
        RoleHistory.Exclusion(system: "skola24", roles: ["kanslist", "lärare"]),
        RoleHistory.Exclusion(system: "tempus", roles: ["administratör", "personal"]),
    ])
    /// Duties of persons who have no other, by id; which schools there are, and how a duty says what it is.
    private var duties: [String] = []
    private let schools: [String]
    private let titles: [String: JSONValue]
    private var last: String?
    private var doubled = 0
    private var strikes: [Moment: Int] = [:]

    private var context: HubContext { self.rehearsal.context }

    init(rehearsal: Rehearsal, seed: UInt64) async throws {
        self.rehearsal = rehearsal
        self.seed = seed
        self.random = SeededRandom(seed: seed)
        try Data(Self.policy.utf8).write(to: URL(fileURLWithPath: rehearsal.mappingsDirectory + "/roles.yaml"))
        try rehearsal.reloadMappings()
        let people = try await rehearsal.edlevo.truth(.person).keys.sorted().map { HeldAccount($0, .active) }
        for standIn in rehearsal.others.values { try await standIn.setAccounts(people) }
        await rehearsal.skolon?.setAccounts(people)
        // By chance a round changes so much at one school that it is a mass change, which would wait for a person.
        for entity in ["duty", "person"] {
            _ = try await rehearsal.context.planChange(
                system: "edlevo", entity: entity, kind: nil,
                bounds: ChangeCounts(creates: 10_000, updates: 100_000, deletes: 10_000),
                from: "\(HubClock.system.calendarDate)", to: "2100-01-01", reason: "many at random", by: nil)
        }
        let protected = Set(rehearsal.municipality.protectedPersons.map(\.id))
        self.schools = try await rehearsal.edlevo.truth(.organisation).values
            .filter { $0["organisationType"] == "Skola" }.compactMap { $0["id"]?.stringValue }.sorted()
        let all = try await rehearsal.edlevo.truth(.duty)
        let own = Dictionary(grouping: all.values) { $0["person"]?["id"]?.stringValue ?? "" }
        var titles: [String: JSONValue] = [:]
        for duty in all.sorted(by: { $0.key < $1.key }).map(\.value) {
            guard let role = duty["dutyRole"]?.stringValue, ["Lärare", "Skoladministratör"].contains(role) else { continue }
            titles[role] = duty["description"]
            guard let person = duty["person"]?["id"]?.stringValue, !protected.contains(person), own[person]?.count == 1,
                let school = duty["dutyAt"]?["id"]?.stringValue, self.schools.contains(school),
                let id = duty["id"]?.stringValue
            else { continue }
            self.duties.append(id)
        }
        self.titles = titles
        #expect(titles.count == 2 && self.schools.count > 1 && self.duties.count > 20)
    }

    /// One plan, from the change that it follows from to what the systems hold of it.
    mutating func play(_ round: Int) async throws {
        let kind: Kind = [3: .undo, 4: .again][round % 5] ?? .change
        let what = "round \(round), \(kind), seed \(self.seed)"
        if kind == .change, round > 1 { try await self.change() }
        try await self.readSystems()
        let plan = kind == .undo ? try await self.undoing() : try await self.plan()
        let before = try await self.held()
        self.history.neverWithout = Self.movers(plan)
        let kept = try await self.context.keepRolePlan(plan, by: "maker")
        for person in ["second", "third"] {
            try await self.context.store.approve(
                rolePlan: kept.id, units: nil, by: person, reason: "seen", time: HubClock.system.timestamp)
        }
        let writes = try await self.strike(kept.id, plan, round)
        try await self.check(kept.id, plan, before: before, writes: writes, what)
        try await self.readSystems()
        let progress = try await self.context.rolePlan(kept.id)
        try await #expect(self.context.unverified(progress).isEmpty, "\(what)")
        if kind != .undo { try await #expect(self.plan().isEmpty, "the next plan is empty, \(what)") }
        self.last = kept.id
    }

    /// How often what was struck where, and what was written twice.
    func tell() {
        let strikes = self.strikes.map { "\($0.value) × \($0.key)" }.sorted().joined(separator: ", ")
        print("struck: \(strikes); written again after the reply had been lost with the hub: \(self.doubled)")
    }

    // MARK: The world

    private static var yesterday: CalendarDate {
        CalendarDate(daysSinceEpoch: HubClock.system.calendarDate.daysSinceEpoch - 1)
    }

    /// Some move to another school, some get other work, some leave, some come back.
    private mutating func change() async throws {
        let chosen = self.duties.shuffled(using: &self.random).prefix(Int.random(in: 12...25, using: &self.random))
        for id in chosen {
            guard var duty = await self.rehearsal.edlevo.document(RecordKey(.duty, id)) else { continue }
            let role = duty["dutyRole"] == "Lärare" ? "Skoladministratör" : "Lärare"
            switch Int.random(in: 0..<5, using: &self.random) {
            case _ where duty["endDate"] != nil: duty["endDate"] = nil
            case 0: duty["endDate"] = .string("\(Self.yesterday)")
            case 1, 2: duty["dutyAt"] = ["id": .string(self.schools.randomElement(using: &self.random) ?? "")]
            default:
                duty["dutyRole"] = .string(role)
                duty["description"] = self.titles[role]
            }
            try await self.rehearsal.edlevo.upsert(.duty, duty)
        }
        try await self.rehearsal.settle()
    }

    private func readSystems() async throws {
        for system in Self.systems.sorted() { try await self.rehearsal.snapshotRoles(of: system) }
    }

    private func plan() async throws -> RolePlan {
        let reading = try await self.context.roleReading()
        return RolePlanner(
            policy: try self.context.rolePolicy(), population: reading.population, held: reading.held,
            date: HubClock.system.calendarDate
        ).plan(systems: Self.systems)
    }

    private func undoing() async throws -> RolePlan {
        try self.context.undoing(try await self.context.rolePlan(try #require(self.last)))
    }

    /// Who gets a role at one school and loses the same at another.
    private static func movers(_ plan: RolePlan) -> Set<String> {
        func names(_ action: PlanEntry.Action) -> Set<String> {
            Set(plan.steps.filter { $0.action == action }.map { "\($0.key.name.system) \($0.key.person) \($0.key.name.role)" })
        }
        return names(.grant).intersection(names(.revoke))
    }

    private static func address(_ step: PlanEntry) -> String {
        let scope = step.key.scope.id
        return "\(step.key.person)|\(step.key.name.role)|\(scope.isEmpty ? "kommun" : scope)"
    }

    /// What systems hold, as system and address.
    private func held() async throws -> Set<String> {
        var held: Set<String> = []
        for system in Self.systems {
            for role in try await self.rehearsal.heldRoles(in: system) where Self.roles.contains(role.role) {
                held.insert("\(system) \(role.person)|\(role.role)|\(role.scope.id ?? "kommun")")
            }
        }
        return held
    }

    // MARK: The strikes

    /// How often systems that are written a role at a time were written each, since the round began.
    private struct Writes {
        var counts: [String: Int] = [:]
        /// How often each was under way when the hub was killed: written, and not yet noted by the hub.
        var underWay: [String: Int] = [:]
        /// Those that the hub had noted as delivered when it was killed, and how often they had been written then.
        var noted: [String: Int] = [:]
    }

    /// Applies the plan, and kills the hub once or several times.
    private mutating func strike(_ id: String, _ plan: RolePlan, _ round: Int) async throws -> Writes {
        let offsets = await self.offsets()
        let delay = Duration.milliseconds(Int.random(in: 0...12, using: &self.random))
        try await self.setFaults(EdlevoFaults { $0.delay = delay })
        var writes = Writes()
        let count = Int.random(in: 1...3, using: &self.random)
        var moments = (0..<count).map { _ in Moment.allCases.randomElement(using: &self.random) ?? .written }
        // Each phase comes about in turn, whatever chance does.
        moments[0] = Moment.allCases[round % Moment.allCases.count]
        if moments.contains(.beforeTheFirst) {
            await self.rehearsal.killHub()
            self.strikes[.beforeTheFirst, default: 0] += 1
        }
        _ = try await self.context.applyRolePlan(try await self.context.rolePlan(id), by: "second", dryRun: false)
        if moments.contains(.beforeTheFirst) { try await self.revive() }
        for moment in moments.filter({ $0 != .beforeTheFirst }).sorted(by: { "\($0)" < "\($1)" }) {
            let point = Int.random(in: 1...max(1, plan.steps.count), using: &self.random)
            let isOver = try await self.wait(for: moment, point, of: id, plan, offsets)
            await self.rehearsal.killHub()
            // What the dead hub had sent is answered or cut off before anything is counted: it could be written later otherwise.
            try await self.setFaults(EdlevoFaults { $0.outage = .refusing })
            try await self.note(id, plan, offsets, &writes)
            try await self.setFaults(EdlevoFaults { $0.delay = delay })
            print("  \(moment) \(point) of \(plan.steps.count)\(isOver ? ", when all was done" : "")")
            self.strikes[moment, default: 0] += 1
            try await self.revive()
        }
        try await self.rehearsal.until { _ in try await self.context.rolePlan(id).kept.state == .applied }
        try await self.setFaults(.none)
        try await self.rehearsal.settle()
        writes.counts = await self.counts(since: offsets)
        return writes
    }

    private func revive() async throws {
        try self.rehearsal.startHub()
        try await self.rehearsal.waitUntilRunning()
    }

    private func setFaults(_ faults: EdlevoFaults) async throws {
        for standIn in self.rehearsal.others.values { try await standIn.setFaults(faults) }
    }

    private func offsets() async -> [String: Int] {
        var offsets: [String: Int] = [:]
        for (system, standIn) in self.rehearsal.others { offsets[system.rawValue] = await standIn.roleWrites.count }
        return offsets
    }

    private func counts(since offsets: [String: Int]) async -> [String: Int] {
        var counts: [String: Int] = [:]
        for (system, standIn) in self.rehearsal.others {
            for write in await standIn.roleWrites.dropFirst(offsets[system.rawValue] ?? 0) {
                counts["\(system.rawValue) \(write.address)", default: 0] += 1
            }
        }
        return counts
    }

    /// Waits until so much has been done.
    ///
    /// - Returns: whether the plan was over before.
    private func wait(
        for moment: Moment, _ point: Int, of id: String, _ plan: RolePlan, _ offsets: [String: Int]
    ) async throws -> Bool {
        let inRows = plan.steps.filter { self.rehearsal.others.keys.map(\.rawValue).contains($0.key.name.system) }.count
        for await _ in self.context.store.changes(every: .milliseconds(10)) {
            let states = try await self.context.store.roleSteps(of: id).map(\.state)
            switch moment {
            case .beforeTheFirst: return false
            case .taken: if states.count(where: { $0 != .waiting }) >= point { return false }
            case .written:
                let written = await self.counts(since: offsets).values.reduce(0, +)
                if written >= min(point, inRows) { return false }
            case .delivered: if states.count(where: { $0 == .delivered }) >= point { return false }
            case .nearTheEnd: if states.count(where: { $0 == .delivered }) >= states.count - 1 { return false }
            }
            if try await self.context.store.rolePlan(id)?.state == .applied { return true }
        }
        return true
    }

    /// What the hub, which is dead, had noted, and what its systems had that it didn't know of.
    private func note(_ id: String, _ plan: RolePlan, _ offsets: [String: Int], _ writes: inout Writes) async throws {
        let counts = await self.counts(since: offsets)
        let steps = try await self.context.store.roleSteps(of: id)
        for system in self.rehearsal.others.keys.map(\.rawValue) {
            let own = steps.filter { plan.steps[$0.number].key.name.system == system }
            let delivered = try await self.context.store.states(of: own.map { RecordKey(.roleGrant, $0.id) }, in: system)
            for step in own {
                let name = "\(system) \(Self.address(plan.steps[step.number]))"
                guard let count = counts[name] else { continue }
                let sequence = delivered[RecordKey(.roleGrant, step.id)]?.sequence ?? 0
                // One that waits, as the plan knows, stands with the sequence that it had before.
                let isNoted = step.state == .waiting ? sequence > (step.sequence ?? 0) : sequence >= (step.sequence ?? 0)
                if isNoted {
                    writes.noted[name] = count
                } else {
                    writes.underWay[name, default: 0] += 1
                }
            }
        }
    }

    // MARK: What must be true

    private mutating func check(
        _ id: String, _ plan: RolePlan, before: Set<String>, writes: Writes, _ what: String
    ) async throws {
        let progress = try await self.context.rolePlan(id)
        #expect(progress.kept.state == .applied, "\(what)")
        #expect(progress.counts == [.delivered: plan.steps.count], "\(what)")
        var expected = before
        for step in plan.steps {
            let name = "\(step.key.name.system) \(Self.address(step))"
            if step.after == nil { expected.remove(name) } else { expected.insert(name) }
        }
        let held = try await self.held()
        #expect(held.subtracting(expected).isEmpty && expected.subtracting(held).isEmpty, "held as planned, \(what)")

        // A system's reply that is lost with the hub can't be known of: what was under way then is written again, with the same
        // content, and nothing else is.
        var (wrong, again) = (0, 0)
        for step in plan.steps where self.rehearsal.others.keys.contains(where: { $0.rawValue == step.key.name.system }) {
            let name = "\(step.key.name.system) \(Self.address(step))"
            let count = writes.counts[name] ?? 0
            again += max(0, count - 1)
            if count < 1 || count > 1 + (writes.underWay[name] ?? 0) { wrong += 1 }
            if let noted = writes.noted[name], noted != count { wrong += 1 }
        }
        #expect(wrong == 0, "\(wrong) steps weren't written once, \(what)")
        let steps = Set(plan.steps.map { "\($0.key.name.system) \(Self.address($0))" })
        #expect(Set(writes.counts.keys).isSubset(of: steps), "nothing else was written, \(what)")
        self.doubled += again
        for standIn in self.rehearsal.others.values {
            let idle = await standIn.roleWrites.count { !$0.hadEffect }
            #expect(idle <= self.doubled, "what is written again changes nothing, \(what)")
            let roles = await standIn.roles
            #expect(Set(roles).count == roles.count, "\(what)")
        }
        await self.history.follow(self.rehearsal)
        #expect(self.history.violations == [], "\(what)")

        var filter = AuditFilter()
        filter.subject = "role-plan/\(id)"
        let entries = try await self.context.store.auditEntries(filter).map(\.action)
        #expect(entries == ["roles.plan", "roles.approve", "roles.approve", "roles.apply", "roles.applied"], "\(what)")
        try await #expect(self.context.store.firstBrokenAuditEntry() == nil, "\(what)")
    }
}
