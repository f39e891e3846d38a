import HTTPTypes
import Hub
import Hummingbird

/// Signing in and out, and the choice of language: what needs nobody to be signed in.
struct SignInPage: Sendable {
    /// Bytes of a form.
    private static let mostBytes = 8 * 1024

    let gate: any ConsoleGate
    let templates: Templates

    func add(to router: Router<ConsoleRequestContext>, door: ConsoleDoor) {
        router.get("sign-in") { request, _ in
            await door.answerAnybody(request) { language in
                self.page(Fields(encoded: request.uri.query ?? ""), language)
            }
        }
        router.post("sign-in") { request, context in
            await door.answerAnybody(request) { language in try await self.signIn(request, context, language, door) }
        }
        router.post("sign-out") { request, _ in
            await door.answerAnybody(request) { _ in
                let cookies = request.cookieHeader
                guard let guest = try await self.gate.guest(cookies: cookies) else { return Self.redirect("/sign-in", []) }
                let form = try await door.form(of: request, mostBytes: Self.mostBytes)
                guard ConsoleDoor.isEqual(form.exactly("csrf"), guest.csrf), door.isFromHere(request) else {
                    throw ConsoleRefusal.forgedForm
                }
                return Self.redirect("/sign-in", [try await self.gate.signOut(cookies: cookies)])
            }
        }
        router.get("sign-in/openid") { request, _ in
            await door.answerAnybody(request) { _ in
                let path = Self.ownPath(Fields(encoded: request.uri.query ?? "")["to"])
                let start = try await self.gate.startOpenID(to: path)
                return Self.redirect(start.location, [start.cookie])
            }
        }
        router.get("sign-in/openid/callback") { request, context in
            await door.answerAnybody(request) { _ in
                let finish = try await self.gate.finishOpenID(
                    query: request.uri.query ?? "", cookies: request.cookieHeader, address: context.address)
                return Self.redirect(Self.ownPath(finish.path), finish.cookies)
            }
        }
        router.get("language") { request, _ in
            await door.answerAnybody(request) { language in
                let query = Fields(encoded: request.uri.query ?? "")
                let chosen = query["choose"].flatMap(Language.init(rawValue:)) ?? language
                return Self.redirect(
                    Self.ownPath(query["to"]), ["knutpunkt-lang=\(chosen.rawValue); Path=/; SameSite=Lax; Max-Age=31536000"])
            }
        }
    }

    private func page(_ query: Fields, _ language: Language, wrong: String? = nil, name: String? = nil) -> Response {
        let path = Self.ownPath(query["to"])
        var view: View = [
            "title": language(sv: "Logga in", en: "Sign in"), "to": path, "csrf": "", "accounts": self.gate.hasAccounts,
            "otherLanguages": Frame.otherLanguages(than: language, at: Address("/sign-in", ["to": path])),
        ]
        if let wrong { view["wrong"] = wrong }
        view["name"] = name ?? ""
        if let provider = self.gate.openIDName {
            view["openID"] = language(sv: "Logga in med \(provider)", en: "Sign in with \(provider)")
        }
        return ConsoleDoor.html(
            self.templates.render("sign-in", view, in: language), status: wrong == nil ? .ok : .unauthorized)
    }

    private func signIn(
        _ request: Request, _ context: ConsoleRequestContext, _ language: Language, _ door: ConsoleDoor
    ) async throws -> Response {
        let form = try await door.form(of: request, mostBytes: Self.mostBytes)
        // There is no session yet that the form could belong to: that it comes from this page is what the browser says.
        guard door.isFromHere(request) else { throw ConsoleRefusal.forgedForm }
        do {
            let cookies = try await self.gate.signIn(
                name: form["name"] ?? "", password: form.exactly("password"), cookies: request.cookieHeader,
                address: context.address)
            return Self.redirect(Self.ownPath(form["to"]), cookies)
        } catch let refusal as ConsoleRefusal {
            return self.page(form, language, wrong: refusal.text(language), name: form["name"])
        }
    }

    /// A path of the console; what leads elsewhere is the overview.
    static func ownPath(_ text: String?) -> String {
        guard let text, text.first == "/", !text.hasPrefix("//"), !text.hasPrefix("/\\"), !text.hasPrefix("/sign-"),
            text.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value < 127 && $0 != "\\" })
        else { return "/" }
        return text
    }

    static func redirect(_ location: String, _ cookies: [String]) -> Response {
        var response = Response.redirect(to: location, type: .normal)
        for cookie in cookies { response.headers.append(HTTPField(name: .setCookie, value: cookie)) }
        return response
    }
}
