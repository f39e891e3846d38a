import Hub
import Mapping
import Provisioning
import SchoolRecords

/// One role plan: what it does unit by unit, who has approved it, carrying it out and following it.
struct RolePlanPage: ConsolePage {
    /// Steps that are shown; all of them are in the CSV.
    private static let mostSteps = 200
    /// Between two looks at a plan that is being carried out.
    private static let pause = Duration.seconds(1)

    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("roles/:id", .roles) { visit in try await self.show(visit) }
        routes.show("roles/:id/steps.csv", .roles) { visit in try await self.csv(visit) }
        routes.show("live/roles/:id", .roles) { visit in .live(self.events(of: try await self.kept(visit).id, visit)) }
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
        let approving = Approving(kept, by: visit.user)
        let base = Address(parts: ["roles", kept.id]).path
        var page = Frame.Page(language(sv: "Rollplan \(kept.term ?? kept.date)", en: "Role plan \(kept.term ?? kept.date)"))
        page.trail = [(language(sv: "Roller", en: "Roles"), Address("/roles"))]
        page.view = try await self.progress(of: kept, visit)
        page.view.merge([
            "csv": base + "/steps.csv",
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
                if approving.takes(part) { row["unit"] = part.unit ?? "-" }
                return row
            },
            "approvals?": !kept.approvals.isEmpty,
            "approvals": kept.approvals.map { approval in
                ["text": "\(times.moment(approval.at)) \(approval.by), \(place(approval.unit)): \(approval.reason)"] as View
            },
        ]) { _, new in new }
        if kept.state == .applying { page.view["live"] = "\(Address(parts: ["live", "roles", kept.id]))" }
        if approving.takesAll { page.view["approve"] = base + "/approve" }
        page.view["approveAddress"] = base + "/approve"
        let steps = plan?.steps.filter { visit.user.sees(unit: $0.unit) } ?? []
        let persons = try await self.desk.shownPersons(of: Array(steps.prefix(Self.mostSteps)))
        page.view["steps?"] = !steps.isEmpty
        page.view["steps"] = steps.prefix(Self.mostSteps).map { step in
            [
                "sign": step.action.sign, "look": words.look(step.action), "role": step.key.name.description,
                "person": persons[step.key.person] ?? "",
                "address": "\(Address("/person", ["id": persons[step.key.person]]))",
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

    /// What changes while the plan is carried out.
    private func progress(of kept: KeptRolePlan, _ visit: Visit) async throws -> View {
        let words = RolePlanWords(visit.language)
        let times = TimeText(visit.language, now: self.desk.clock.now())
        let steps = Dictionary(grouping: try await self.desk.store.roleSteps(of: kept.id), by: \.state).mapValues(\.count)
        let total = steps.values.reduce(0, +)
        let done = total - (steps[.waiting] ?? 0) - (steps[.taken] ?? 0)
        var view: View = [
            "id": kept.id, "state": words.state(kept.state), "tone": words.tone(kept.state).rawValue,
            "made": "\(kept.madeBy), \(times.moment(kept.madeAt))",
            "counts": steps.sorted { $0.key.rawValue < $1.key.rawValue }.map { state, count in
                ["name": words.state(state), "count": TimeText.number(count)] as View
            },
        ]
        // What can be done goes when the plan is over, also on a page that somebody looks at meanwhile.
        let base = Address(parts: ["roles", kept.id]).path
        view["csrf"] = visit.csrf
        if kept.state == .open, !kept.approved.isEmpty, visit.user.may(.applyRoles) { view["apply"] = base + "/apply" }
        if !kept.state.isOver, visit.user.may(.applyRoles) { view["stop"] = base + "/stop" }
        view["decide?"] = view["apply"] != nil || view["stop"] != nil
        if total > 0 {
            view.merge([
                "total": String(total), "done": String(done),
                "doneText": visit.language(
                    sv: "\(TimeText.number(done)) av \(TimeText.number(total))",
                    en: "\(TimeText.number(done)) of \(TimeText.number(total))"),
            ]) { _, new in new }
        }
        return view
    }

    /// How a plan goes, for as long as it is being carried out and somebody looks.
    private func events(of id: String, _ visit: Visit) -> AsyncStream<LiveEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: LiveEvent.self, bufferingPolicy: .bufferingNewest(2))
        let work = Task {
            defer { continuation.finish() }
            while !Task.isCancelled, let kept = try? await self.desk.store.rolePlan(id),
                let view = try? await self.progress(of: kept, visit)
            {
                let isLast = kept.state != .applying
                continuation.yield(
                    LiveEvent(self.frame.templates.render("role-plan-now", view, in: visit.language), isLast: isLast))
                if isLast { return }
                try? await self.desk.clock.sleep(Self.pause)
            }
        }
        continuation.onTermination = { _ in work.cancel() }
        return stream
    }

    private func csv(_ visit: Visit) async throws -> Reply {
        let kept = try await self.kept(visit)
        guard let plan = try await self.desk.rolePlans.plan(kept) else { throw ConsoleRefusal.unknownPage }
        let places = try await self.desk.placeNames()
        let steps = plan.steps.filter { visit.user.sees(unit: $0.unit) }
        let persons = try await self.desk.shownPersons(of: steps)
        let rows = steps.map { step in
            [
                step.action.rawValue, step.key.name.system, step.key.name.role, persons[step.key.person] ?? "",
                step.key.scope.description,
                step.unit.map { places[$0] ?? $0 } ?? "", step.reasons.first?.rule ?? "",
                step.marks.sorted().map(\.rawValue).joined(separator: " "),
            ]
        }
        let header = ["action", "system", "role", "person", "scope", "unit", "rule", "marks"]
        return .csv(name: "role-plan.csv", text: CSVText.lines([header] + rows))
    }
}

/// What somebody may approve of a plan: nothing of one of their own, and of others what is of their units and still lacks approval.
private struct Approving {
    private let kept: KeptRolePlan
    private let user: ConsoleUser

    init(_ kept: KeptRolePlan, by user: ConsoleUser) {
        self.kept = kept
        self.user = user
    }

    private var isOpen: Bool { self.kept.state == .open && self.kept.madeBy != self.user.name }

    /// All parts at once.
    var takesAll: Bool { self.isOpen && self.user.may(.approveRoles) }

    func takes(_ part: KeptRolePlan.Part) -> Bool {
        self.isOpen && self.kept.lacking(part) > 0 && self.user.may(.approveRoles, unit: part.unit)
    }
}
