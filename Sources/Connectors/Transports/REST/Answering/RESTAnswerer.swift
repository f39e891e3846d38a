public import ConnectorKit
public import Logging
import Mapping
public import SchoolRecords
import Synchronization

/// Asks a system over REST: a call with what the question is about, and the fields of its reply. Paths and bodies are settings
/// alone.
///
/// A call whose reply was lost is made again with the same question's id in it.
public final class RESTAnswerer: AnsweringConnector {
    public let system: String
    private let settings: RESTAnswererSettings
    private let client: SS12000Client
    private let transport: any HTTPTransport

    /// The kinds of record that it answers with, from the setting `questions`.
    public var answers: Set<Entity> { Set(self.settings.questions.keys) }

    private init(
        system: String, settings: RESTAnswererSettings, transport: any HTTPTransport, policy: RetryPolicy, clock: ConnectorClock,
        logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "system"] = "\(system)"
        self.system = system
        self.settings = settings
        self.transport = transport
        self.client = SS12000Client(
            settings: settings.server, transport: transport, policy: policy, clock: clock, logger: logger)
    }

    /// Makes a connector from the block `answers` of a system's settings; nothing is opened yet.
    ///
    /// - Throws: ``SettingsError`` with every problem at once.
    public static func make(system: String, settings: JSONValue, logger: Logger) throws(SettingsError) -> RESTAnswerer {
        try self.make(system: system, settings: settings, clock: .system, policy: RetryPolicy(), logger: logger)
    }

    /// Makes a connector with a clock and patience of its own.
    package static func make(
        system: String, settings: JSONValue, clock: ConnectorClock, policy: RetryPolicy, logger: Logger
    ) throws(SettingsError) -> RESTAnswerer {
        let settings = try RESTAnswererSettings(system: system, settings: settings)
        return RESTAnswerer(
            system: system, settings: settings, transport: AsyncHTTPTransport(settings.server), policy: policy, clock: clock,
            logger: logger)
    }

    public func answer(_ question: AskedQuestion) async throws -> JSONValue {
        guard let way = self.settings.questions[question.wanted] else {
            throw ConnectorFailure(
                .rejected, code: .questionNotOffered,
                message: "\(self.system) has no question for \(question.wanted.rawValue) in its settings' answers.questions")
        }
        var fields = Self.fields(of: question.document)
        fields["question"] = question.id
        let body: JSONValue
        do throws(BodyTemplate.Misfit) {
            body = try way.body.filled(fields)
        } catch {
            throw ConnectorFailure(
                .rejected, code: .wrongForm, message: "\(way.path): \(error.field) is no \(error.form.rawValue)")
        }
        let reply = try await self.send(way, question.id, Array(body.canonicalData))
        guard (200...299).contains(reply.status) else {
            throw ConnectorFailure(
                reply.status == 404 || reply.status == 405 ? .misconfigured : .rejected, code: .questionRefused,
                message: "\(way.path) was refused (\(reply.status)): check path and body of the question in answers.questions")
        }
        guard let document = try? JSONValue(parsing: reply.body), let answered = way.answer.fields(of: document) else {
            throw ConnectorFailure(
                .malformedReply, code: .answerNotUnderstood,
                message: "\(way.path): the reply has another shape than answer in answers.questions")
        }
        return try way.record(of: answered)
    }

    /// So often a call is made when its reply breaks off.
    private static let mostBrokenReplies = 3

    private func send(_ way: RESTAnswererSettings.Way, _ id: String, _ body: [UInt8]) async throws -> HTTPReply {
        let path = way.path.replacing("{question}", with: Percent.encode(id))
        var broken = 0
        while true {
            do {
                return try await self.client.send(way.method, path, body: body, name: way.path)
            } catch is CutShort {
                broken += 1
                guard broken < Self.mostBrokenReplies else {
                    let target = CallTarget(
                        name: way.path, setting: "answers.connection.base_url", url: self.settings.server.baseURL)
                    throw TransportError.cutShort.failure(of: target)
                }
            }
        }
    }

    /// The values of a document by their paths, e.g. `child.id`; lists as JSON.
    private static func fields(of document: JSONValue, _ path: String = "") -> [String: String] {
        switch document {
        case .object(let members):
            return members.reduce(into: [:]) { fields, member in
                let inner = path.isEmpty ? member.key : "\(path).\(member.key)"
                fields.merge(self.fields(of: member.value, inner)) { first, _ in first }
            }
        case .string(let text): return [path: text]
        case .integer(let number): return [path: String(number)]
        case .number(let number): return [path: String(number)]
        case .bool(let flag): return [path: String(flag)]
        case .array: return [path: String(decoding: document.canonicalData, as: UTF8.self)]
        case .null: return [:]
        }
    }

    public func shutdown() async { await self.transport.shutdown() }
}
