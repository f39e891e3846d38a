import Foundation
import Hub
import Mapping
import SchoolRecords

/// Having a role plan made: for a term or a day, for all systems and schools or some of them. It is kept, and waits for somebody else to
/// approve it.
struct RolePlanningPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("roles/new", .roles) { visit in try await self.show(visit) }
        routes.act("roles/new", .roles) { visit, form in try await self.make(visit, form) }
    }

    private func show(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        guard visit.user.does(.planRoles) else { throw ConsoleRefusal.forbidden("plan-roles") }
        var page = Frame.Page(language(sv: "Gör en rollplan", en: "Make a role plan"))
        page.lead = language(
            sv:
                "Jämför vad rollpolicyn säger med vad systemen själva säger att de har. Inget ändras förrän någon annan har godkänt.",
            en:
                "Holds what the policy says against what systems say that they have. Nothing changes until somebody else has approved."
        )
        page.trail = [(language(sv: "Roller", en: "Roles"), Address("/roles"))]
        page.view["term"] = Self.nextTerm(self.desk.clock.calendarDate)
        page.view["systems"] = (self.desk.mappings.set.roles?.vocabulary.catalogs.keys.sorted() ?? []).filter(
            visit.user.systems.has
        ).map { ["name": $0] as View }
        page.view["units"] = try await self.desk.placeNames().filter { visit.user.sees(unit: $0.key) }
            .sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map { ["id": $0.key, "name": $0.value] as View }
        page.view["all?"] = visit.user.sees(unit: nil)
        return self.frame.show(page, "role-planning", in: .roles, visit)
    }

    /// The term that begins next, as plans are named.
    static func nextTerm(_ today: CalendarDate) -> String {
        today.month < 8 ? "HT\(today.year)" : "VT\(today.year + 1)"
    }

    private func make(_ visit: Visit, _ form: Fields) async throws -> Reply {
        var request = RolePlanRequest()
        request.term = form["term"]
        if let day = form["day"] {
            guard let date = CalendarDate(day) else {
                throw ConsoleRefusal.wrongInput(sv: "Skriv dagen som 2026-08-17.", en: "Write the day as 2026-08-17.")
            }
            request.date = date
        }
        request.systems = Set(form.all("system"))
        request.unit = form["unit"]
        try await self.desk.require(.planRoles, on: request.systems, unit: request.unit, of: visit)
        guard let plan = try await self.desk.actions.planRoles(request, visit.user.name) else {
            return .redirect(Address("/roles", ["said": "nothing-to-plan"]))
        }
        return .redirect(Address(parts: ["roles", plan], ["said": "planned"]))
    }
}
