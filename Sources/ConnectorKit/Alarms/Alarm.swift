/// Something that somebody must know of: one cause, raised once, told again when it changes, and told when it has passed.
///
/// Nothing in it is about a person: systems, entities, schools, codes and counts alone.
public struct Alarm: Sendable, Hashable, Codable {
    /// What may go wrong. Each has a section of its own in `docs/operations/alarms.md`.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case targetDown = "target-down"
        case sourceDown = "source-down"
        case sourceSilent = "source-silent"
        case messagesLate = "messages-late"
        case messagesFailed = "messages-failed"
        case errorRate = "error-rate"
        case brokerDown = "broker-down"
        case changesHeld = "changes-held"
        case schoolsWithout = "schools-without-records"
        case diskLow = "disk-low"
        case rolesWaiting = "roles-waiting"
        case rolesMissing = "roles-missing"
        case sourceQuality = "source-quality"
        case contactsWaiting = "contacts-waiting"
        case filesRejected = "files-rejected"
    }

    public enum Severity: String, Sendable, Codable { case warning, critical }

    public let kind: Kind
    /// What it is about, e.g. a system.
    public let subject: String
    public let severity: Severity
    /// What is wrong, how much and what to do, for people.
    public var text: Bilingual
    /// When it was raised, RFC 3339 in UTC.
    public let raised: String

    public init(_ kind: Kind, _ subject: String, severity: Severity, text: Bilingual, raised: String) {
        self.kind = kind
        self.subject = subject
        self.severity = severity
        self.text = text
        self.raised = raised
    }

    /// The same as long as the trouble lasts and whenever it comes back, e.g. `target-down:unikum`.
    public var cause: String { "\(self.kind.rawValue):\(self.subject)" }

    /// Where its remedy is written.
    public var runbook: String { "docs/operations/alarms.md#\(self.kind.rawValue)" }
}

/// A text in the two languages of the hub's users.
public struct Bilingual: Sendable, Hashable, Codable {
    public let sv: String
    public let en: String

    public init(sv: String, en: String) {
        self.sv = sv
        self.en = en
    }
}

/// What has become of an alarm.
public struct AlarmEvent: Sendable, Hashable, Codable {
    public enum Step: String, Sendable, Codable { case raised, changed, passed }

    public let step: Step
    public let alarm: Alarm
    /// RFC 3339 in UTC.
    public let time: String

    public init(_ step: Step, _ alarm: Alarm, time: String) {
        self.step = step
        self.alarm = alarm
        self.time = time
    }
}

/// Somewhere that alarms are told: a log, an address on the web, a service desk, a mailbox.
public protocol AlarmSink: Sendable {
    /// In logs and messages, e.g. `webhook`.
    var name: String { get }

    /// Tells an event. May be called again with the same event when the reply was lost: the sink sees to it that one cause has one
    /// case at the other side.
    ///
    /// - Throws: ``ConnectorFailure``; the event is told again later.
    func tell(_ event: AlarmEvent) async throws

    /// Lets go of what it holds open.
    func shutdown() async
}

extension AlarmSink {
    public func shutdown() async {}
}
