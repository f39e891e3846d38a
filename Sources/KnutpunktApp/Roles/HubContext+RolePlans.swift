public import Hub
import Mapping
public import Provisioning
import SchoolRecords

/// A plan that isn't applied since the world, or the policy, is another than when it was made.
public struct MovedRolePlan: Error, Sendable {
    public let plan: RolePlan
    /// What differs; empty when the policy alone has moved.
    public let moves: [PlanMove]
    public let policyHasMoved: Bool
}

/// How a plan stands, step by step.
public struct RolePlanProgress: Sendable {
    public let kept: KeptRolePlan
    public let plan: RolePlan
    /// Empty for one that hasn't been applied.
    public let steps: [RoleStepState]

    public var counts: [RoleStepState.State: Int] { self.steps.reduce(into: [:]) { $0[$1.state, default: 0] += 1 } }

    /// The systems that it gives roles in, or takes them.
    public var systems: Set<String> { Set(self.plan.steps.map(\.key.name.system)) }

    /// Whether some steps haven't reached their systems, and won't by themselves.
    public var hasLeftovers: Bool { self.steps.contains { [.failed, .dependent, .left].contains($0.state) } }

    /// Steps that the systems have.
    public var delivered: Set<String> { Set(self.steps.lazy.filter { $0.state == .delivered }.map(\.id)) }
}

extension HubContext {
    /// Keeps a plan, so that it can be approved and applied. The same plan that waits already stays as it is.
    ///
    /// - Parameter anew: whether one that somebody has stopped, or that was applied and undone, is kept once more, with a number after
    ///   its id. What nobody asks for by hand isn't: a person has decided about it.
    public func keepRolePlan(
        _ plan: RolePlan, by person: String, anew: Bool = true, clock: HubClock = .system
    ) async throws -> KeptRolePlan {
        var (id, number) = (plan.id, 1)
        while anew, let known = try await self.store.rolePlan(id), known.state.isOver {
            number += 1
            id = "\(plan.id)-\(number)"
        }
        return try await self.store.keep(
            plan.kept(as: id, by: person, time: clock.timestamp), document: plan.withoutKept.json.canonicalData)
    }

    /// A kept plan by its id, whole or its beginning.
    ///
    /// - Throws: ``AppError`` when there is none, or several begin so.
    public func rolePlan(_ id: String) async throws -> RolePlanProgress {
        let plans = try await self.store.rolePlans(limit: 1000)
        let matches = plans.contains { $0.id == id } ? plans.filter { $0.id == id } : plans.filter { $0.id.hasPrefix(id) }
        guard let kept = matches.first else {
            throw RolePlanRefusal(plan: id, reason: .unknown).error
        }
        guard matches.count == 1 else {
            let names = matches.map(\.id).joined(separator: ", ")
            throw AppError(
                .notFound, sv: "Flera planer börjar med \(id): \(names). Skriv mer av den du menar.",
                en: "Several plans begin with \(id): \(names). Write more of the one that you mean.")
        }
        guard let document = try await self.store.rolePlanDocument(kept.id) else {
            throw AppError(
                .notFound, sv: "Planen \(kept.id) har inget innehåll kvar. Gör en ny: knutpunkt roles plan --keep",
                en: "The plan \(kept.id) has no content any more. Make a new one: knutpunkt roles plan --keep")
        }
        return RolePlanProgress(
            kept: kept, plan: try RolePlan(json: JSONValue(parsing: document)), steps: try await self.store.roleSteps(of: kept.id)
        )
    }

    /// Begins to apply what has been approved of a plan; a running hub carries it out.
    ///
    /// - Returns: how many steps it is, and ids of grants that wait for units that nobody has approved.
    /// - Throws: ``MovedRolePlan`` when it would do what its readers haven't seen; ``RolePlanRefusal``.
    public func applyRolePlan(
        _ progress: RolePlanProgress, by person: String, dryRun: Bool, clock: HubClock = .system
    ) async throws -> (steps: Int, units: Int) {
        let (kept, plan) = (progress.kept, progress.plan)
        guard kept.state == .open else { throw RolePlanRefusal(plan: kept.id, reason: .notAllowed(kept.state)) }
        guard !kept.approved.isEmpty else { throw RolePlanRefusal(plan: kept.id, reason: .notApproved) }
        let planner = try await self.rolePlanner(for: plan)
        if plan.undoes == nil {
            let fresh = planner.plan(
                term: plan.request.term, systems: plan.request.systems, units: plan.request.units)
            let staleness = plan.staleness(against: fresh)
            guard !staleness.isStale else {
                throw MovedRolePlan(plan: plan, moves: staleness.moves, policyHasMoved: staleness.policyHasMoved)
            }
        } else {
            let moves = plan.surprises(planner.held)
            guard moves.isEmpty else { throw MovedRolePlan(plan: plan, moves: moves, policyHasMoved: false) }
        }
        let units = Set(kept.approved.map(\.unit))
        let sequences = try await self.store.roleSequences(Set(plan.steps.map(\.id)))
        let steps = RoleRun.steps(of: plan, units: units, sequences: sequences)
        if !dryRun { try await self.store.start(rolePlan: kept.id, steps: steps, by: person, time: clock.timestamp) }
        return (steps.count, units.count)
    }

    /// The plan that takes back what a plan has brought about.
    ///
    /// - Throws: ``AppError`` when nothing of it has been delivered.
    public func undoing(_ progress: RolePlanProgress) throws -> RolePlan {
        let delivered = progress.delivered
        guard !delivered.isEmpty else {
            throw AppError(
                .notFound, sv: "Inget av planen \(progress.kept.id) har levererats: det finns inget att ångra.",
                en: "Nothing of the plan \(progress.kept.id) has been delivered: there is nothing to undo.")
        }
        return progress.plan.limited(to: delivered).undo(of: progress.kept.id)
    }

    /// What was delivered and isn't held as it should be, as systems tell it now.
    public func unverified(_ progress: RolePlanProgress) async throws -> [PlanEntry] {
        progress.plan.unverified(progress.delivered, held: try await self.rolePlanner(for: progress.plan).held)
    }

    /// The policy in force over what the register says now, on a plan's day.
    private func rolePlanner(for plan: RolePlan) async throws -> RolePlanner {
        let reading = try await self.roleReading()
        return RolePlanner(
            policy: try self.rolePolicy(), population: reading.population, held: reading.held, date: plan.request.date)
    }

    /// What schools and units are called.
    public func placeNames() async throws -> [String: String] {
        try await RegisterReader(store: self.store).placeNames()
    }

    /// Does something with a plan; a refusal is told as an error of the program.
    public func decideRoles<Result>(_ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch let refusal as RolePlanRefusal {
            throw refusal.error
        }
    }

    /// Returns when the store has changed, or after a second.
    public func waitForRoles() async throws {
        for await _ in self.store.changes(every: .seconds(1)) { return }
    }
}
