import Foundation
import HTTPTypes
import Hub
import Hummingbird
import Logging
import NIOCore
import SchoolRecords

/// Answers requests of the API: finds the operation, who asks, and whether they may; checks what was sent; and tells what goes wrong.
struct APIDoor: Sendable {
    static let problemType = "application/problem+json"
    /// Bytes of what is sent, where it isn't records.
    static let mostBytes = 64 * 1024
    /// Bytes of records that are handed in at a time.
    static let mostRecordBytes = 16 << 20

    let operations: [APIOperation]
    let desk: ConsoleDesk
    let visitors: APIVisitors
    let repeatable: RepeatableCalls
    let door: ConsoleDoor
    let logger: Logger

    /// Whether an address is the API's.
    static func isOwn(_ path: String) -> Bool {
        [OpsAPI.prefix, IntakeAPI.prefix, "/api", "/intake"].contains { path == $0 || path.hasPrefix($0 + "/") }
    }

    func answer(_ request: Request) async -> Response {
        let language = Self.language(of: request)
        do {
            let parts = request.uri.path.split(separator: "/", omittingEmptySubsequences: false)
            let here = self.operations.compactMap { operation in operation.match(parts).map { (operation, $0) } }
            // A path without parts that differ stands before one with them.
            let exact = here.filter { $0.1.isEmpty }
            let found = exact.isEmpty ? here : exact
            guard !found.isEmpty else { throw APIProblem.notFound }
            let method = request.method == .head ? .get : request.method
            guard let (operation, places) = found.first(where: { $0.0.method == method }) else {
                var methods = Set(found.map(\.0.method.rawValue))
                if methods.contains("GET") { methods.insert("HEAD") }
                throw APIProblem.methodNotAllowed(methods.sorted().joined(separator: ", "))
            }
            let answer = try await self.answer(request, operation, places, language)
            return Self.response(answer, language, isHead: request.method == .head)
        } catch {
            return self.response(to: error, language)
        }
    }

    private func answer(
        _ request: Request, _ operation: APIOperation, _ places: [String: String], _ language: Language
    ) async throws -> KeptAnswer {
        let visitor = try await self.visitor(request, operation)
        let key = try Self.key(request, operation)
        let asked = (
            places: try Self.values(places.mapValues { [$0] }, operation.places, isPath: true),
            query: try Self.values(Self.pairs(request.uri.query ?? ""), operation.query, isPath: false)
        )
        let sent = try await self.sent(request, operation)
        let call = APICall(
            operation: operation, desk: self.desk, visitor: visitor, language: language, places: asked.places, query: asked.query,
            body: sent.body, records: sent.records)
        let act: @Sendable () async throws -> KeptAnswer = {
            let answer = try await operation.act(call)
            return KeptAnswer(
                status: answer.status, contentType: "application/json", location: answer.location, body: answer.body.canonicalData
            )
        }
        guard let key, let visitor else { return try await act() }
        var whole = Data("\(operation.id) \(request.uri.path)?\(request.uri.query ?? "") \(sent.records?.isCSV ?? false) ".utf8)
        whole += sent.records?.data ?? sent.body.canonicalData
        return try await self.repeatable.once(key, of: visitor.user.name, asked: whole, act)
    }

    // MARK: Who

    private func visitor(_ request: Request, _ operation: APIOperation) async throws -> APIVisitor? {
        if case .anybody = operation.access { return nil }
        guard
            let visitor = try await self.visitors.visitor(
                authorization: request.headers[values: .authorization], cookies: request.cookieHeader)
        else { throw APIProblem.unauthorized }
        switch operation.access {
        case .anybody, .signedIn: break
        case .area(let area): guard visitor.user.may(area) else { throw APIProblem.forbidden(area.rawValue) }
        case .handingIn:
            guard visitor.source != nil || visitor.user.does(.sync) else {
                throw APIProblem.forbidden(Permissions.Action.sync.rawValue)
            }
        }
        if let action = operation.action, !visitor.user.does(action) {
            let isNobody = visitor.user.signIn == .token && ConsoleUser.approvals.contains(action)
            throw isNobody ? APIProblem.needsPerson : APIProblem.forbidden(action.rawValue)
        }
        // Every POST brings it along, those that only look as well.
        if !operation.isReading, let csrf = visitor.csrf {
            let given = HTTPField.Name("X-CSRF-Token").flatMap { request.headers[$0] } ?? ""
            guard ConsoleDoor.isEqual(given, csrf), self.door.isFromHere(request) else { throw APIProblem.forged }
        }
        return visitor
    }

    // MARK: Answering

    /// What the request prefers; English when nothing says otherwise, as programs do.
    static func language(of request: Request) -> Language {
        request.headers[.acceptLanguage]?.split(separator: ",").lazy
            .map { $0.drop { $0 == " " }.prefix(2).lowercased() }.compactMap(Language.init(rawValue:)).first ?? .en
    }

    private static func response(_ answer: KeptAnswer, _ language: Language, isHead: Bool) -> Response {
        var headers: HTTPFields = [
            .contentType: answer.contentType, .contentLanguage: language.rawValue, .cacheControl: "no-store",
        ]
        if let location = answer.location { headers[.location] = location }
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: isHead ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    func response(to error: any Error, _ language: Language) -> Response {
        Self.response(to: self.problem(of: error), language)
    }

    private func problem(of error: any Error) -> APIProblem {
        switch error {
        case let problem as APIProblem: return problem
        case let refusal as ConsoleRefusal: return APIProblem(refusal)
        case let refusal as UploadRefusal: return APIProblem(refusal)
        case let refusal as AccessRefusal: return APIProblem(refusal)
        default:
            let number = String(UInt32.random(in: .min ... .max), radix: 16)
            self.logger.error("A request of the API failed", metadata: ["error": "\(error)", "number": "\(number)"])
            return .internalError(number)
        }
    }

    static func response(to problem: APIProblem, _ language: Language) -> Response {
        var headers: HTTPFields = [
            .contentType: Self.problemType, .contentLanguage: language.rawValue, .cacheControl: "no-store",
        ]
        if problem.status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"Knutpunkt\"" }
        if let seconds = problem.retryAfter { headers[.retryAfter] = String(seconds) }
        if let allow = problem.allow { headers[.allow] = allow }
        // What is still coming isn't waited for.
        if problem.status == 413 { headers[.connection] = "close" }
        return Response(
            status: .init(code: problem.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: problem.json(language).canonicalData)))
    }
}
