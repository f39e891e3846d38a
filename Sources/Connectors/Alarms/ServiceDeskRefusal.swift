import ConnectorKit
import SchoolRecords

/// Why ServiceDesk Plus (REST API v3) doesn't do what it is asked: its codes, and what helps.
struct ServiceDeskRefusal: Sendable, Hashable {
    /// The codes of the single reasons; `4000`, which is above them, only where there is no other.
    let codes: [Int64]
    /// Names of fields that it complains of, never values.
    let fields: [String]

    /// - Returns: `nil` for an answer that says that all is well, or that is no such answer.
    init?(_ reply: JSONValue) {
        // A list has a list of these.
        guard let status = reply["response_status"].flatMap({ $0.arrayValue?.first ?? $0 }),
            let code = status["status_code"]?.integerValue, code != 2000
        else { return nil }
        let messages = status["messages"]?.arrayValue ?? []
        let single = messages.compactMap { $0["status_code"]?.integerValue }
        self.codes = single.isEmpty ? [code] : single
        self.fields = messages.flatMap { message in
            (message["fields"]?.arrayValue ?? []).compactMap(\.stringValue)
                + [message["field"]?.stringValue].compactMap { $0 }
        }
    }

    /// Whether what lets calls in is what is wrong.
    var isAboutAccess: Bool { self.codes.contains(4022) }

    private var isTransient: Bool { self.codes.allSatisfy { [4004, 4015].contains($0) } }

    /// What to do, by the first code.
    private var remedy: String {
        switch self.codes.first {
        case 4001: "a name or an id isn't known there: check group, category, priority, template and requester"
        case 4002: "the technician may not do this: give the role that makes and closes requests"
        case 4004: "an error of its own; it is tried again"
        case 4005: "something refers to it; close it by hand"
        case 4007: "the request isn't there any more; another is made"
        case 4008: "a value is there already that must be unique"
        case 4009, 4014: "a field is read-only for the technician"
        case 4012: "a mandatory field is missing: set it under alarms.service_desk, or take a template without it"
        case 4015: "too many calls; it is tried again"
        case 4016: "the clocks differ: set this machine's"
        case 4021: "a field is of another type: check correlation_field, it must be one line of text"
        case 4022: "the key or token isn't good: check alarms.service_desk"
        case 7001: "its licence doesn't allow it"
        default: "see alarms.service_desk"
        }
    }

    func failure(of target: CallTarget) -> ConnectorFailure {
        let codes = self.codes.map(String.init).joined(separator: ", ")
        let fields = self.fields.isEmpty ? "" : " (\(self.fields.joined(separator: ", ")))"
        return ConnectorFailure(
            self.isTransient ? .transient : .misconfigured, code: self.isAboutAccess ? .secretRefused : .alarmRefused,
            message: "\(target) refuses the request: \(codes)\(fields); \(self.remedy) (docs/operations/alarms.md)")
    }
}
