import Foundation
import Hummingbird
import SchoolRecords

/// How requests are taken, let in, routed and logged.
extension SCIMStandIn {
    private static let mediaType = "application/scim+json"

    func respond(to request: Request, in context: StandInContext) async -> Response {
        if let delay = self.faults.delay { try? await Task.sleep(for: delay) }
        let parameters = EdlevoStandIn.pairs(request.uri.query ?? "")
        var body: [UInt8] = []
        if [.post, .put, .patch].contains(request.method), let buffer = try? await request.body.collect(upTo: 4 << 20) {
            body = Array(buffer.readableBytesView)
        }
        let steps = request.uri.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        var path = "?"
        let answer = self.answer(request, steps, parameters, body, path: &path)
        self.log.note(
            RequestLog.Line(
                method: request.method.rawValue, path: path, parameters: parameters.map { $0.name.lowercased() }.sorted(),
                status: answer.status.code), traceparent: request.headers.first { $0.name.canonicalName == "traceparent" }?.value)
        if answer.isLost { try? await context.channel.close() }
        return self.response(answer)
    }

    private func answer(
        _ request: Request, _ steps: [String], _ parameters: [(name: String, value: String)], _ body: [UInt8], path: inout String
    ) -> Answer {
        if self.faults.isDown { return self.failure(.serviceUnavailable) }
        // An empty step, as of a base address with a slash at its end, is no address here.
        guard steps.count >= 3, steps.count <= 4, steps.prefix(2) == ["scim", "v2"], let type = EGILType(rawValue: steps[2])
        else {
            return self.failure(.notFound)
        }
        path = steps.count == 3 ? type.rawValue : "\(type.rawValue)/{id}"
        guard request.headers[.init("X-API-Key") ?? .authorization] == self.key, !self.faults.refusesAll else {
            return self.failure(.forbidden)
        }
        self.requestsServed += 1
        if let every = self.faults.throttlesEvery, self.requestsServed % every == 0 {
            var answer = self.failure(.tooManyRequests)
            answer.retryAfter = 7
            return answer
        }
        let id = steps.count == 4 ? steps[3].removingPercentEncoding ?? steps[3] : nil
        if let id, id.isEmpty { return self.failure(.notFound) }
        if request.method == .get { return self.look(type, id, parameters) }
        if request.method != .delete, request.headers[.contentType]?.hasPrefix(Self.mediaType) != true {
            return self.failure(.unsupportedMediaType)
        }
        return self.counted(id ?? (try? JSONValue(parsing: Data(body)))?["externalId"]?.stringValue ?? "") {
            $0.write(type, id, request, body)
        }
    }

    /// A write as the faults have it.
    private func counted(_ key: String, _ work: (isolated SCIMStandIn) -> Answer) -> Answer {
        self.writesServed += 1
        if let most = self.faults.breaksAfterWrites, self.writesServed > most { return Answer(isLost: true) }
        var answer = work(self)
        if let every = self.faults.losesReplyEvery, self.lostReplies.remove(key) == nil, self.writesServed % every == 0 {
            self.lostReplies.insert(key)
            answer.isLost = true
        }
        return answer
    }

    // MARK: Reading

    private func look(_ type: EGILType, _ id: String?, _ parameters: [(name: String, value: String)]) -> Answer {
        let all = self.held[type] ?? []
        if let id {
            guard let held = all.first(where: { $0.id == id }) else { return self.failure(.notFound) }
            return .json(self.shown(held, of: type))
        }
        func number(_ name: String) -> Int? { parameters.first { $0.name.lowercased() == name }.flatMap { Int($0.value) } }
        var found = all
        if let filter = parameters.first(where: { $0.name.lowercased() == "filter" })?.value, self.dialect.hasFilters {
            guard let (attribute, value) = Self.comparison(filter) else { return self.failure(.badRequest, "invalidFilter") }
            found = all.filter { $0.object[attribute]?.stringValue == value }
        }
        let start = max(1, number("startindex") ?? 1)
        let count = min(self.dialect.mostOnPage, max(0, number("count") ?? self.dialect.mostOnPage))
        var page = found.dropFirst(start - 1).prefix(count).map { self.shown($0, of: type) }
        if self.faults.duplicatesRows, let last = page.last { page.append(last) }
        var answer = Answer.json(
            self.faults.sendsWrongShape
                ? ["data": []]
                : [
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                    "totalResults": .integer(Int64(found.count)), "startIndex": .integer(Int64(start)),
                    "itemsPerPage": .integer(Int64(page.count)), "Resources": .array(page),
                ])
        answer.isPage = true
        return answer
    }

    /// `attribute eq "value"`.
    static func comparison(_ filter: String) -> (attribute: String, value: String)? {
        let parts = filter.split(separator: " ", maxSplits: 2).map(String.init)
        guard parts.count == 3, parts[1].lowercased() == "eq", let value = try? JSONValue(parsing: Data(parts[2].utf8)),
            let text = value.stringValue
        else { return nil }
        return (parts[0], text)
    }

    // MARK: Writing

    private func write(_ type: EGILType, _ id: String?, _ request: Request, _ body: [UInt8]) -> Answer {
        guard let id else {
            guard request.method == .post else { return self.failure(.methodNotAllowed) }
            return self.create(type, body)
        }
        guard let place = self.held[type]?.firstIndex(where: { $0.id == id }), let there = self.held[type]?[place] else {
            return self.failure(request.method == .post ? .methodNotAllowed : .notFound)
        }
        if self.faults.editsBefore > 0, request.method != .delete {
            self.faults.editsBefore -= 1
            var edited = there.object
            edited["displayName"] = .string("Ändrad av någon annan \(there.version)")
            _ = self.change(type, at: place, to: edited)
        }
        guard let now = self.held[type]?[place] else { return self.failure(.notFound) }
        if request.method != .delete {
            let asked = request.headers[.ifMatch]
            if asked == nil, self.dialect.demandsVersions { return self.failure(.init(code: 428)) }
            if let asked, asked != Self.version(now) { return self.failure(.preconditionFailed) }
        }
        switch request.method {
        case .delete:
            self.held[type]?.remove(at: place)
            return Answer(status: .noContent)
        case .put: return self.store(type, at: place, (try? JSONValue(parsing: Data(body))) ?? .null)
        case .patch where self.dialect.hasPatch:
            guard let patched = SCIMPatching.apply(Data(body), to: now.object) else {
                return self.failure(.badRequest, "invalidPath")
            }
            return self.store(type, at: place, patched)
        case .patch: return self.failure(.notImplemented)
        default: return self.failure(.methodNotAllowed)
        }
    }

    private func create(_ type: EGILType, _ body: [UInt8]) -> Answer {
        guard let object = Self.own(try? JSONValue(parsing: Data(body))) else {
            return self.failure(.badRequest, "invalidSyntax")
        }
        guard type.fault(of: object) == nil else { return self.failure(.badRequest, "invalidValue") }
        guard self.isUnique(object, type, besides: nil) else { return self.failure(.conflict, "uniqueness") }
        return .json(self.shown(self.add(type, object), of: type), status: .created)
    }

    private func store(_ type: EGILType, at place: Int, _ value: JSONValue) -> Answer {
        guard let object = Self.own(value) else { return self.failure(.badRequest, "invalidSyntax") }
        guard type.fault(of: object) == nil else { return self.failure(.badRequest, "invalidValue") }
        guard object["externalId"] == self.held[type]?[place].object["externalId"] else {
            return self.failure(.badRequest, "mutability")
        }
        guard self.isUnique(object, type, besides: place) else { return self.failure(.conflict, "uniqueness") }
        guard let held = self.change(type, at: place, to: object) else { return self.failure(.notFound) }
        return .json(self.shown(held, of: type))
    }

    /// Without what the server alone sets.
    private static func own(_ value: JSONValue?) -> JSONValue? {
        guard var object = value, object.objectValue != nil else { return nil }
        object["id"] = nil
        object["meta"] = nil
        return object
    }

    private func isUnique(_ object: JSONValue, _ type: EGILType, besides place: Int?) -> Bool {
        !(self.held[type] ?? []).enumerated().contains { other, held in
            other != place
                && (held.object["externalId"] == object["externalId"]
                    || type == .user
                        && held.object["userName"]?.stringValue?.lowercased() == object["userName"]?.stringValue?.lowercased())
        }
    }

    // MARK: Sending

    private func failure(_ status: HTTPResponse.Status, _ type: String? = nil) -> Answer {
        guard self.dialect.hasErrorBodies else {
            return Answer(status: status, body: Array("refused".utf8), contentType: "text/plain; charset=utf-8")
        }
        var body: JSONValue = [
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": .string(String(status.code)),
            "detail": "This may name Prov Provsson.",
        ]
        if let type { body["scimType"] = .string(type) }
        return .json(body, status: status)
    }

    private func response(_ answer: Answer) -> Response {
        var answer = answer
        if answer.isPage {
            self.pagesServed += 1
            if self.faults.truncatedPage == self.pagesServed {
                answer.body = Array(answer.body.prefix(max(1, answer.body.count / 2)))
            } else if self.faults.latin1Page == self.pagesServed {
                answer.body = String(decoding: answer.body, as: UTF8.self).unicodeScalars.map { UInt8(exactly: $0.value) ?? 0x3F }
            }
        }
        var headers = HTTPFields()
        if !answer.body.isEmpty {
            headers[.contentType] = answer.contentType.hasPrefix("application/json") ? Self.mediaType : answer.contentType
        }
        if let seconds = answer.retryAfter { headers[.retryAfter] = String(seconds) }
        return Response(answer.status, headers, answer.body, cutAfter: nil)
    }
}
