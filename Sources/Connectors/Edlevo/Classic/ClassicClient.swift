import ConnectorKit
import Foundation
import Logging

/// Calls Edlevo's classic services. The licence key stands in the address of a call and nowhere else: no message, log line or
/// cause has an address in it.
struct ClassicClient: Sendable {
    let server: ClassicServer
    let calls: RetryingCalls

    init(
        server: ClassicServer, transport: any HTTPTransport, policy: RetryPolicy, clock: ConnectorClock, logger: Logger
    ) {
        self.server = server
        self.calls = RetryingCalls(transport: transport, policy: policy, clock: clock, logger: logger)
    }

    typealias Parameters = [(name: String, value: String)]

    /// Asks a service for its document, once more when it comes broken.
    ///
    /// - Parameter take: makes something of the bytes; called anew for each try.
    /// - Throws: ``ConnectorFailure``; `CancellationError`.
    func read<Value>(
        _ service: ClassicService, _ parameters: Parameters, _ take: (Data) throws(XMLProblem) -> Value
    ) async throws -> Value {
        try await XMLDocument.asked(service.words) {
            try await self.send(.get, service, parameters)
        } refused: { reply in
            self.refusal(reply, service)
        } take: { data throws(XMLProblem) in
            try take(data ?? Data())
        }
    }

    /// Makes a call.
    ///
    /// - Returns: the reply, whatever its status, but never 401, 403, 429 or 5xx.
    /// - Throws: ``ConnectorFailure``; ``CutShort``; `CancellationError`.
    func send(
        _ method: HTTPCall.Method, _ service: ClassicService, _ parameters: Parameters = [], body: [UInt8] = [],
        isRepeatable: Bool = true
    ) async throws -> HTTPReply {
        guard let license = self.server.license(service) else {
            throw ConnectorFailure(
                .misconfigured, code: .licenseMissing,
                message: "no licence opens \(service.words): give one in connection.license_keys")
        }
        let query = Percent.query([("LicenseKey", try license.key.resolve())] + parameters)
        var headers = [("accept", "application/xml, text/xml")]
        if !body.isEmpty { headers.append(("content-type", "text/xml; charset=utf-8")) }
        var calls = self.calls
        if !isRepeatable { calls.policy.attempts = 1 }
        let target = CallTarget(name: service.words, setting: "connection.base_url", url: self.server.baseURL)
        let call = HTTPCall(method: method, url: self.server.url(service) + "?" + query, headers: headers, body: body)
        let reply = try await calls.send(call, to: target)
        if reply.status == 401 || reply.status == 403 { throw self.refusal(reply, service) }
        return reply
    }

    /// What the interface says in words of its own (its specifications of errors); other texts may hold values and are not shown.
    private static let known = [
        "API is not authenticated", "LicenseKey does not support this endpoint", "LicenseKey is missing or wrong",
        "Not licensed to use current method",
    ]

    /// What a reply of another status than 2xx means for the service as a whole.
    func refusal(_ reply: HTTPReply, _ service: ClassicService) -> ConnectorFailure {
        let text = String(decoding: reply.body.prefix(400), as: UTF8.self)
        let words = Self.known.first { text.localizedCaseInsensitiveContains($0) }.map { ": \($0)" } ?? ""
        let start = "\(service.words) was refused (\(reply.status)\(words)); "
        let setting = self.server.license(service)?.key.setting ?? "connection.license_keys"
        return switch reply.status {
        case 401:
            ConnectorFailure(
                .misconfigured, code: .licenseLacksService,
                message: start + "the licence of \(setting) doesn't open it: order it of the vendor, or give its key")
        case 403:
            ConnectorFailure(
                .misconfigured, code: .licenseRefused,
                message: start + "check the key of \(setting), and that it is for this interface and school type")
        case 404:
            ConnectorFailure(
                .misconfigured, code: .serviceNotFound, message: start + "check connection.base_url and connection.path")
        case 400:
            ConnectorFailure(
                .rejected, code: .callRefused, message: start + "the service's own log says what it misses")
        default:
            ConnectorFailure(
                .malformedReply, code: .unexpectedStatus, message: start + "no answer that its specification knows")
        }
    }
}
