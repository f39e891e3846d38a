import ConnectorKit
import Console
import Hub
import Mapping
import Provisioning

/// What the console has the program do about roles.
extension HubContext {
    /// Does with a role plan what somebody has decided in the console, as the command line does it.
    ///
    /// - Throws: ``AppError``.
    func carryOut(_ order: RoleOrder, on id: String, by person: String, clock: HubClock) async throws {
        let progress = try await self.rolePlan(id)
        do {
            try await self.decideRoles {
                switch order {
                case .approve(let units, let reason):
                    try await self.store.approve(
                        rolePlan: progress.kept.id, units: units, by: person, reason: reason, time: clock.timestamp)
                case .apply: _ = try await self.applyRolePlan(progress, by: person, dryRun: false, clock: clock)
                case .stop:
                    try await self.store.end(rolePlan: progress.kept.id, .stopped, by: person, time: clock.timestamp)
                }
            }
        } catch let moved as MovedRolePlan {
            let number = moved.moves.count
            throw AppError(
                .systems,
                sv:
                    "Planen stämmer inte längre (\(number) skillnader): inget har ändrats. Gör en ny: knutpunkt roles plan --keep",
                en: "The plan isn't what it would be today (\(number) differences): nothing was changed. Make a new one: "
                    + "knutpunkt roles plan --keep")
        }
    }

    /// Makes a role plan and keeps it; its id, or `nil` when there is nothing to do.
    ///
    /// - Throws: ``AppError``.
    func keepPlan(_ request: RolePlanRequest, by person: String, clock: HubClock) async throws -> String? {
        let question = try await self.asked {
            try await self.roleQuestion(
                term: request.term?.uppercased(), at: request.date, systems: request.systems,
                units: [request.unit].compactMap { $0 }, in: .en, clock: clock)
        }
        let plan = question.plan(term: request.term?.uppercased())
        guard !plan.isEmpty else { return nil }
        try await self.require(.planRoles, on: Set(plan.steps.map(\.key.name.system)), by: person, clock: clock)
        return try await self.keepRolePlan(plan, by: person, clock: clock).id
    }

    /// Why somebody has roles or doesn't have one; that it was asked is in the audit log.
    ///
    /// - Throws: ``AppError``.
    func explainRoles(
        _ request: RoleExplanationRequest, in language: Language, by person: String, clock: HubClock
    ) async throws -> RolesTold {
        guard try await !self.lookAtRoles(of: request.person, reason: request.reason, by: person, clock: clock) else {
            return .protected
        }
        let question = try await self.asked { try await self.roleQuestion(at: request.date, in: language, clock: clock) }
        if let system = request.system, let whyNot = request.whyNot {
            let role = try question.policy.known(RoleName(system: system, role: whyNot))
            let told = RoleExplanationText(question.words).told(question.planner.whyNot(request.person, role))
            return .roles(heading: told.heading, told.roles)
        }
        let entries = question.planner.explain(request.person, system: request.system)
        let origins = try await self.roleOrigins(of: request.person, entries)
        return .roles(heading: nil, RoleExplanationText(question.words, question.policy).told(entries, origins))
    }

    private func asked(_ work: () async throws -> RoleQuestion) async throws -> RoleQuestion {
        do { return try await work() } catch let problem as RoleQuestion.Problem {
            throw AppError(.notFound, sv: problem.text.sv, en: problem.text.en)
        }
    }
}
