import Foundation
public import Hub
import Logging
import Mapping
public import Provisioning
import SchoolRecords

/// Plans that the hub makes by itself.
extension HubContext {
    /// A file of a system older than so many hours tells nothing of today.
    private static let oldestHours = 48.0

    /// Under which source the days of the last runs are remembered.
    static let scheduleMark = "roles.schedule"

    /// Makes a plan that is due: reads the roles that systems hold, plans, keeps, and applies what the standing rule lets through.
    ///
    /// - Parameter appliesByRule: whether what the standing rule lets through is applied: the hub alone does that, by the configuration
    ///   that it runs with.
    /// - Throws: ``AppError`` when there is no policy.
    @discardableResult
    public func run(_ errand: RoleErrand, appliesByRule: Bool, clock: HubClock = .system) async throws -> RoleScheduleRun {
        let policy = try self.rolePolicy()
        let schedule = self.configuration.roleSchedule
        let (read, unread) = await self.readRoles(of: policy.systems, clock)
        let reading = try await self.roleReading()
        func planner(_ date: CalendarDate) -> RolePlanner {
            RolePlanner(policy: policy, population: reading.population, held: reading.held, date: date)
        }
        var plans: (byItself: RolePlan?, waiting: RolePlan?)
        switch errand {
        case .term(let name, let first):
            plans.waiting = planner(first).plan(term: name, systems: read)
        case .day(let date):
            if appliesByRule {
                let daily = planner(date).daily(schedule, systems: read)
                plans = (daily.byItself, daily.waiting)
            } else {
                plans.waiting = planner(date).plan(systems: read)
            }
            try await self.stopOldDays(except: Set([plans.byItself, plans.waiting].compactMap { $0?.id }), clock)
        }
        if let plan = plans.byItself, plan.isEmpty { plans.byItself = nil }
        if let plan = plans.waiting, plan.isEmpty { plans.waiting = nil }
        if let plan = plans.waiting {
            _ = try await self.keepRolePlan(plan, by: RolePlanMaker.schedule, anew: false, clock: clock)
        }
        if let plan = plans.byItself { try await self.applyByRule(plan, schedule, clock) }
        try await self.keepReadiness(planner(clock.calendarDate), clock: clock)
        let run = RoleScheduleRun(
            errand: errand.name, time: clock.timestamp, byItself: plans.byItself?.id, waiting: plans.waiting?.id, unread: unread,
            steps: (plans.byItself?.steps.count ?? 0) + (plans.waiting?.steps.count ?? 0))
        try await self.store.keep(run: run, by: RolePlanMaker.schedule, rule: schedule.rule)
        return run
    }

    /// Counts how ready the staff is, and keeps it for the metrics.
    public func keepReadiness(_ planner: RolePlanner, clock: HubClock = .system) async throws {
        let units = planner.readiness(systems: self.systemsWithRoles)
        try await self.store.keep(
            readiness: units.map { unit in
                RoleReadiness(
                    unit: unit.unit, staff: unit.staff, ready: unit.ready,
                    missing: unit.missing.reduce(into: [:]) { $0[$1.why.code, default: 0] += 1 }, time: clock.timestamp)
            })
    }

    /// Has every system in use say which roles it holds.
    ///
    /// - Returns: those that did, and those that couldn't be read or whose word is too old.
    private func readRoles(of systems: Set<String>, _ clock: HubClock) async -> (read: Set<String>, unread: [String]) {
        var read: Set<String> = []
        var unread: [String] = []
        // What a system said before the last plan was applied says nothing of what that plan did.
        let applied =
            ((try? await self.store.rolePlans(limit: 100)) ?? []).filter { $0.state == .applied }
            .compactMap { RFC3339.date($0.since) }.max() ?? .distantPast
        for system in self.systemsWithRoles.intersection(systems).sorted() {
            do {
                let snapshot = try await self.snapshotRoles(of: system, by: RolePlanMaker.schedule, clock: clock)
                if snapshot.isWhole, snapshot.asOf >= applied,
                    clock.now().timeIntervalSince(snapshot.asOf) < Self.oldestHours * 3600
                {
                    read.insert(system)
                } else {
                    unread.append(system)
                }
            } catch {
                self.logger.warning(
                    "The roles of a system couldn't be read: the plan is made without it",
                    metadata: ["system": "\(system)", "error": "\(error)"])
                unread.append(system)
            }
        }
        return (read, unread)
    }

    /// A day's plan that nobody has looked at is no more when the next day's is made.
    private func stopOldDays(except plans: Set<String>, _ clock: HubClock) async throws {
        for plan in try await self.store.rolePlans(limit: 100)
        where plan.state == .open && plan.madeBy == RolePlanMaker.schedule && plan.term == nil && !plans.contains(plan.id) {
            _ = try await self.store.end(
                rolePlan: plan.id, .stopped, by: RolePlanMaker.schedule, time: clock.timestamp)
        }
    }

    /// Approves a plan by the standing rule and has it applied. What takes two persons isn't approved by a rule alone: it waits.
    private func applyByRule(_ plan: RolePlan, _ schedule: RoleSchedule, _ clock: HubClock) async throws {
        let kept = try await self.keepRolePlan(plan, by: RolePlanMaker.schedule, anew: false, clock: clock)
        guard kept.state == .open else { return }
        do {
            try await self.store.approve(
                rolePlan: kept.id, units: nil, by: RolePlanMaker.standingRule, reason: schedule.rule, time: clock.timestamp)
            _ = try await self.applyRolePlan(
                try await self.rolePlan(kept.id), by: RolePlanMaker.standingRule, dryRun: false, clock: clock)
        } catch let refusal as RolePlanRefusal {
            self.logger.warning("A day's role plan waits for somebody", metadata: ["plan": "\(kept.id)", "reason": "\(refusal)"])
        } catch is MovedRolePlan {
            self.logger.notice(
                "The world moved while a day's role plan was made; it is made anew tomorrow", metadata: ["plan": "\(kept.id)"])
        }
    }
}

extension UnitReadiness.Missing.Why {
    /// A stable word, for metrics.
    var code: String {
        switch self {
        case .planned: "planned"
        case .message: "under-way"
        case .blocked(let block): block.code
        case .nothingFollows: "nothing-follows"
        }
    }
}
