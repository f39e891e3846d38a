import Foundation
import Hummingbird
import SchoolRecords

/// An answer before the faults have had their say.
struct Answer {
    var status = HTTPResponse.Status.ok
    var body: [UInt8] = []
    var contentType = "application/json; charset=utf-8"
    var retryAfter: Int?
    /// Whether it is a page of a list, which page faults count.
    var isPage = false
    /// Whether the connection is closed instead of answering.
    var isLost = false

    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Answer {
        Answer(status: status, body: Array(value.canonicalData))
    }

    /// The error body of SS 12000; 404 has none.
    static func failure(_ status: HTTPResponse.Status, _ code: String, _ message: String) -> Answer {
        status == .notFound
            ? Answer(status: status)
            : .json(["code": .string(code), "message": .string(message)], status: status)
    }
}

/// How requests are taken, let in, routed and logged.
extension EdlevoStandIn {
    func respond(to request: Request, in context: StandInContext) async -> Response {
        if let delay = self.currentFaults.delay { try? await Task.sleep(for: delay) }
        let parameters = Self.pairs(request.uri.query ?? "")
        var body: [UInt8] = []
        if [.post, .put, .patch].contains(request.method), let buffer = try? await request.body.collect(upTo: 4 << 20) {
            body = Array(buffer.readableBytesView)
        }
        var path = "?"
        let answer = self.answer(request, parameters, body, path: &path)
        self.log.note(
            RequestLog.Line(
                method: request.method.rawValue, path: path,
                parameters: parameters.map { $0.name.lowercased() }.sorted(),
                status: answer.status.code), traceparent: request.headers.first { $0.name.canonicalName == "traceparent" }?.value)
        self.bell.ring()
        if answer.isLost { try? await context.channel.close() }
        return self.response(answer)
    }

    private func answer(
        _ request: Request, _ parameters: [(name: String, value: String)], _ body: [UInt8], path: inout String
    ) -> Answer {
        func isAt(_ expected: String) -> Bool {
            self.dialect.isCaseSensitive
                ? request.uri.path == expected : request.uri.path.lowercased() == expected.lowercased()
        }
        if self.currentFaults.outage == .unavailable {
            return .failure(.serviceUnavailable, "unavailable", "the system is down for maintenance")
        }
        if isAt(self.dialect.tokenPath) {
            path = "token"
            return self.tokenAnswer(request, body)
        }
        let prefix = self.dialect.apiPath + "/"
        guard request.uri.path.utf8.count > prefix.utf8.count,
            self.dialect.isCaseSensitive
                ? request.uri.path.hasPrefix(prefix) : request.uri.path.lowercased().hasPrefix(prefix.lowercased())
        else { return Answer(status: .notFound) }
        let steps = request.uri.path.dropFirst(prefix.count).split(separator: "/").map(String.init)
        path = self.loggedPath(steps)
        guard let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer "),
            self.tokens.admits(String(header.dropFirst(7)), now: self.now())
        else { return Answer(status: .unauthorized) }
        self.requestsServed += 1
        let throttle =
            self.currentFaults.throttle
            ?? self.dialect.throttlesEvery.map { EdlevoFaults.Throttle(every: $0, retryAfter: self.dialect.retryAfter) }
        if let throttle, self.requestsServed % max(1, throttle.every) == 0 {
            var answer = Answer.failure(.tooManyRequests, "too-many-requests", "slow down")
            answer.retryAfter = throttle.retryAfter
            return answer
        }
        return self.route(request, steps, parameters, body)
    }

    private func entity(_ step: String) -> Entity? {
        self.entities.first {
            self.dialect.isCaseSensitive ? $0.path == step : $0.path.lowercased() == step.lowercased()
        }
    }

    private func isDeletedEntities(_ step: String) -> Bool {
        self.dialect.isCaseSensitive
            ? step == self.dialect.deletedEntitiesPath
            : step.lowercased() == self.dialect.deletedEntitiesPath.lowercased()
    }

    /// The path for the log: an id becomes `{id}`.
    private func loggedPath(_ steps: [String]) -> String {
        guard let first = steps.first else { return "?" }
        if self.isDeletedEntities(first) { return "deletedentities" }
        if first == Self.questionPath { return "\(first)/{id}" }
        if first == "subscriptions", self.dialect.hasSubscriptions { return steps.count == 1 ? first : "subscriptions/{id}" }
        guard let entity = self.entity(first) else { return "?" }
        if steps.count == 1 { return entity.path }
        return steps[1].lowercased() == "lookup" ? "\(entity.path)/lookup" : "\(entity.path)/{id}"
    }

    private func route(
        _ request: Request, _ steps: [String], _ parameters: [(name: String, value: String)], _ body: [UInt8]
    ) -> Answer {
        do {
            guard let first = steps.first, steps.count <= 2 else { return Answer(status: .notFound) }
            if self.isDeletedEntities(first), steps.count == 1 {
                guard request.method == .get else { return Answer(status: .methodNotAllowed) }
                return try self.deletedEntities(parameters)
            }
            if first == "subscriptions", self.dialect.hasSubscriptions {
                return try self.subscription(request, steps.dropFirst().first, body)
            }
            if first == Self.questionPath, steps.count == 2, self.entities.contains(.transportEligibility) {
                return self.answerQuestion(RecordKey.normalID(steps[1]), request, body)
            }
            guard let entity = self.entity(first) else { return Answer(status: .notFound) }
            if steps.count == 2, self.dialect.takesWrites, request.method == .put || request.method == .delete {
                return self.write(RecordKey(entity, steps[1].removingPercentEncoding ?? steps[1]), request, body)
            }
            if steps.count == 2, steps[1].lowercased() == "lookup" {
                guard request.method == .post else { return Answer(status: .methodNotAllowed) }
                return try self.lookup(entity, body)
            }
            if self.dialect.takesPosts, request.method == .post ? steps.count == 1 : request.method == .delete {
                return self.writePosted(entity, steps.dropFirst().first, body)
            }
            guard request.method == .get else { return Answer(status: .methodNotAllowed) }
            if steps.count == 1 { return try self.list(entity, parameters) }
            guard let record = self.tables[entity]?.record(RecordKey.normalID(steps[1].removingPercentEncoding ?? steps[1]))
            else {
                return Answer(status: .notFound)
            }
            return Answer(body: self.element(record))
        } catch {
            return .failure(.badRequest, error.code, error.message)
        }
    }

    // MARK: Tokens

    private func tokenAnswer(_ request: Request, _ body: [UInt8]) -> Answer {
        guard request.method == .post else { return Answer(status: .methodNotAllowed) }
        func refusal(_ error: String) -> Answer { .json(["error": .string(error)], status: .badRequest) }
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false else {
            return refusal("invalid_request")
        }
        let form = Self.pairs(String(decoding: body, as: UTF8.self).replacingOccurrences(of: "+", with: " "))
        func value(_ name: String) -> String? { form.first { $0.name == name }?.value }
        guard value("client_id") == self.clientID, value("client_secret") == self.clientSecret,
            !self.currentFaults.refusesClients
        else { return refusal("invalid_client") }
        guard value("grant_type") == "client_credentials" else { return refusal("unsupported_grant_type") }
        let lifetime = self.currentFaults.tokenLifetime ?? self.dialect.tokenLifetime
        let token = self.tokens.issue(
            lifetime: lifetime, uses: self.currentFaults.tokenUses ?? self.dialect.tokenUses, now: self.now(),
            secret: self.seed)
        return .json([
            "access_token": .string(token), "token_type": "Bearer",
            "expires_in": self.dialect.saysExpiryAsText ? .string(String(lifetime)) : .integer(Int64(lifetime)),
        ])
    }

    /// Names and values of a query or form, percent-decoded, in order.
    static func pairs(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: "&").map { part in
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (
                halves[0].removingPercentEncoding ?? halves[0],
                halves.count > 1 ? halves[1].removingPercentEncoding ?? halves[1] : ""
            )
        }
    }

    // MARK: Sending

    private func response(_ answer: Answer) -> Response {
        var answer = answer
        var cut: Int?
        if answer.isPage {
            self.pagesServed += 1
            let faults = self.currentFaults
            if faults.failedPage == self.pagesServed {
                answer = .failure(.internalServerError, "internal", "the server has failed")
            } else if faults.htmlPage == self.pagesServed {
                answer.contentType = "text/html; charset=utf-8"
                answer.body = Array("<!DOCTYPE html><html><body><h1>Logga in</h1></body></html>".utf8)
            } else if faults.cuts(page: self.pagesServed) {
                answer.body = Array(answer.body.prefix(max(1, answer.body.count / 2)))
            } else if faults.latin1Page == self.pagesServed {
                let text = String(decoding: answer.body, as: UTF8.self)
                answer.body = text.unicodeScalars.map { UInt8(exactly: $0.value) ?? 0x3F }
            } else if faults.disconnectedPage == self.pagesServed {
                cut = answer.body.count / 2
            }
        }
        var headers = HTTPFields()
        if !answer.body.isEmpty { headers[.contentType] = answer.contentType }
        if let seconds = answer.retryAfter { headers[.retryAfter] = String(seconds) }
        return Response(answer.status, headers, answer.body, cutAfter: cut)
    }
}
