import Foundation
import Hub
import Mapping
import Provisioning
import SchoolRecords

/// Why somebody has a role, or doesn't: the record that it comes from, the rule, the plan that gave it, what is in the way. Who asks, and
/// why, is in the audit log before anything is looked up.
struct RoleExplanationPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("roles/explain", .person) { visit in
            var page = self.page(visit)
            page.view["asked"] = visit.query["id"] ?? ""
            return self.frame.show(page, "role-explanation", in: .roles, visit)
        }
        // By POST: neither id nor reason stands in an address, a history or a proxy's log.
        routes.act("roles/explain", .person) { visit, form in try await self.explain(visit, form) }
    }

    private func page(_ visit: Visit) -> Frame.Page {
        let language = visit.language
        var page = Frame.Page(language(sv: "Varför har någon en roll?", en: "Why does somebody have a role?"))
        page.lead = language(
            sv: "Vilken regel som ger rollen, ur vilken post, levererad när – eller vad som fattas.",
            en: "Which rule gives the role, from which record, delivered when – or what is missing.")
        if visit.user.may(.roles) { page.trail = [(language(sv: "Roller", en: "Roles"), Address("/roles"))] }
        let catalogs = self.desk.mappings.set.roles?.vocabulary.catalogs ?? [:]
        page.view["roleChoices"] = catalogs.sorted { $0.key < $1.key }.map { system, catalog in
            [
                "system": system,
                "roles": catalog.roles.keys.sorted().map { ["value": "\(system)/\($0)", "name": $0] as View },
            ] as View
        }
        return page
    }

    private func explain(_ visit: Visit, _ form: Fields) async throws -> Reply {
        let language = visit.language
        var page = self.page(visit)
        let reason = try FailurePage.reason(form)
        guard visit.user.does(.see), visit.user.systems == .all else { throw ConsoleRefusal.forbidden("see") }
        try await self.desk.require(.see, [], visit.user.name)
        var request: RoleExplanationRequest
        do {
            request = RoleExplanationRequest(
                person: try await PersonFinder(desk: self.desk).person(form["id"] ?? "", reason: reason, by: visit),
                reason: reason)
        } catch let unfound as PersonFinder.Unfound {
            page.view["wrong"] = unfound.text(language)
            return self.frame.show(page, "role-explanation", in: .roles, visit)
        }
        if let role = form["role"] {
            let parts = role.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw ConsoleRefusal.unknownPage }
            (request.system, request.whyNot) = (parts[0], parts[1])
        }
        if let day = form["day"] {
            guard let date = CalendarDate(day) else {
                throw ConsoleRefusal.wrongInput(sv: "Skriv dagen som 2026-08-17.", en: "Write the day as 2026-08-17.")
            }
            request.date = date
        }
        try await PersonScope(store: self.desk.store).require(request.person, for: visit.user)
        page.view["told"] = true
        switch try await self.desk.actions.explainRoles(request, language, visit.user.name) {
        case .protected:
            page.view["protected"] = language(
                sv: "Skyddade personuppgifter: här visas inget.", en: "Protected identity: nothing is shown here.")
        case .roles(let heading, let roles):
            page.view["heading"] =
                heading
                ?? (roles.isEmpty
                    ? language(
                        sv: "Policyn ger inget, och systemen har inget.",
                        en: "The policy gives nothing, and systems hold nothing.")
                    : language(sv: "Rollerna, och varför", en: "The roles, and why"))
            page.view["roles"] = roles.map { role in
                [
                    "sign": role.sign ?? "", "look": RolePlanWords.look(sign: role.sign), "title": role.title,
                    "details": role.details,
                ] as View
            }
        }
        return self.frame.show(page, "role-explanation", in: .roles, visit)
    }
}
