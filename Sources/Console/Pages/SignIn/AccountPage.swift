import HTTPTypes
import Hub
import Hummingbird

/// Who somebody is in the console, and choosing another password for an account of the hub's own.
struct AccountPage: Sendable {
    private static let mostBytes = 8 * 1024

    let gate: any ConsoleGate
    let frame: Frame

    func add(to router: Router<ConsoleRequestContext>, _ routes: ConsoleRoutes, door: ConsoleDoor) {
        routes.show("account", .overview) { visit in self.page(visit, wrong: nil) }
        // Not as other forms: the answer gives the browser a new session.
        router.post("account/password") { request, context in
            await door.answerAnybody(request) { language in
                let cookies = request.cookieHeader
                guard let guest = try await self.gate.guest(cookies: cookies) else { return Response(status: .unauthorized) }
                let form = try await door.form(of: request, mostBytes: Self.mostBytes)
                guard ConsoleDoor.isEqual(form.exactly("csrf"), guest.csrf), door.isFromHere(request) else {
                    throw ConsoleRefusal.forgedForm
                }
                let visit = Visit(
                    user: guest.user, language: language, csrf: guest.csrf, path: "/account", query: Fields(),
                    parameters: context.parameters)
                guard form.exactly("new") == form.exactly("again") else {
                    return self.refused(visit, language(sv: "Lösenorden är olika.", en: "The passwords differ."))
                }
                do {
                    let set = try await self.gate.changePassword(
                        of: guest.user, from: form.exactly("present"), to: form.exactly("new"), cookies: cookies,
                        address: context.address)
                    return SignInPage.redirect(Address("/account", ["said": "password"]).description, set)
                } catch let refusal as ConsoleRefusal where refusal.status == 401 {
                    // Their name is known here: what isn't right is the password.
                    return self.refused(
                        visit, language(sv: "Det nuvarande lösenordet stämmer inte.", en: "The present password isn't right."))
                } catch let refusal as ConsoleRefusal where refusal.status != 404 {
                    return self.refused(visit, refusal.text(language))
                }
            }
        }
    }

    private func refused(_ visit: Visit, _ text: String) -> Response {
        guard case .html(let html) = self.page(visit, wrong: text) else { return Response(status: .internalServerError) }
        return ConsoleDoor.html(html, status: .unprocessableContent)
    }

    private func page(_ visit: Visit, wrong: String?) -> Reply {
        let language = visit.language
        var page = Frame.Page(visit.user.displayName)
        page.view["name"] = visit.user.name
        page.view["roles"] = visit.user.roles.map { $0.name(in: language) }.sorted().joined(separator: ", ")
        if case .account = visit.user.signIn { page.view["hasPassword"] = true }
        if let wrong { page.view["wrong"] = wrong }
        return self.frame.show(page, "account", in: .overview, visit)
    }
}
