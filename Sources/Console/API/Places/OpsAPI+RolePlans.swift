import HTTPTypes
import Hub
import Mapping
import Provisioning
import SchoolRecords

/// Role plans, and how ready the staff is.
extension OpsAPI {
    private static let access = APIOperation.Access.area(.roles)
    private static let places = [OpsAPI.id("id", "The plan's id.")]

    var rolePlans: [APIOperation] {
        [
            APIOperation(
                method: .get, path: "\(Self.prefix)/role-plans", id: "listRolePlans", summary: "Role plans, the latest first",
                access: Self.access, query: APIPage.parameters,
                success: .init(status: 200, kind: APIPage.kind(of: Self.plan), note: "The plans.")
            ) { call in
                let start = Int(clamping: try call.afterNumber() ?? 0)
                let user = try call.visit.user
                let all = try await call.desk.store.rolePlans(limit: min(100_000, start) + call.limit + 1)
                return try call.page(all.map { PlanOf(plan: $0, user: user) }, Self.plan)
            },
            APIOperation(
                method: .get, path: "\(Self.prefix)/role-plans/{id}", id: "getRolePlan",
                summary: "One role plan: its parts, approvals and progress",
                note: "Parts of the visitor's own units.", access: Self.access, places: Self.places,
                success: .init(status: 200, kind: Self.plan.kind, note: "The plan."), problems: [404]
            ) { call in try await self.answer(call.place("id"), call) },
            APIOperation(
                method: .get, path: "\(Self.prefix)/role-plans/{id}/steps", id: "listRolePlanSteps",
                summary: "What a role plan does, step by step",
                note: "Steps at the visitor's own units.", access: Self.access, places: Self.places, query: APIPage.parameters,
                success: .init(status: 200, kind: APIPage.kind(of: Self.step), note: "The steps."), problems: [404]
            ) { call in
                let kept = try await call.desk.rolePlans.kept(call.place("id"))
                let user = try call.visit.user
                let states = try await call.desk.store.roleSteps(of: kept.id)
                let byID = Dictionary(states.map { ($0.id, $0) }) { first, _ in first }
                let steps = try await call.desk.rolePlans.plan(kept)?.steps.filter { user.sees(unit: $0.unit) } ?? []
                let persons = try await call.desk.shownPersons(of: steps)
                return try call.page(
                    steps.map { Step(entry: $0, state: byID[$0.id], person: persons[$0.key.person] ?? "") }, Self.step)
            },
            APIOperation(
                method: .post, path: "\(Self.prefix)/role-plans/{id}/approve", id: "approveRolePlan",
                summary: "Approve a role plan, or its part at one unit",
                access: Self.access, action: .approveRoles, places: Self.places,
                body: .fields([
                    APIField(
                        "unit", .text(least: 1, most: 200, isWord: true),
                        "The unit whose part it is, `-` for what concerns all; left out = all parts."),
                    Self.reason,
                ]), success: .init(status: 200, kind: Self.plan.kind, note: "The plan as it is then."), problems: [404],
                isRepeatable: true,
                example: ["unit": "9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11", "reason": "stämmer med tjänstefördelningen"]
            ) { call in
                let kept = try await call.desk.rolePlans.kept(call.place("id"))
                try await call.desk.rolePlans.approve(kept, unit: call.word("unit"), reason: call.reason, try call.visit)
                return try await self.answer(kept.id, call)
            },
            self.command("apply", .apply, "Have what is approved of a role plan carried out"),
            self.command("stop", .stop, "Stop a role plan; what has been done stays"),
            APIOperation(
                method: .get, path: "\(Self.prefix)/role-readiness", id: "listRoleReadiness",
                summary: "How ready each unit's staff is",
                access: Self.access, query: APIPage.parameters,
                success: .init(status: 200, kind: APIPage.kind(of: Self.readiness), note: "Unit by unit.")
            ) { call in
                let user = try call.visit.user
                return try call.page(
                    await call.desk.reading().roles.filter { user.sees(unit: $0.unit) }.sorted { $0.unit < $1.unit },
                    Self.readiness)
            },
        ]
    }

    private func command(_ name: String, _ order: RoleOrder, _ summary: String) -> APIOperation {
        APIOperation(
            method: .post, path: "\(Self.prefix)/role-plans/{id}/\(name)", id: "\(name)RolePlan", summary: summary,
            access: Self.access,
            action: .applyRoles, places: Self.places, body: .fields([]),
            success: .init(status: 200, kind: Self.plan.kind, note: "The plan as it is then."), problems: [404],
            isRepeatable: true
        ) { call in
            let kept = try await call.desk.rolePlans.kept(call.place("id"))
            try await call.desk.rolePlans.order(order, kept, try call.visit)
            return try await self.answer(kept.id, call)
        }
    }

    private func answer(_ id: String, _ call: APICall) async throws -> APIAnswer {
        let plan = PlanOf(
            plan: try await call.desk.rolePlans.kept(id), user: try call.visit.user,
            states: try await call.desk.store.roleSteps(of: id))
        return APIAnswer(Self.plan.json(plan, call.language))
    }

    /// A plan as somebody sees it.
    struct PlanOf: Sendable {
        let plan: KeptRolePlan
        let user: ConsoleUser
        var states: [RoleStepState]?

        var parts: [Part] {
            self.plan.parts.filter { self.user.sees(unit: $0.unit) }.map { Part(part: $0, lacking: self.plan.lacking($0)) }
        }
    }

    struct Part: Sendable {
        let part: KeptRolePlan.Part
        let lacking: Int
    }

    struct Step: Sendable {
        let entry: PlanEntry
        let state: RoleStepState?
        /// The person as people are shown them.
        let person: String
    }

    private static let plan = APIShape<PlanOf>(
        "RolePlan",
        [
            .text("id", "Its id.") { $0.plan.id }, .maybe("term", "The term.") { $0.plan.term },
            .text("date", "The day that it is for.") { $0.plan.date },
            .choice("state", "How it stands.") { $0.plan.state },
            .words("stateText", "The same in words.") { RolePlanWords($1).state($0.plan.state) },
            .text("madeBy", "Who made it.") { $0.plan.madeBy }, .instant("madeAt", "When.") { $0.plan.madeAt },
            .maybe("undoes", "The plan that it undoes.") { $0.plan.undoes },
            .list("parts", Self.part, "What it does at each unit.") { $0.parts },
            .list("approvals", Self.approval, "Who has approved what.") { plan in
                plan.plan.approvals.filter { plan.user.sees(unit: $0.unit) }
            },
            .counts("steps", "How many steps are in which state; of one plan alone.") { plan in
                Dictionary(grouping: plan.states ?? [], by: \.state).reduce(into: [:]) { $0[$1.key.rawValue] = $1.value.count }
            },
        ])

    private static let part = APIShape<Part>(
        "RolePlanPart",
        [
            .maybe("unit", "The unit's id; missing for what concerns all.") { $0.part.unit },
            .count("granted", "Roles that are given.") { $0.part.granted },
            .count("revoked", "Roles that are taken.") { $0.part.revoked },
            .count("changed", "Roles whose days change.") { $0.part.changed },
            .count("lacking", "Approvals that it lacks.") { $0.lacking },
        ])

    private static let approval = APIShape<KeptRolePlan.Approval>(
        "RolePlanApproval",
        [
            .maybe("unit", "The unit's id; missing for what concerns all.") { $0.unit }, .text("by", "Who.") { $0.by },
            .instant("at", "When.") { $0.at }, .text("reason", "Why.") { $0.reason },
        ])

    private static let step = APIShape<Step>(
        "RolePlanStep",
        [
            .text("action", "`grant`, `revoke` or `change`.") { $0.entry.action.rawValue },
            .text("system", "The system.") { $0.entry.key.name.system },
            .text("role", "The role.") { $0.entry.key.name.role },
            .text("person", "The person's id; of a protected person the opaque one.") { $0.person },
            .text("scope", "Where the role holds.") { $0.entry.key.scope.description },
            .maybe("unit", "The unit's id.") { $0.entry.unit },
            .maybe("rule", "The rule that gives it.") { $0.entry.reasons.first?.rule },
            .texts("marks", "What is risky about it.") { $0.entry.marks.map(\.rawValue).sorted() },
            .maybe("state", "How far it has come.") { $0.state?.state.rawValue },
        ])

    private static let readiness = APIShape<RoleReadiness>(
        "RoleReadiness",
        [
            .text("unit", "The unit's id.") { $0.unit }, .count("staff", "Its staff.") { $0.staff },
            .count("ready", "Those who have every role that they need.") { $0.ready },
            .counts("missing", "Roles that are missing, by reason.") { $0.missing },
            .instant("time", "When it was looked at.") { $0.time },
        ])
}
