public import ConnectorKit
import Crypto
import Foundation
public import Logging
import SchoolRecords

/// Tells alarms to an address on the web: each event a POST of a CloudEvents 1.0 event in structured mode
/// (`application/cloudevents+json`), whose `id` is the same however often it is sent.
///
/// With a secret, the header `knutpunkt-signature` is `sha256=` and the HMAC of the body in hexadecimal.
public struct WebhookSink: AlarmSink {
    public let name = "webhook"
    private let url: String
    private let secretFile: String?
    private let caller: AlarmCaller

    /// - Parameter secretFile: a file with the secret; read at each call.
    public init(url: String, secretFile: String?, logger: Logger) {
        self.url = url
        self.secretFile = secretFile
        self.caller = AlarmCaller(CallTarget(name: "the webhook", setting: "alarms.webhook.url", url: url), logger: logger)
    }

    public func tell(_ event: AlarmEvent) async throws {
        let body = Self.body(of: event)
        var headers = [(name: "content-type", value: "application/cloudevents+json; charset=utf-8")]
        if let file = self.secretFile {
            let secret = try SecretReference(setting: "alarms.webhook.secret_file", place: .file(file)).resolve()
            let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Data(secret.utf8)))
            headers.append(("knutpunkt-signature", "sha256=" + code.map { String(format: "%02x", $0) }.joined()))
        }
        _ = try await self.caller.send(HTTPCall(method: .post, url: self.url, headers: headers, body: Array(body)))
    }

    public func shutdown() async { await self.caller.shutdown() }

    static func body(of event: AlarmEvent) -> Data {
        let alarm = event.alarm
        let body: JSONValue = [
            "specversion": "1.0", "id": .string("\(alarm.cause)/\(alarm.raised)/\(event.step.rawValue)/\(event.time)"),
            "source": "/knutpunkt/health", "type": .string("se.knutpunkt.alarm.\(event.step.rawValue).v1"),
            "subject": .string(alarm.cause), "time": .string(event.time), "datacontenttype": "application/json",
            "data": [
                "kind": .string(alarm.kind.rawValue), "subject": .string(alarm.subject),
                "severity": .string(alarm.severity.rawValue), "raised": .string(alarm.raised),
                "text": ["sv": .string(alarm.text.sv), "en": .string(alarm.text.en)], "runbook": .string(alarm.runbook),
            ],
        ]
        return body.canonicalData
    }
}
