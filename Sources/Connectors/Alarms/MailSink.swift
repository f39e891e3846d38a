public import ConnectorKit
import Foundation
public import Logging

/// Tells alarms by e-mail: one message an event, over SMTP (RFC 5321) with TLS from the beginning (`smtps`) or after STARTTLS
/// (`smtp`, RFC 3207).
///
/// Messages about one alarm are one thread: each refers to the alarm's first by its `Message-ID`.
public struct MailSink: AlarmSink {
    /// The mail server and who writes to whom.
    public struct Settings: Sendable, Hashable {
        public var host: String
        public var port: Int
        /// TLS from the beginning.
        public var isSecure: Bool
        /// Goes on without TLS when the server has none; for a server on the same machine alone.
        public var allowsPlain = false
        public var user: String?
        /// A file with the password.
        public var passwordFile: String?
        public var from: String
        public var to: [String]
        public var isSwedish = true

        public init(host: String, port: Int, isSecure: Bool, from: String, to: [String]) {
            self.host = host
            self.port = port
            self.isSecure = isSecure
            self.from = from
            self.to = to
        }
    }

    public let name = "e-mail"
    private let settings: Settings

    public init(_ settings: Settings, logger: Logger) { self.settings = settings }

    public func tell(_ event: AlarmEvent) async throws {
        let settings = self.settings
        var password: String?
        if let file = settings.passwordFile {
            password = try SecretReference(setting: "alarms.email.password_file", place: .file(file)).resolve()
        }
        let exchange = SMTPExchange(
            host: settings.host, isSecure: settings.isSecure, allowsPlain: settings.allowsPlain,
            login: settings.user.map { ($0, password ?? "") }, from: settings.from, to: settings.to,
            message: Self.message(event, settings))
        try await SMTPConnection.run(exchange, host: settings.host, port: settings.port)
    }

    /// The message with its headers, lines ended by CR LF.
    static func message(_ event: AlarmEvent, _ settings: Settings) -> String {
        let (alarm, sv) = (event.alarm, settings.isSwedish)
        let step: String =
            switch event.step {
            case .raised: sv ? "Larm" : "Alarm"
            case .changed: sv ? "Larm, ändrat" : "Alarm, changed"
            case .passed: sv ? "Över" : "Over"
            }
        let domain = settings.from.split(separator: "@").last.map(String.init) ?? "localhost"
        func id(_ step: AlarmEvent.Step, _ time: String) -> String {
            let text = "\(alarm.cause)/\(alarm.raised)/\(step.rawValue)/\(time)"
            return "<" + text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "." }.joined() + "@\(domain)>"
        }
        let first = id(.raised, alarm.raised)
        let own = id(event.step, event.time)
        var headers = [
            "From: \(settings.from)", "To: \(settings.to.joined(separator: ", "))",
            "Subject: =?utf-8?B?\(Data("Knutpunkt: \(step): \(alarm.kind.rawValue) \(alarm.subject)".utf8).base64EncodedString())?=",
            "Date: \(Self.date(event.time))", "Message-ID: \(own)", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
        ]
        if own != first { headers += ["In-Reply-To: \(first)", "References: \(first)"] }
        let text = """
            \(sv ? alarm.text.sv : alarm.text.en)

            \(sv ? "Sedan" : "Since"): \(alarm.raised)
            \(sv ? "Åtgärd" : "What to do"): \(alarm.runbook)

            """
        let body = Data(text.utf8).base64EncodedString(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
        return headers.joined(separator: "\r\n") + "\r\n\r\n" + body + "\r\n"
    }

    /// RFC 5322, in UTC.
    private static func date(_ time: String) -> String {
        let date = (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(time)) ?? Date(timeIntervalSince1970: 0)
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = .gmt
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss +0000"
        return formatter.string(from: date)
    }
}
