import Foundation
import Hub
import Mapping
public import Provisioning
import SchoolRecords
public import StandIns

/// The roles of a municipality at term start: what the policy gives, planned, approved, applied and read back, once for everybody and
/// once for what changes when the term begins; and whether the staff is ready, held against what the story makes impossible.
public struct RoleTermStart: Sendable {
    /// Systems that take roles and tell which they hold.
    public static let systems: Set<String> = ["skola24", "skolon", "tempus", "unikum", "vega"]

    /// What it came to.
    public struct Outcome: Sendable, Codable, Hashable {
        /// Roles given to begin with, and how long the plan took to make: seconds from the register to the plan.
        public var first = 0
        public var firstPlanSeconds = 0.0
        public var firstApplySeconds = 0.0
        /// Steps of the term start's plan.
        public var granted = 0
        public var revoked = 0
        public var changed = 0
        public var planSeconds = 0.0
        public var applySeconds = 0.0
        /// Staff of all units, and those who have every role.
        public var staff = 0
        public var ready = 0
        /// Why persons lack a role, by reason: how many persons.
        public var missing: [String: Int] = [:]
        /// Persons who lack something else than what the story makes impossible, or nothing though they should.
        public var unexplained = 0

        enum CodingKeys: String, CodingKey {
            case first, granted, revoked, changed, staff, ready, missing, unexplained
            case firstPlanSeconds = "first_plan_seconds"
            case firstApplySeconds = "first_apply_seconds"
            case planSeconds = "plan_seconds"
            case applySeconds = "apply_seconds"
        }
    }

    let rehearsal: Rehearsal
    /// How many changes of each kind there are at term start.
    let count: Int

    /// - Parameter count: how many changes of each kind there are at term start.
    public init(_ rehearsal: Rehearsal, count: Int) {
        self.rehearsal = rehearsal
        self.count = count
    }

    private var context: HubContext { self.rehearsal.context }

    // MARK: The way

    /// Gives everybody what the policy says, through the hub.
    ///
    /// - Throws: ``AppError`` when it doesn't come about.
    public func giveAll() async throws -> Outcome {
        try await self.openAccounts(except: [])
        try await self.snapshot()
        var outcome = Outcome()
        let (plan, seconds) = try await self.plan()
        (outcome.first, outcome.firstPlanSeconds) = (plan.steps.count, seconds)
        outcome.firstApplySeconds = try await self.carryOut(plan)
        return outcome
    }

    /// Lets the term begin: changes in Edlevo, and the plan that follows from them, through the hub.
    ///
    /// - Returns: the changes, beside what it came to.
    /// - Throws: ``AppError`` when it doesn't come about.
    public func begin(_ outcome: inout Outcome) async throws -> StaffChanges {
        let changes = try await self.rehearsal.edlevo.newTermOfStaff(each: self.count)
        try await self.rehearsal.settle()
        try await self.openAccounts(except: Set(changes.persons[.withoutAccount] ?? []))
        try await self.snapshot()
        let (plan, seconds) = try await self.plan()
        outcome.planSeconds = seconds
        for step in plan.steps {
            switch step.action {
            case .grant: outcome.granted += 1
            case .revoke: outcome.revoked += 1
            default: outcome.changed += 1
            }
        }
        outcome.applySeconds = try await self.carryOut(plan)
        return changes
    }

    /// A plan made as the command makes it: from the register.
    ///
    /// - Returns: the plan, and the seconds that it took.
    public func plan() async throws -> (plan: RolePlan, seconds: Double) {
        let began = Date()
        let plan = try await self.planner().plan(systems: Self.systems)
        return (plan, Date().timeIntervalSince(began))
    }

    func planner() async throws -> RolePlanner {
        let reading = try await self.context.roleReading()
        return RolePlanner(
            policy: try self.context.rolePolicy(), population: reading.population, held: reading.held,
            date: self.rehearsal.clock.calendarDate)
    }

    /// Has every system say which roles it holds.
    public func snapshot() async throws {
        for system in Self.systems.sorted() { try await self.rehearsal.snapshotRoles(of: system) }
    }

    /// Everybody whom Edlevo knows has an account in every system.
    ///
    /// - Parameter others: those who have none in Skola24.
    private func openAccounts(except others: Set<String>) async throws {
        let people = try await self.rehearsal.edlevo.truth(.person).keys.sorted().map { HeldAccount($0, .active) }
        for (system, standIn) in self.rehearsal.others {
            try await standIn.setAccounts(system == .skola24 ? people.filter { !others.contains($0.person) } : people)
        }
        await self.rehearsal.skolon?.setAccounts(people)
    }

    /// What entries are about, without persons.
    private static func kinds(_ entries: [PlanEntry]) -> String {
        Dictionary(grouping: entries) { "\($0.action.sign) \($0.key.name) \($0.key.scope.kind.rawValue)" }
            .map { "\($0.value.count) × \($0.key)" }.sorted().joined(separator: ", ")
    }

    /// Approves a plan by two persons, applies it and reads back what the systems hold.
    ///
    /// - Returns: the seconds from the start to the last delivery.
    private func carryOut(_ plan: RolePlan) async throws -> Double {
        let kept = try await self.context.keepRolePlan(plan, by: "planner")
        for person in ["head", "controller"] {
            try await self.context.store.approve(
                rolePlan: kept.id, units: nil, by: person, reason: "term start", time: self.rehearsal.clock.timestamp)
        }
        let began = Date()
        let progress = try await self.context.rolePlan(kept.id)
        _ = try await self.context.applyRolePlan(progress, by: "controller", dryRun: false)
        try await self.rehearsal.until { _ in try await self.context.store.rolePlan(kept.id)?.state == .applied }
        let seconds = Date().timeIntervalSince(began)
        try await self.rehearsal.settle()
        let after = try await self.context.rolePlan(kept.id)
        guard after.delivered.count == plan.steps.count else {
            let counts = after.counts.map { "\($0.key.rawValue) \($0.value)" }.sorted().joined(separator: ", ")
            throw AppError(.demo, "Of \(plan.steps.count) roles not all reached their systems: \(counts).")
        }
        try await self.snapshot()
        let wrong = try await self.context.unverified(after)
        let next = try await self.plan().plan
        guard wrong.isEmpty, next.isEmpty else {
            throw AppError(
                .demo,
                "\(wrong.count) roles aren't held as they should (\(Self.kinds(wrong))), and \(next.steps.count) steps are left after "
                    + "the plan (\(Self.kinds(next.steps))).")
        }
        return seconds
    }
}
