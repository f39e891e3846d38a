import Hub
import Mapping
import Provisioning
import SchoolRecords

/// One role plan: what it does unit by unit, who has approved it, carrying it out and following it.
struct RolePlanPage: ConsolePage {
    /// Steps that are shown; all of them are in the CSV.
    private static let mostSteps = 200

    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("roles/:id", .roles) { visit in try await self.show(visit) }
        routes.show("roles/:id/steps.csv", .roles) { visit in try await self.csv(visit) }
        routes.act("roles/:id/approve", .roles) { visit, form in
            let kept = try await self.kept(visit)
            try await self.desk.rolePlans.approve(kept, unit: form["unit"], reason: try FailurePage.reason(form), visit)
            return .redirect(Address(parts: ["roles", kept.id], ["said": "approved"]))
        }
        for (name, order, said) in [("apply", RoleOrder.apply, "begun"), ("stop", .stop, "cancelled")] {
            routes.act("roles/:id/\(name)", .roles) { visit, _ in
                let kept = try await self.kept(visit)
                try await self.desk.rolePlans.order(order, kept, visit)
                return .redirect(Address(parts: ["roles", kept.id], ["said": said]))
            }
        }
    }

    private func kept(_ visit: Visit) async throws -> KeptRolePlan {
        try await self.desk.rolePlans.kept(try visit.parameter("id"))
    }

    private func show(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let kept = try await self.kept(visit)
        let plan = try await self.desk.rolePlans.plan(kept)
        let words = RolePlanWords(language)
        let times = TimeText(language, now: self.desk.clock.now())
        let places = try await self.desk.placeNames()
        func place(_ unit: String?) -> String {
            unit.map { places[$0] ?? $0 } ?? language(sv: "hela kommunen", en: "the whole municipality")
        }
        let states = try await self.desk.store.roleSteps(of: kept.id)
        var page = Frame.Page(language(sv: "Rollplan \(kept.term ?? kept.date)", en: "Role plan \(kept.term ?? kept.date)"))
        page.trail = [(language(sv: "Roller", en: "Roles"), Address("/roles"))]
        let base = Address(parts: ["roles", kept.id]).path
        page.view = [
            "id": kept.id, "state": words.state(kept.state), "tone": words.tone(kept.state).rawValue,
            "made": "\(kept.madeBy), \(times.moment(kept.madeAt))", "csv": base + "/steps.csv",
            "counts": Dictionary(grouping: states, by: \.state).sorted { $0.key.rawValue < $1.key.rawValue }.map { state, steps in
                ["name": words.state(state), "count": TimeText.number(steps.count)] as View
            },
            "parts": kept.parts.filter { visit.user.sees(unit: $0.unit) }.map { part in
                let lacking = kept.lacking(part)
                var row: View = [
                    "name": place(part.unit), "granted": TimeText.number(part.granted), "changed": TimeText.number(part.changed),
                    "revoked": TimeText.number(part.revoked),
                    "approvals": lacking == 0
                        ? language(sv: "godkänd", en: "approved")
                        : language(sv: "\(lacking) godkännande till", en: "\(lacking) more to approve"),
                    "tone": (lacking == 0 ? Tone.good : .warn).rawValue,
                ]
                if kept.state == .open, lacking > 0, kept.madeBy != visit.user.name,
                    visit.user.may(.approveRoles, unit: part.unit)
                {
                    row["unit"] = part.unit ?? "-"
                }
                return row
            },
            "approvals?": !kept.approvals.isEmpty,
            "approvals": kept.approvals.map { approval in
                ["text": "\(times.moment(approval.at)) \(approval.by), \(place(approval.unit)): \(approval.reason)"] as View
            },
        ]
        self.addDecisions(on: kept, to: &page.view, base, visit)
        let steps = plan?.steps.filter { visit.user.sees(unit: $0.unit) } ?? []
        page.view["steps?"] = !steps.isEmpty
        page.view["steps"] = steps.prefix(Self.mostSteps).map { step in
            [
                "sign": step.action.sign, "look": words.look(step.action), "role": step.key.name.description,
                "person": step.key.person, "address": "\(Address("/person", ["id": step.key.person]))",
                "place": place(step.unit),
                "why": step.reasons.first.map { "\($0.rule)\($0.place.map { " (\($0))" } ?? "")" } ?? "",
            ] as View
        }
        if steps.count > Self.mostSteps {
            page.view["more"] = language(
                sv: "De första \(Self.mostSteps) av \(TimeText.number(steps.count)).",
                en: "The first \(Self.mostSteps) of \(TimeText.number(steps.count)).")
        }
        return self.frame.show(page, "role-plan", in: .roles, visit)
    }

    private func addDecisions(on kept: KeptRolePlan, to view: inout View, _ base: String, _ visit: Visit) {
        if kept.state == .open, kept.madeBy != visit.user.name, visit.user.may(.approveRoles) {
            view["approve"] = base + "/approve"
        } else if kept.state == .open, visit.user.does(.approveRoles), kept.madeBy != visit.user.name {
            view["approveParts"] = true
        }
        view["approveAddress"] = base + "/approve"
        if kept.state == .open, !kept.approved.isEmpty, visit.user.may(.applyRoles) { view["apply"] = base + "/apply" }
        if !kept.state.isOver, visit.user.may(.applyRoles) { view["stop"] = base + "/stop" }
        view["decide?"] = view["apply"] != nil || view["stop"] != nil
    }

    private func csv(_ visit: Visit) async throws -> Reply {
        let kept = try await self.kept(visit)
        guard let plan = try await self.desk.rolePlans.plan(kept) else { throw ConsoleRefusal.unknownPage }
        let places = try await self.desk.placeNames()
        let rows = plan.steps.filter { visit.user.sees(unit: $0.unit) }.map { step in
            [
                step.action.rawValue, step.key.name.system, step.key.name.role, step.key.person, step.key.scope.description,
                step.unit.map { places[$0] ?? $0 } ?? "", step.reasons.first?.rule ?? "",
                step.marks.sorted().map(\.rawValue).joined(separator: " "),
            ]
        }
        let header = ["action", "system", "role", "person", "scope", "unit", "rule", "marks"]
        return .csv(name: "role-plan.csv", text: CSVText.lines([header] + rows))
    }
}
