public import ConnectorKit
import Foundation
public import Logging
import SchoolRecords

/// Keeps one request a cause in ManageEngine ServiceDesk Plus (REST API v3): made when the alarm is raised, its description
/// replaced when it changes, closed when it has passed.
///
/// The service has no key that would make a repeated call harmless. So the cause stands in a field of the request, and open requests
/// with it are looked for before one is made: a lost reply leads to no second one.
public struct ServiceDeskSink: AlarmSink {
    /// How requests are made there. What a site's template demands can be added; nothing of it is public.
    public struct Settings: Sendable, Hashable {
        /// Up to and including `/api/v3`.
        public var baseURL: String
        public var access: ServiceDeskAccess
        /// An e-mail address that the service desk knows.
        public var requester: String
        /// The additional field that holds the cause.
        public var correlationField = "udf_sline_1"
        public var closedStatus = "Closed"
        public var priority: String?
        public var group: String?
        public var category: String?
        public var template: String?
        public var site: String?
        public var impact: String?
        public var urgency: String?
        public var isSwedish = true

        public init(baseURL: String, access: ServiceDeskAccess, requester: String) {
            self.baseURL = baseURL
            self.access = access
            self.requester = requester
        }
    }

    public let name = "service-desk"
    private let settings: Settings
    private let caller: AlarmCaller
    private let door: ServiceDeskDoor
    private let accounts: AlarmCaller

    public init(_ settings: Settings, logger: Logger) {
        self.settings = settings
        let accounts: CallTarget =
            switch settings.access {
            case .technicianKey:
                CallTarget(name: "ServiceDesk Plus", setting: "alarms.service_desk.base_url", url: settings.baseURL)
            case .cloud(let cloud):
                CallTarget(
                    name: "the account server of ServiceDesk Plus", setting: "alarms.service_desk.token_url", url: cloud.tokenURL)
            }
        self.accounts = AlarmCaller(accounts, logger: logger)
        self.door = ServiceDeskDoor(settings.access, caller: self.accounts)
        self.caller = AlarmCaller(
            CallTarget(name: "ServiceDesk Plus", setting: "alarms.service_desk.base_url", url: settings.baseURL), logger: logger)
    }

    public func tell(_ event: AlarmEvent) async throws {
        let open = try await self.openRequest(event.alarm.cause)
        switch (event.step, open) {
        case (.passed, let id?):
            try await self.write(
                .put, "/\(id)",
                ["status": ["name": .string(self.settings.closedStatus)], "description": self.description(of: event)])
        case (.passed, nil): return
        case (_, let id?): try await self.write(.put, "/\(id)", ["description": self.description(of: event)])
        case (_, nil): try await self.write(.post, "", self.newRequest(event))
        }
    }

    public func shutdown() async {
        await self.caller.shutdown()
        await self.accounts.shutdown()
    }

    private func newRequest(_ event: AlarmEvent) -> JSONValue {
        var members: [String: JSONValue] = [
            "subject": .string("Knutpunkt: \(event.alarm.kind.rawValue) \(event.alarm.subject)"),
            "description": self.description(of: event), "requester": ["email_id": .string(self.settings.requester)],
            "udf_fields": [self.settings.correlationField: .string(event.alarm.cause)],
        ]
        let named = [
            "priority": self.settings.priority, "group": self.settings.group, "category": self.settings.category,
            "template": self.settings.template, "site": self.settings.site, "impact": self.settings.impact,
            "urgency": self.settings.urgency,
        ]
        for case (let field, let name?) in named { members[field] = ["name": .string(name)] }
        return .object(members)
    }

    /// HTML, as the field takes it.
    private func description(of event: AlarmEvent) -> JSONValue {
        let text = self.settings.isSwedish ? event.alarm.text.sv : event.alarm.text.en
        let step: String =
            switch (event.step, self.settings.isSwedish) {
            case (.passed, true): "Över"
            case (.passed, false): "Over"
            case (_, true): "Sedan"
            case (_, false): "Since"
            }
        let when = event.step == .passed ? event.time : event.alarm.raised
        let lines = [text, "\(step) \(when)", event.alarm.runbook].map(Self.escaped)
        return .string(lines.joined(separator: "<br>"))
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    /// The request about a cause that is still worked on.
    private func openRequest(_ cause: String) async throws -> String? {
        let list: JSONValue = [
            "list_info": [
                "row_count": 100, "start_index": 1, "sort_field": "created_time", "sort_order": "desc",
                "search_criteria": [
                    [
                        "field": .string("udf_fields.\(self.settings.correlationField)"), "condition": "is",
                        "value": .string(cause),
                    ]
                ],
            ]
        ]
        let query = Percent.encode(String(decoding: list.canonicalData, as: UTF8.self))
        let reply = try await self.send(.get, "?input_data=\(query)", [])
        guard let requests = reply["requests"]?.arrayValue else { throw self.malformed("a list without requests") }
        let open = requests.first { $0["status"]?["in_progress"]?.boolValue == true }
        return open?["id"]?.stringValue
    }

    private func write(_ method: HTTPCall.Method, _ path: String, _ request: JSONValue) async throws {
        let data = (["request": request] as JSONValue).canonicalData
        let form = "input_data=" + Percent.encode(String(decoding: data, as: UTF8.self))
        _ = try await self.send(method, path, Array(form.utf8))
    }

    /// Statuses whose replies say why in the body.
    private static let telling: Set<Int> = [400, 401, 403, 404, 409, 415, 422, 429, 500]

    private func send(_ method: HTTPCall.Method, _ path: String, _ body: [UInt8]) async throws -> JSONValue {
        do {
            return try await self.sendOnce(method, path, body)
        } catch let failure as ConnectorFailure where failure.code == ConnectorFailure.Code.secretRefused.rawValue {
            // A token that was taken back before its time.
            guard await self.door.forgetToken() else { throw failure }
            return try await self.sendOnce(method, path, body)
        }
    }

    private func sendOnce(_ method: HTTPCall.Method, _ path: String, _ body: [UInt8]) async throws -> JSONValue {
        var headers = try await self.door.headers()
        if method != .get { headers.append(("content-type", "application/x-www-form-urlencoded")) }
        let reply = try await self.caller.send(
            HTTPCall(method: method, url: self.settings.baseURL + "/requests" + path, headers: headers, body: body),
            accepting: Self.telling)
        let value = try? JSONValue(parsing: reply.body)
        if let refusal = value.flatMap(ServiceDeskRefusal.init) { throw refusal.failure(of: self.caller.target) }
        guard (200...299).contains(reply.status) else { throw self.caller.refusal(reply.status) }
        guard let value else { throw self.malformed("what is no JSON") }
        return value
    }

    private func malformed(_ what: String) -> ConnectorFailure {
        ConnectorFailure(
            .malformedReply, code: .wrongShape,
            message: "\(self.caller.target) answers with \(what): check alarms.service_desk.base_url")
    }
}
