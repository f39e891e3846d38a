import Hub

/// Role plans that wait, run or are over, and how ready the staff of each unit is.
struct RolesPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("roles", .roles) { visit in try await self.show(visit) }
    }

    private func show(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let times = TimeText(language, now: self.desk.clock.now())
        let words = RolePlanWords(language)
        let places = try await self.desk.placeNames()
        let plans = try await self.desk.store.rolePlans(limit: ListPage.size)
        let readiness = await self.desk.reading().roles.filter { visit.user.sees(unit: $0.unit) }
        var page = Frame.Page(language(sv: "Roller", en: "Roles"))
        page.lead = language(
            sv: "Vem som ska ha vilken roll, i vilket system. En plan görs, godkänns av någon annan, och genomförs.",
            en: "Who shall have which role, in which system. A plan is made, approved by somebody else, and carried out.")
        if visit.user.does(.planRoles) { page.view["plan"] = "/roles/new" }
        if visit.user.may(.person) { page.view["explain"] = "/roles/explain" }
        page.view["plans?"] = !plans.isEmpty
        page.view["plans"] = plans.map { plan in
            let sum = RolePlanWords.Sum(plan.parts)
            return [
                "address": "\(Address(parts: ["roles", plan.id]))", "name": plan.term ?? plan.date,
                "state": words.state(plan.state), "tone": words.tone(plan.state).rawValue,
                "granted": TimeText.number(sum.granted), "changed": TimeText.number(sum.changed),
                "revoked": TimeText.number(sum.revoked), "approved": "\(plan.approved.count)/\(plan.parts.count)",
                "by": plan.madeBy, "time": times.moment(plan.madeAt),
            ] as View
        }
        page.view["ready?"] = !readiness.isEmpty
        page.view["ready"] = readiness.map { unit -> (RoleReadiness, Double) in
            (unit, unit.staff == 0 ? 1 : Double(unit.ready) / Double(unit.staff))
        }.sorted { ($0.1, $0.0.unit) < ($1.1, $1.0.unit) }.map { unit, share in
            [
                "name": places[unit.unit] ?? unit.unit, "share": words.percent(share),
                "done": String(unit.ready), "staff": String(max(unit.staff, 1)),
                "text": "\(unit.ready)/\(unit.staff)",
                "missing": unit.missing.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                    .map { "\($0.value) \($0.key)" }.joined(separator: ", "),
            ] as View
        }
        return self.frame.show(page, "roles", in: .roles, visit)
    }
}
