import Foundation
import Hummingbird
public import Logging
import NIOCore
public import SchoolRecords
public import ServiceLifecycle

/// A stand-in for ManageEngine ServiceDesk Plus: requests are listed by a field's value, made and changed over REST API v3 as it is
/// documented (`input_data` as a form field or in the query, ids as texts, 4012 for a mandatory field that is missing, 4022 for a
/// wrong key), in either of the forms that it comes as: each wants its own `Accept` (415) and its own way in.
public actor ServiceDeskStandIn: Service {
    /// A request as it holds it.
    public struct Request: Sendable, Hashable {
        public let id: String
        public internal(set) var fields: JSONValue
        public var status: String { self.fields["status"]?["name"]?.stringValue ?? "" }
        public var subject: String { self.fields["subject"]?.stringValue ?? "" }
        public var text: String { self.fields["description"]?.stringValue ?? "" }
    }

    /// Where it runs.
    public enum Edition: Sendable, Hashable {
        /// The technician's key in a header.
        case onPremises
        /// Tokens of its account server, in exchange for a refresh token.
        case cloud
    }

    /// The technician's key, or the refresh token.
    public nonisolated let key: String
    public nonisolated let edition: Edition
    nonisolated let server: StandInServer
    /// What a template demands, beside the subject.
    private let mandatory: [String]
    private var held: [Request] = []
    private var lostReplies = 0
    private var isDown = false
    /// Tokens that are good.
    private var tokens: Set<String> = []
    private var givenTokens = 0
    private var refusing: Int64?

    public init(
        key: String = "stand-in-key", edition: Edition = .onPremises, mandatory: [String] = ["requester"],
        logger: Logger = Logger(label: "standin.service-desk", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.key = key
        self.edition = edition
        self.mandatory = mandatory
        self.server = StandInServer(name: "ServiceDesk Plus", logger: logger)
    }

    /// Serves until it is cancelled or shut down.
    public func run() async throws {
        try await self.server.run { request, context in await self.respond(to: request, in: context) }
    }

    /// Up to and including `/api/v3`, once it listens.
    public func apiURL() async throws -> String {
        let path = self.edition == .cloud ? "/app/itdesk/api/v3" : "/api/v3"
        return "http://127.0.0.1:\(try await self.server.waitUntilStarted())\(path)"
    }

    /// The account server's address, once it listens.
    public func tokenURL() async throws -> String {
        "http://127.0.0.1:\(try await self.server.waitUntilStarted())/oauth/v2/token"
    }

    /// How many tokens it has given.
    public var tokenCount: Int { self.givenTokens }

    /// No token that was given is good any more.
    public func revokeTokens() { self.tokens = [] }

    /// Refuses every write with a code from now on; `nil` does them.
    public func refuse(_ code: Int64?) { self.refusing = code }

    /// All requests, the oldest first.
    public var requests: [Request] { self.held }

    /// The next writes are done and not answered.
    public func loseReplies(_ count: Int) { self.lostReplies = count }

    /// Answers 503 to everything, or works again.
    public func setDown(_ isDown: Bool) { self.isDown = isDown }

    private func respond(to request: Hummingbird.Request, in context: StandInContext) async -> Response {
        guard !self.isDown else { return Response(status: .serviceUnavailable) }
        var text = request.uri.query ?? ""
        if request.method != .get, let buffer = try? await request.body.collect(upTo: 1 << 20) {
            text = String(decoding: buffer.readableBytesView, as: UTF8.self)
        }
        if self.edition == .cloud, request.uri.path == "/oauth/v2/token" { return self.token(text) }
        let form = self.edition == .cloud ? "application/vnd.manageengine.sdp.v3+json" : "application/vnd.manageengine.v3+json"
        guard request.headers[.accept] == form else { return Response(status: .unsupportedMediaType) }
        guard self.isLetIn(request) else { return self.refusal(4022, .unauthorized) }
        if request.method != .get, let code = self.refusing {
            return self.refusal(code, code == 4015 ? .tooManyRequests : .badRequest)
        }
        let input = EdlevoStandIn.pairs(text).first { $0.name == "input_data" }?.value
        guard let input, let value = try? JSONValue(parsing: Data(input.utf8)) else { return self.refusal(4001, .badRequest) }
        var steps = request.uri.path.split(separator: "/").map(String.init)
        if self.edition == .cloud, steps.prefix(2) == ["app", "itdesk"] { steps.removeFirst(2) }
        guard steps.prefix(3) == ["api", "v3", "requests"] else { return Response(status: .notFound) }
        switch (request.method, steps.count) {
        case (.get, 3): return self.list(value)
        case (.post, 3): return await self.answer(self.make(value), context)
        case (.put, 4): return await self.answer(self.change(steps[3], value), context)
        default: return Response(status: .methodNotAllowed)
        }
    }

    private func isLetIn(_ request: Hummingbird.Request) -> Bool {
        switch self.edition {
        case .onPremises: return request.headers[.init("authtoken") ?? .authorization] == self.key
        case .cloud:
            guard let text = request.headers[.authorization], text.hasPrefix("Zoho-oauthtoken ") else { return false }
            return self.tokens.contains(String(text.dropFirst("Zoho-oauthtoken ".count)))
        }
    }

    /// What is refused is answered with 200 too, as the account server does.
    private func token(_ text: String) -> Response {
        let pairs = Dictionary(EdlevoStandIn.pairs(text).map { ($0.name, $0.value) }) { first, _ in first }
        guard pairs["grant_type"] == "refresh_token", pairs["refresh_token"] == self.key, pairs["client_id"] == "hub",
            pairs["client_secret"]?.isEmpty == false
        else { return self.json(["error": "invalid_code"]) }
        self.givenTokens += 1
        let token = "1000.token-\(self.givenTokens)"
        self.tokens.insert(token)
        return self.json(["access_token": .string(token), "expires_in": 3600, "token_type": "Bearer"])
    }

    private func list(_ input: JSONValue) -> Response {
        let criteria = input["list_info"]?["search_criteria"]?.arrayValue ?? []
        let found = self.held.reversed().filter { request in
            criteria.allSatisfy { criterion in
                var value: JSONValue? = request.fields
                for step in (criterion["field"]?.stringValue ?? "").split(separator: ".") { value = value?[String(step)] }
                return value != nil && value == criterion["value"]
            }
        }
        let requests = found.map { request -> JSONValue in
            [
                "id": .string(request.id), "subject": .string(request.subject),
                "status": ["name": .string(request.status), "in_progress": .bool(request.status == "Open")],
            ]
        }
        return self.json([
            "response_status": [["status_code": 2000, "status": "success"]], "requests": .array(requests),
            "list_info": ["has_more_rows": false, "row_count": .integer(Int64(requests.count)), "start_index": 1],
        ])
    }

    private func make(_ input: JSONValue) -> Response {
        guard case .object(var fields)? = input["request"] else { return self.refusal(4001, .badRequest) }
        let missing = (["subject"] + self.mandatory).filter { fields[$0] == nil }
        guard missing.isEmpty else { return self.refusal(4012, .badRequest, fields: missing) }
        if fields["status"] == nil { fields["status"] = ["name": "Open"] }
        let request = Request(id: "12364000000000\(1000 + self.held.count)", fields: .object(fields))
        self.held.append(request)
        return self.one(request)
    }

    private func change(_ id: String, _ input: JSONValue) -> Response {
        guard let index = self.held.firstIndex(where: { $0.id == id }) else { return self.refusal(4007, .notFound) }
        guard case .object(let changes)? = input["request"], case .object(var fields) = self.held[index].fields else {
            return self.refusal(4001, .badRequest)
        }
        for (name, value) in changes { fields[name] = value }
        self.held[index].fields = .object(fields)
        return self.one(self.held[index])
    }

    private func answer(_ response: Response, _ context: StandInContext) async -> Response {
        guard self.lostReplies > 0 else { return response }
        self.lostReplies -= 1
        try? await context.channel.close()
        return response
    }

    private func one(_ request: Request) -> Response {
        self.json([
            "request": ["id": .string(request.id)], "response_status": ["status_code": 2000, "status": "success"],
        ])
    }

    private func refusal(_ code: Int64, _ status: HTTPResponse.Status, fields: [String] = []) -> Response {
        self.json(
            [
                "response_status": [
                    "status_code": 4000, "status": "failed",
                    "messages": [
                        ["status_code": .integer(code), "type": "failed", "fields": .array(fields.map(JSONValue.string))]
                    ],
                ]
            ], status: status)
    }

    private func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        Response(status, [.contentType: "application/json;charset=utf-8"], Array(value.canonicalData), cutAfter: nil)
    }
}
