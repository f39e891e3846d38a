import Foundation
import Hummingbird
public import Logging
import NIOCore
public import SchoolRecords
public import ServiceLifecycle

/// A stand-in for ManageEngine ServiceDesk Plus: requests are listed by a field's value, made and changed over REST API v3 as it is
/// documented (`input_data` as a form field or in the query, ids as texts, 4012 for a mandatory field that is missing, 4022 for a
/// wrong key).
public actor ServiceDeskStandIn: Service {
    /// A request as it holds it.
    public struct Request: Sendable, Hashable {
        public let id: String
        public internal(set) var fields: JSONValue
        public var status: String { self.fields["status"]?["name"]?.stringValue ?? "" }
        public var subject: String { self.fields["subject"]?.stringValue ?? "" }
        public var text: String { self.fields["description"]?.stringValue ?? "" }
    }

    public nonisolated let key: String
    nonisolated let server: StandInServer
    /// What a template demands, beside the subject.
    private let mandatory: [String]
    private var held: [Request] = []
    private var lostReplies = 0
    private var isDown = false

    public init(
        key: String = "stand-in-key", mandatory: [String] = ["requester"],
        logger: Logger = Logger(label: "standin.service-desk", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.key = key
        self.mandatory = mandatory
        self.server = StandInServer(name: "ServiceDesk Plus", logger: logger)
    }

    /// Serves until it is cancelled or shut down.
    public func run() async throws {
        try await self.server.run { request, context in await self.respond(to: request, in: context) }
    }

    /// Up to and including `/api/v3`, once it listens.
    public func apiURL() async throws -> String { "http://127.0.0.1:\(try await self.server.waitUntilStarted())/api/v3" }

    /// All requests, the oldest first.
    public var requests: [Request] { self.held }

    /// The next writes are done and not answered.
    public func loseReplies(_ count: Int) { self.lostReplies = count }

    /// Answers 503 to everything, or works again.
    public func setDown(_ isDown: Bool) { self.isDown = isDown }

    private func respond(to request: Hummingbird.Request, in context: StandInContext) async -> Response {
        guard !self.isDown else { return Response(status: .serviceUnavailable) }
        guard request.headers[.init("authtoken") ?? .authorization] == self.key else { return self.refusal(4022, .unauthorized) }
        var text = request.uri.query ?? ""
        if request.method != .get, let buffer = try? await request.body.collect(upTo: 1 << 20) {
            text = String(decoding: buffer.readableBytesView, as: UTF8.self)
        }
        let input = EdlevoStandIn.pairs(text).first { $0.name == "input_data" }?.value
        guard let input, let value = try? JSONValue(parsing: Data(input.utf8)) else { return self.refusal(4001, .badRequest) }
        let steps = request.uri.path.split(separator: "/").map(String.init)
        guard steps.prefix(3) == ["api", "v3", "requests"] else { return Response(status: .notFound) }
        switch (request.method, steps.count) {
        case (.get, 3): return self.list(value)
        case (.post, 3): return await self.answer(self.make(value), context)
        case (.put, 4): return await self.answer(self.change(steps[3], value), context)
        default: return Response(status: .methodNotAllowed)
        }
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
