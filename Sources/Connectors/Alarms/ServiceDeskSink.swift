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
        /// A file with the technician's key (on-premises).
        public var keyFile: String
        /// An e-mail address that the service desk knows.
        public var requester: String
        /// The additional field that holds the cause.
        public var correlationField = "udf_sline_1"
        public var closedStatus = "Closed"
        public var priority: String?
        public var group: String?
        public var category: String?
        public var template: String?
        public var isSwedish = true

        public init(baseURL: String, keyFile: String, requester: String) {
            self.baseURL = baseURL
            self.keyFile = keyFile
            self.requester = requester
        }
    }

    public let name = "service-desk"
    private let settings: Settings
    private let caller: AlarmCaller

    public init(_ settings: Settings, logger: Logger) {
        self.settings = settings
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

    public func shutdown() async { await self.caller.shutdown() }

    private func newRequest(_ event: AlarmEvent) -> JSONValue {
        var members: [String: JSONValue] = [
            "subject": .string("Knutpunkt: \(event.alarm.kind.rawValue) \(event.alarm.subject)"),
            "description": self.description(of: event), "requester": ["email_id": .string(self.settings.requester)],
            "udf_fields": [self.settings.correlationField: .string(event.alarm.cause)],
        ]
        let named = [
            "priority": self.settings.priority, "group": self.settings.group, "category": self.settings.category,
            "template": self.settings.template,
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

    private func send(_ method: HTTPCall.Method, _ path: String, _ body: [UInt8]) async throws -> JSONValue {
        let key = try SecretReference(setting: "alarms.service_desk.key_file", place: .file(self.settings.keyFile)).resolve()
        var headers = [
            (name: "accept", value: "application/vnd.manageengine.v3+json"), (name: "authtoken", value: key),
        ]
        if method != .get { headers.append(("content-type", "application/x-www-form-urlencoded")) }
        let reply = try await self.caller.send(
            HTTPCall(method: method, url: self.settings.baseURL + "/requests" + path, headers: headers, body: body))
        guard let value = try? JSONValue(parsing: reply.body) else { throw self.malformed("what is no JSON") }
        // A list has a list of these.
        let status = value["response_status"].flatMap { $0.arrayValue?.first ?? $0 }
        guard status?["status_code"]?.integerValue == 2000 else {
            let codes = (status?["messages"]?.arrayValue ?? []).compactMap { message -> String? in
                guard let code = message["status_code"]?.integerValue else { return nil }
                let fields = (message["fields"]?.arrayValue ?? []).compactMap(\.stringValue)
                return fields.isEmpty ? "\(code)" : "\(code) (\(fields.joined(separator: ", ")))"
            }
            throw ConnectorFailure(
                .misconfigured, code: .alarmRefused,
                message: "\(self.caller.target) refuses the request: \(codes.joined(separator: ", ")); 4012 is a mandatory field "
                    + "that is missing, see alarms.service_desk in docs/operations/alarms.md")
        }
        return value
    }

    private func malformed(_ what: String) -> ConnectorFailure {
        ConnectorFailure(
            .malformedReply, code: .wrongShape,
            message: "\(self.caller.target) answers with \(what): check alarms.service_desk.base_url")
    }
}
