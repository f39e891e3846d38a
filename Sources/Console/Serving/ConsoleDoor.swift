import HTTPTypes
import Foundation
import Hub
import Hummingbird
import Logging
import NIOCore

/// Stands between the router and the pages: finds out who asks, in which language, and turns what a page answers, or throws, into a
/// response.
struct ConsoleDoor: Sendable {
    let gate: any ConsoleGate
    let templates: Templates
    /// Where forms may come from.
    let origin: OriginGuard
    let logger: Logger

    func answer(
        _ request: Request, _ context: ConsoleRequestContext, _ page: @Sendable (Visit) async throws -> Reply
    ) async -> Response {
        let language = Self.language(of: request)
        do {
            guard let guest = try await self.gate.guest(cookies: request.cookieHeader) else {
                // A part that keeps itself fresh isn't sent to a page to sign in.
                if request.uri.path.hasPrefix("/live/") || request.method != .get { return Response(status: .unauthorized) }
                let wanted = request.uri.path == "/" ? nil : request.uri.description
                return .redirect(to: Address("/sign-in", ["to": wanted]).description, type: .normal)
            }
            let visit = Visit(
                user: guest.user, language: language, csrf: guest.csrf, path: request.uri.path,
                query: Fields(encoded: request.uri.query ?? ""), parameters: context.parameters)
            return self.response(try await page(visit))
        } catch {
            return self.refusal(error, language, path: request.uri.path)
        }
    }

    /// An answer to somebody who needn't be signed in.
    func answerAnybody(_ request: Request, _ body: @Sendable (Language) async throws -> Response) async -> Response {
        let language = Self.language(of: request)
        do { return try await body(language) } catch { return self.refusal(error, language, path: request.uri.path) }
    }

    /// Reads a form.
    ///
    /// - Throws: ``ConsoleRefusal`` when it is too large or no form.
    func form(of request: Request, mostBytes: Int) async throws -> Fields {
        guard request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") == true else {
            throw ConsoleRefusal.wrongInput(sv: "Det som sändes är inget formulär.", en: "What was sent is no form.")
        }
        if let length = request.headers[.contentLength].flatMap(Int.init), length > mostBytes {
            throw ConsoleRefusal.tooLong(mostBytes)
        }
        return Fields(encoded: String(decoding: try await Self.bytes(of: request, mostBytes: mostBytes), as: UTF8.self))
    }

    /// Reads a form with files.
    ///
    /// - Throws: ``ConsoleRefusal`` when it is too large or no such form.
    func files(of request: Request, mostBytes: Int) async throws -> MultipartForm {
        if let length = request.headers[.contentLength].flatMap(Int.init), length > mostBytes {
            throw ConsoleRefusal.tooLong(mostBytes)
        }
        let type = request.headers[.contentType] ?? ""
        guard type.lowercased().hasPrefix("multipart/form-data"),
            let form = MultipartForm(Data(try await Self.bytes(of: request, mostBytes: mostBytes)), type: type)
        else { throw ConsoleRefusal.wrongInput(sv: "Det som sändes är inget formulär.", en: "What was sent is no form.") }
        return form
    }

    private static func bytes(of request: Request, mostBytes: Int) async throws -> [UInt8] {
        var body: [UInt8] = []
        for try await part in request.body {
            guard body.count + part.readableBytes <= mostBytes else { throw ConsoleRefusal.tooLong(mostBytes) }
            body.append(contentsOf: part.readableBytesView)
        }
        return body
    }

    /// Whether a form is one that this session was given, sent from a page of the console.
    func isOwn(_ form: Fields, of visit: Visit, _ request: Request) -> Bool {
        Self.isEqual(form.exactly("csrf"), visit.csrf) && self.isFromHere(request)
    }

    /// Whether a request comes from a page of the console, as far as the browser says.
    func isFromHere(_ request: Request) -> Bool {
        (try? self.origin.admit(request.originHeaders, needsProof: false)) != nil
    }

    /// In a time that doesn't depend on where the texts differ.
    static func isEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count, !left.isEmpty else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// What was chosen with `?lang=`, or earlier, or what the browser prefers; Swedish when nothing says otherwise.
    static func language(of request: Request) -> Language {
        if let chosen = Fields(encoded: request.uri.query ?? "")["lang"].flatMap(Language.init(rawValue:)) { return chosen }
        let cookies = (request.cookieHeader ?? "").split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        if let cookie = cookies.first(where: { $0.hasPrefix("knutpunkt-lang=") }),
            let chosen = Language(rawValue: String(cookie.dropFirst("knutpunkt-lang=".count)))
        {
            return chosen
        }
        let first = request.headers[.acceptLanguage]?.split(separator: ",").lazy
            .map { $0.prefix(2).lowercased() }.compactMap(Language.init(rawValue:)).first
        return first ?? .sv
    }

    private func response(_ reply: Reply) -> Response {
        switch reply {
        case .html(let html): Self.html(html)
        case .redirect(let address): .redirect(to: address.description, type: .normal)
        case .csv(let name, let text):
            Response(
                status: .ok,
                headers: [
                    .contentType: "text/csv; charset=utf-8", .contentDisposition: "attachment; filename=\"\(name)\"",
                    .cacheControl: "no-store",
                ], body: ResponseBody(byteBuffer: ByteBuffer(string: "\u{FEFF}" + text)))
        case .live(let events): LiveStream.response(events)
        }
    }

    static func html(_ html: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    private func refusal(_ error: any Error, _ language: Language, path: String) -> Response {
        guard let refusal = error as? ConsoleRefusal else {
            // Neither the address nor the error's text is shown: it may hold what the visitor may not see.
            let number = String(UInt32.random(in: .min ... .max), radix: 16)
            self.logger.error("A page of the console failed", metadata: ["error": "\(error)", "number": "\(number)"])
            let text = language(
                sv: "Hubben kunde inte visa sidan. Felet står i loggen under \(number).",
                en: "The hub couldn't show the page. The error is in the log as \(number).")
            let title = language(sv: "Något gick fel", en: "Something went wrong")
            return Self.html(
                self.templates.render("refusal", ["title": title, "text": text], in: language), status: .internalServerError)
        }
        var response = Self.html(
            self.templates.render(
                "refusal", ["title": refusal.title(language), "text": refusal.text(language)], in: language),
            status: .init(code: refusal.status))
        if refusal.status == 413 { response.headers[.connection] = "close" }
        return response
    }
}
