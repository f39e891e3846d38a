import ConnectorKit
import Foundation
import Logging
import SchoolRecords

/// Asks Skolverket's provisioning interface, with a token, and no faster than it allows.
struct DNPClient: Sendable {
    /// The two quotas: one for what is sent and for asking after jobs, one for what is fetched.
    enum Quota: Hashable, Sendable {
        case writes
        case reads
    }

    private static let mostBrokenReplies = 3
    /// Tokens that may die before one call goes through.
    private static let mostDeaths = 20

    let settings: DNPSettings
    private let calls: RetryingCalls
    private let tokens: GNAPTokens

    init(settings: DNPSettings, transport: any HTTPTransport, policy: RetryPolicy, clock: ConnectorClock, logger: Logger) {
        self.settings = settings
        let paced = PacedTransport<Quota>(
            transport, perSecond: [.writes: settings.writesPerSecond, .reads: settings.readsPerSecond], clock: clock
        ) { $0.url.contains("/bulk") ? .writes : .reads }
        self.calls = RetryingCalls(transport: paced, policy: policy, clock: clock, logger: logger)
        self.tokens = GNAPTokens(
            settings.access,
            calls: RetryingCalls(transport: transport, policy: policy, clock: clock, logger: logger), clock: clock)
    }

    /// Sends a call below the interface's address. Every call made again does the same: objects have ids of ours.
    ///
    /// - Parameter name: the call in words that may stand in messages, e.g. `persons/bulk`.
    /// - Returns: the reply, whatever its status, but never 401, 403, 429 or 5xx.
    /// - Throws: ``ConnectorFailure``; `CancellationError`.
    func send(_ method: HTTPCall.Method, _ path: String, body: [UInt8] = [], name: String) async throws -> HTTPReply {
        let target = CallTarget(name: name, setting: "connection.base_url", url: self.settings.baseURL)
        var token = try await self.tokens.token()
        var (broken, deaths, refusals) = (0, 0, 0)
        while true {
            var headers = [("accept", "application/json"), ("authorization", "Bearer \(token.text)")]
            if !body.isEmpty { headers.append(("content-type", "application/json")) }
            let call = HTTPCall(method: method, url: "\(self.settings.baseURL)/\(path)", headers: headers, body: body)
            let reply: HTTPReply
            do {
                reply = try await self.calls.send(call, to: target)
            } catch is CutShort {
                broken += 1
                guard broken < Self.mostBrokenReplies else { throw TransportError.cutShort.failure(of: target) }
                continue
            }
            guard reply.status == 401 || reply.status == 403 else {
                await self.tokens.wasTaken(token)
                return reply
            }
            deaths += 1
            if await !self.tokens.isKnownGood(token) { refusals += 1 }
            guard refusals < 2, deaths < Self.mostDeaths else { throw Self.denied(reply, target) }
            token = try await self.tokens.token(insteadOf: token)
        }
    }

    private static func denied(_ reply: HTTPReply, _ target: CallTarget) -> ConnectorFailure {
        let code = DNPLogEntry.list(reply.body).first.map { ", \($0.code)" } ?? ""
        return ConnectorFailure(
            .misconfigured, code: .accessDenied,
            message: "\(target) denies access with a fresh token (\(reply.status)\(code)): check that the token is of the same "
                + "environment as connection.base_url, and that Skolverket has opened the interface for the municipality")
    }

    // MARK: Reading

    /// Goes through a whole list, page by page.
    ///
    /// - Throws: ``ConnectorFailure``; whatever `handle` throws.
    func forEachPage(of type: DNPType, _ handle: ([JSONValue]) async throws -> Void) async throws {
        var token: String?
        var seen: Set<String> = []
        var number = 0
        repeat {
            number += 1
            let (elements, next) = try await self.page(of: type, number, limit: self.settings.pageLimit, token: token)
            if let next, !seen.insert(next).inserted {
                throw ConnectorFailure(
                    .malformedReply, code: .pageLoop,
                    message: "\(type.path), page \(number), leads back to a page that was read before; report it to Skolverket")
            }
            try await handle(elements)
            token = next
        } while token != nil
    }

    /// One page of a list; asked for once more when it can't be read.
    func page(
        of type: DNPType, _ number: Int, limit: Int, token: String?
    ) async throws -> (elements: [JSONValue], next: String?) {
        var query = [(name: "limit", value: String(limit))]
        if let token { query.append((name: "pageToken", value: token)) }
        let name = "\(type.path), page \(number)"
        return try await self.readable {
            let reply = try await self.send(.get, "\(type.path)?\(Percent.query(query))", name: name)
            let document = try self.document(reply, name)
            guard let elements = document["data"]?.arrayValue else { throw Self.wrongShape(name) }
            return (elements, document["pageToken"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 })
        }
    }

    /// The objects with these ids, as far as they are there.
    ///
    /// - Throws: ``ConnectorFailure``.
    func lookUp(_ type: DNPType, _ ids: [String]) async throws -> [String: DNPDocument] {
        var found: [String: DNPDocument] = [:]
        let name = "\(type.path)/lookup"
        for start in stride(from: 0, to: ids.count, by: self.settings.pageLimit) {
            let part = ids[start..<min(start + self.settings.pageLimit, ids.count)]
            let body: JSONValue = ["ids": .array(part.map(JSONValue.string))]
            let elements = try await self.readable {
                let reply = try await self.send(.post, name, body: Array(body.canonicalData), name: name)
                guard let elements = try self.document(reply, name).arrayValue else { throw Self.wrongShape(name) }
                return elements
            }
            for case let document? in elements.map({ DNPDocument(type, reading: $0) }) { found[document.id] = document }
        }
        return found
    }

    /// Asks once more when a reply came incomplete or as something else.
    private func readable<Result>(_ ask: () async throws -> Result) async throws -> Result {
        do {
            return try await ask()
        } catch let failure as ConnectorFailure where failure.kind == .malformedReply && failure.word != .replyTooLarge {
            return try await ask()
        }
    }

    private func document(_ reply: HTTPReply, _ name: String) throws -> JSONValue {
        switch reply.status {
        case 200: break
        case 404, 405:
            throw ConnectorFailure(
                .misconfigured, code: .endpointNotFound,
                message: "\(name) is not there (\(reply.status)): check connection.base_url")
        default: throw Self.unexpected(reply, name)
        }
        guard let document = try? JSONValue(parsing: reply.body) else {
            throw ConnectorFailure(
                .malformedReply, code: .notJSON,
                message: "\(name) came as something that is no whole JSON, twice: check connection.base_url, or look for a proxy "
                    + "that cuts replies")
        }
        return document
    }

    static func unexpected(_ reply: HTTPReply, _ name: String) -> ConnectorFailure {
        let code = DNPLogEntry.list(reply.body).first.map { " (\($0.code))" } ?? ""
        return ConnectorFailure(
            .malformedReply, code: .unexpectedStatus,
            message: "\(name) was answered with \(reply.status)\(code), which Skolverket's description doesn't have there")
    }

    static func wrongShape(_ name: String) -> ConnectorFailure {
        ConnectorFailure(
            .malformedReply, code: .wrongShape,
            message: "\(name) was answered in another shape than Skolverket describes: check connection.base_url")
    }
}
