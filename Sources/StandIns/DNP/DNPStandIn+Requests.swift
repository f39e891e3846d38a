import Foundation
import Hummingbird
import SchoolRecords

/// How calls are taken, let in, counted and answered.
extension DNPStandIn {
    /// An answer before the faults have had their say.
    private struct Reply {
        var status = HTTPResponse.Status.ok
        var body: JSONValue = .null
        var location: String?
        var quota: (limit: Int, remaining: Int, reset: Double)?
        /// Whether it is a list or a look-up, which page faults count.
        var isReading = false
    }

    func respond(to request: Request, in context: StandInContext) async -> Response {
        if let delay = self.currentFaults.delay { try? await Task.sleep(for: delay) }
        var body: [UInt8] = []
        if request.method == .post || request.method == .put {
            guard let buffer = try? await request.body.collect(upTo: 16 << 20) else { return Response(status: .badRequest) }
            body = Array(buffer.readableBytesView)
        }
        self.callsServed += 1
        if let most = self.currentFaults.breaksAfterCalls, self.callsServed > most {
            try? await context.channel.close()
            return Response(status: .internalServerError)
        }
        let reply = self.reply(request, body)
        self.bell.ring()
        if let every = self.currentFaults.losesReplyEvery, self.callsServed % every == 0 { try? await context.channel.close() }
        return self.response(reply)
    }

    private func reply(_ request: Request, _ body: [UInt8]) -> Reply {
        if self.currentFaults.outage == .unavailable { return self.failure(.serviceUnavailable, "5022") }
        if request.uri.path == Self.tokenPath { return self.token(request, body) }
        if request.uri.path == Self.keysPath { return Reply(body: self.tokens.keys) }
        if request.uri.path.hasPrefix(Self.fetchingPath + "/webhooks/") { return self.webhook(request, body) }
        guard request.uri.path.hasPrefix(Self.apiPath + "/") else { return Reply(status: .notFound) }
        let steps = request.uri.path.dropFirst(Self.apiPath.count + 1).split(separator: "/").map(String.init)
        if steps == ["alive"] { return Reply() }
        guard let kind = DNPKind.allCases.first(where: { $0.path == steps.first }) else { return Reply(status: .notFound) }
        let isWrite = steps.dropFirst().first == "bulk"
        let now = self.now()
        let isWithin = isWrite ? self.writes.admits(now) : self.reads.admits(now)
        let quota = isWrite ? self.writes : self.reads
        var reply: Reply
        let isRefused = self.currentFaults.refusesEvery.map { self.callsServed % $0 == 0 } ?? false
        let isOverloaded = self.currentFaults.overloadedEvery.map { self.callsServed % $0 == 0 } ?? false
        if !isWithin || isRefused {
            if !isWithin { self.seen.tooMany += 1 }
            reply = self.failure(.tooManyRequests, "5021")
            reply.quota = (quota.limit, 0, max(0.1, quota.reset(now)))
            return reply
        }
        if isOverloaded {
            reply = self.failure(.serviceUnavailable, "6001")
        } else if !self.admits(request, now) {
            reply = self.failure(.forbidden, "5002")
        } else {
            reply = self.route(request, kind, Array(steps.dropFirst()), body)
        }
        reply.quota = (quota.limit, quota.remaining(), quota.reset(now))
        return reply
    }

    private func failure(_ status: HTTPResponse.Status, _ code: String, _ attribute: String? = nil) -> Reply {
        let entry = DNPEntry(code: code, status: Int(status.code), message: "Anropet avvisades.", attribute: attribute)
        return Reply(status: status, body: [entry.json(nil, nil, Self.stamp(self.now()))])
    }

    private func token(_ request: Request, _ body: [UInt8]) -> Reply {
        guard request.method == .post, let wanted = try? JSONValue(parsing: Data(body)), !self.currentFaults.refusesClients,
            let location = try? self.baseURL, let fetching = try? self.fetchingURL, let issuer = try? self.server.url,
            let grant = self.tokens.grant(
                wanted, ["provisioning-api": location, "ss12000-client": fetching], issuer: issuer,
                uses: self.currentFaults.tokenUses, now: self.now())
        else { return Reply(status: .unauthorized, body: ["detail": "unauthorized"]) }
        self.seen.tokens += 1
        return Reply(body: grant)
    }

    private func admits(_ request: Request, _ now: Date) -> Bool {
        guard let token = Self.bearer(request), let location = try? self.baseURL else { return false }
        return self.tokens.admits(token, to: "provisioning-api", at: location, now: now)
    }

    private static func bearer(_ request: Request) -> String? {
        let header = request.headers[.authorization] ?? ""
        return header.hasPrefix("Bearer ") ? String(header.dropFirst(7)) : nil
    }

    private func webhook(_ request: Request, _ body: [UInt8]) -> Reply {
        guard request.method == .post, let urlID = request.uri.path.split(separator: "/").last else {
            return Reply(status: .methodNotAllowed)
        }
        return Reply(status: .init(code: self.notify(String(urlID), token: Self.bearer(request), body)))
    }

    // MARK: Routing

    private func route(_ request: Request, _ kind: DNPKind, _ steps: [String], _ body: [UInt8]) -> Reply {
        self.work(until: self.now())
        let query = EdlevoStandIn.pairs(request.uri.query ?? "")
        func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
        switch (request.method, steps.first, steps.count) {
        case (.get, nil, _): return self.list(kind, value("limit"), value("pageToken"))
        case (.post, "lookup"?, 1): return self.lookUp(kind, body)
        case (.post, "bulk"?, 1), (.put, "bulk"?, 1):
            let updates = request.method == .put ? "true" : value("updateIfExists") ?? "false"
            guard ["true", "false"].contains(updates) else { return self.failure(.badRequest, "2025", "updateIfExists") }
            return self.bulk(kind, body, updates: updates == "true", isDeletion: false)
        case (.post, "bulk"?, 2) where steps[1] == "delete": return self.bulk(kind, body, updates: false, isDeletion: true)
        case (.get, "bulk"?, 3), (.get, "bulk"?, 4):
            guard steps[1] == "jobs" else { return Reply(status: .notFound) }
            return self.job(kind, steps[2], asksOnly: steps.last == "isCompleted", onlyErrors: value("showOnlyError") == "true")
        case (.get, let id?, 1):
            guard DNPChecks.isUUID(id) else { return self.failure(.badRequest, "2011", "id") }
            guard let object = self.held[kind]?[id.lowercased()] else { return self.failure(.notFound, "4001", "id") }
            return Reply(body: self.shown(object))
        default: return Reply(status: .methodNotAllowed)
        }
    }

    private func bulk(_ kind: DNPKind, _ body: [UInt8], updates: Bool, isDeletion: Bool) -> Reply {
        self.seen.bulkCalls += 1
        self.seen.largestCall = max(self.seen.largestCall, body.count)
        guard body.count <= Self.mostBytes else {
            self.seen.tooLarge += 1
            return self.failure(.contentTooLarge, "5020")
        }
        guard let document = try? JSONValue(parsing: Data(body)), let elements = document["data"]?.arrayValue,
            elements.allSatisfy({ DNPChecks.isUUID(isDeletion ? $0.stringValue : $0["id"]?.stringValue) })
        else { return self.failure(.badRequest, "2010", "ids") }
        let job = self.submit(kind, elements, updates: updates, isDeletion: isDeletion)
        let location = ((try? self.baseURL) ?? "") + "/\(kind.path)/bulk/jobs/\(job.id)"
        return Reply(
            status: .accepted, body: ["jobId": .string(job.id), "message": "Anropet har tagits emot."], location: location)
    }

    private func job(_ kind: DNPKind, _ id: String, asksOnly: Bool, onlyErrors: Bool) -> Reply {
        self.seen.jobCalls += 1
        guard let place = self.jobPlaces[id], self.jobs[place].kind == kind else { return self.failure(.notFound, "4001", "id") }
        let job = self.jobs[place]
        if asksOnly { return Reply(body: .bool(job.isDone)) }
        var responses = job.responses
        if !job.isDone {
            for index in responses.indices {
                responses[index]["response"] = ["status": "Pending", "errors": [], "warnings": []]
            }
        }
        if onlyErrors { responses.removeAll { $0["response"]?["status"] != "Error" } }
        return Reply(body: ["jobId": .string(id), "responses": .array(responses)])
    }

    // MARK: Reading

    private func list(_ kind: DNPKind, _ limit: String?, _ token: String?) -> Reply {
        guard let limit = Int(limit ?? "50"), (1...100).contains(limit) else { return self.failure(.badRequest, "3085", "limit") }
        self.seen.readings += 1
        let after = token.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) } ?? ""
        let ids = (self.held[kind] ?? [:]).keys.filter { $0 > after }.sorted()
        var objects = ids.prefix(limit).compactMap { self.held[kind]?[$0] }.map { object in
            var object = self.shown(object)
            // The list of persons has a selection of their members.
            if kind == .person { for name in ["enrolments", "emails", "securityMarking"] { object[name] = nil } }
            return object
        }
        let next = ids.count > limit ? Data(ids[limit - 1].utf8).base64EncodedString() : nil
        if self.currentFaults.duplicatesRows, let last = objects.last { objects.append(last) }
        let data: JSONValue = self.currentFaults.sendsWrongShape ? ["elements": .array(objects)] : .array(objects)
        return Reply(body: ["data": data, "pageToken": next.map(JSONValue.string) ?? .null], isReading: true)
    }

    private func lookUp(_ kind: DNPKind, _ body: [UInt8]) -> Reply {
        self.seen.readings += 1
        guard let document = try? JSONValue(parsing: Data(body)), let ids = document["ids"]?.arrayValue,
            ids.allSatisfy({ DNPChecks.isUUID($0.stringValue) })
        else { return self.failure(.badRequest, "2010", "ids") }
        let objects = ids.compactMap { $0.stringValue.flatMap { self.held[kind]?[$0.lowercased()] } }.map(self.shown)
        return Reply(
            body: self.currentFaults.sendsWrongShape ? ["data": .array(objects)] : .array(objects), isReading: true)
    }

    private func shown(_ object: JSONValue) -> JSONValue {
        var object = object
        object["provisioningStatus"] = true
        object["meta"] = ["created": "2026-08-01T10:30:00.123+02:00", "modified": "2026-08-01T10:30:00.123+02:00"]
        if self.currentFaults.addsUnknownFields { object["nyttFält"] = ["något": [1, 2]] }
        return object
    }

    // MARK: Sending

    private func response(_ reply: Reply) -> Response {
        var bytes = reply.body.isNull ? [] : Array(reply.body.canonicalData)
        if reply.isReading {
            self.readingsServed += 1
            if self.currentFaults.truncatedPage == self.readingsServed {
                bytes = Array(bytes.prefix(max(1, bytes.count / 2)))
            } else if self.currentFaults.latin1Page == self.readingsServed {
                bytes = String(decoding: bytes, as: UTF8.self).unicodeScalars.map { UInt8(exactly: $0.value) ?? 0x3F }
            }
        }
        var headers = HTTPFields()
        if !bytes.isEmpty { headers[.contentType] = "application/json;charset=utf-8" }
        if let location = reply.location { headers[.location] = location }
        if let quota = reply.quota {
            for (name, value) in [
                ("x-ratelimit-limit", "\(quota.limit)"), ("x-ratelimit-remaining", "\(quota.remaining)"),
                ("x-ratelimit-reset", "\(quota.reset)"),
            ] {
                // These are names that a header may have.
                headers[.init(name) ?? .retryAfter] = value
            }
        }
        return Response(reply.status, headers, bytes, cutAfter: nil)
    }
}
