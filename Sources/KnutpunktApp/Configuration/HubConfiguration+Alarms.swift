public import Connectors
import Foundation
public import Hub
import SchoolRecords

/// What is an alarm and where it is told: the keys `alarms.*`.
public struct AlarmConfiguration: Sendable {
    /// The keys of `alarms.*` with what they are, in the order in which people read them.
    static let keys: [String] = [
        "alarms.down_minutes", "alarms.silent_hours", "alarms.late_minutes", "alarms.failed_messages",
        "alarms.error_rate_percent", "alarms.disk_free_mebibytes", "alarms.expected_per_school", "alarms.language",
        "alarms.webhook.url", "alarms.webhook.secret_file", "alarms.email.server", "alarms.email.from", "alarms.email.to",
        "alarms.email.user", "alarms.email.password_file", "alarms.email.allow_plain", "alarms.service_desk.base_url",
        "alarms.service_desk.key_file", "alarms.service_desk.requester", "alarms.service_desk.correlation_field",
        "alarms.service_desk.closed_status", "alarms.service_desk.priority", "alarms.service_desk.group",
        "alarms.service_desk.category", "alarms.service_desk.template", "alarms.service_desk.site", "alarms.service_desk.impact",
        "alarms.service_desk.urgency", "alarms.service_desk.token_url", "alarms.service_desk.client_id",
        "alarms.service_desk.client_secret_file", "alarms.service_desk.refresh_token_file",
    ]

    public var rules = AlarmRules()
    /// The language of the messages that are sent to people.
    public var language = Language.sv
    public var webhook: (url: String, secretFile: String?)?
    public var mail: MailSink.Settings?
    public var serviceDesk: ServiceDeskSink.Settings?

    public init() {}
}

/// Reads ``AlarmConfiguration`` and collects everything that is wrong.
struct AlarmConfigurationReader {
    let text: (String) -> String?
    private(set) var problems: [String] = []

    init(_ text: @escaping (String) -> String?) { self.text = text }

    mutating func read() -> AlarmConfiguration {
        var alarms = AlarmConfiguration()
        alarms.rules.downMinutes = self.number("down_minutes", alarms.rules.downMinutes)
        alarms.rules.silentHours = self.number("silent_hours", alarms.rules.silentHours)
        alarms.rules.lateMinutes = self.number("late_minutes", alarms.rules.lateMinutes)
        alarms.rules.errorRatePercent = self.number("error_rate_percent", alarms.rules.errorRatePercent)
        alarms.rules.failedMessages = Int(self.number("failed_messages", Double(alarms.rules.failedMessages)))
        alarms.rules.diskFreeMebibytes = Int(self.number("disk_free_mebibytes", Double(alarms.rules.diskFreeMebibytes)))
        alarms.rules.expected = self.expected()
        if let name = self.text("alarms.language") {
            if let language = Language(rawValue: name) {
                alarms.language = language
            } else {
                self.problems.append("alarms.language: \"\(name)\" is no language of the hub. Write sv or en.")
            }
        }
        if let url = self.address("webhook.url") { alarms.webhook = (url, self.text("alarms.webhook.secret_file")) }
        alarms.mail = self.mail(alarms.language)
        alarms.serviceDesk = self.serviceDesk(alarms.language)
        return alarms
    }

    private mutating func number(_ key: String, _ standard: Double) -> Double {
        guard let text = self.text("alarms.\(key)") else { return standard }
        guard let value = Double(text), value >= 0, value < 1e6 else {
            self.problems.append("alarms.\(key): \"\(text)\" is no number from 0 up.")
            return standard
        }
        return value
    }

    private mutating func expected() -> [AlarmRules.Expected] {
        guard let text = self.text("alarms.expected_per_school") else { return [] }
        return text.split(separator: ",").compactMap { part in
            let halves = part.trimmingCharacters(in: .whitespaces).split(separator: "/").map(String.init)
            guard halves.count == 2, let entity = Entity.allCases.first(where: { $0.standardName == halves[1] }) else {
                self.problems.append(
                    "alarms.expected_per_school: \"\(part)\" isn't source/Entity, e.g. skola24/CalendarEvent. Several are "
                        + "separated by commas.")
                return nil
            }
            return AlarmRules.Expected(source: halves[0], entity: entity)
        }
    }

    private mutating func address(_ key: String) -> String? {
        guard let text = self.text("alarms.\(key)") else { return nil }
        let parts = URLComponents(string: text)
        guard ["http", "https"].contains(parts?.scheme ?? ""), parts?.host?.isEmpty == false, parts?.user == nil else {
            self.problems.append("alarms.\(key): it must be an address such as https://larm.kommun.example/hub, without a login.")
            return nil
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private mutating func mail(_ language: Language) -> MailSink.Settings? {
        guard let server = self.text("alarms.email.server") else { return nil }
        let parts = URLComponents(string: server)
        guard let scheme = parts?.scheme, ["smtp", "smtps"].contains(scheme), let host = parts?.host, !host.isEmpty else {
            self.problems.append(
                "alarms.email.server: write smtp://host:587 (TLS after STARTTLS) or smtps://host:465 (TLS at once).")
            return nil
        }
        let from = self.text("alarms.email.from") ?? ""
        let to = (self.text("alarms.email.to") ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        for (key, addresses) in [("from", [from]), ("to", to)]
        where addresses.isEmpty || !addresses.allSatisfy(Self.isMailAddress) {
            self.problems.append("alarms.email.\(key): write an e-mail address\(key == "to" ? ", or several with commas" : "").")
        }
        let isSecure = scheme == "smtps"
        var mail = MailSink.Settings(
            host: host, port: parts?.port ?? (isSecure ? 465 : 587), isSecure: isSecure, from: from, to: to)
        mail.user = self.text("alarms.email.user")
        mail.passwordFile = self.text("alarms.email.password_file")
        if (mail.user == nil) != (mail.passwordFile == nil) {
            self.problems.append("alarms.email.user and alarms.email.password_file belong together: set both or none of them.")
        }
        mail.allowsPlain = self.text("alarms.email.allow_plain") == "true"
        if mail.allowsPlain, mail.user != nil {
            self.problems.append("alarms.email.allow_plain: a password isn't sent without TLS. Take one of the two away.")
        }
        mail.isSwedish = language == .sv
        return mail
    }

    private static func isMailAddress(_ text: String) -> Bool {
        let halves = text.split(separator: "@", omittingEmptySubsequences: false)
        return halves.count == 2 && halves.allSatisfy { !$0.isEmpty }
            && !text.contains { $0.isWhitespace || $0 == "<" || $0 == ">" || $0.isNewline }
    }

    private mutating func serviceDesk(_ language: Language) -> ServiceDeskSink.Settings? {
        guard let url = self.address("service_desk.base_url") else { return nil }
        guard let access = self.serviceDeskAccess(), let requester = self.text("alarms.service_desk.requester") else {
            self.problems.append(
                "alarms.service_desk: set requester (an e-mail address that the service desk knows), and what lets the hub in: key_file (a "
                    + "file with the technician's key) for one on a server of your own; token_url, client_id, client_secret_file and "
                    + "refresh_token_file for the cloud.")
            return nil
        }
        var desk = ServiceDeskSink.Settings(baseURL: url, access: access, requester: requester)
        desk.correlationField = self.text("alarms.service_desk.correlation_field") ?? desk.correlationField
        desk.closedStatus = self.text("alarms.service_desk.closed_status") ?? desk.closedStatus
        desk.priority = self.text("alarms.service_desk.priority")
        desk.group = self.text("alarms.service_desk.group")
        desk.category = self.text("alarms.service_desk.category")
        desk.template = self.text("alarms.service_desk.template")
        desk.site = self.text("alarms.service_desk.site")
        desk.impact = self.text("alarms.service_desk.impact")
        desk.urgency = self.text("alarms.service_desk.urgency")
        desk.isSwedish = language == .sv
        return desk
    }

    /// Exactly one of the two.
    private mutating func serviceDeskAccess() -> ServiceDeskAccess? {
        let key = self.text("alarms.service_desk.key_file")
        let names = ["client_id", "client_secret_file", "refresh_token_file"]
        let cloud = names.compactMap { self.text("alarms.service_desk.\($0)") }
        guard self.text("alarms.service_desk.token_url") != nil || !cloud.isEmpty else {
            return key.map { .technicianKey(file: $0) }
        }
        guard key == nil, cloud.count == names.count, let url = self.address("service_desk.token_url") else { return nil }
        return .cloud(
            ServiceDeskAccess.Cloud(
                tokenURL: url, clientID: cloud[0], clientSecretFile: cloud[1], refreshTokenFile: cloud[2]))
    }
}
