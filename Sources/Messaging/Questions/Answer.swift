public import Foundation
public import SchoolRecords

/// A system's answer to a ``Question``: part of the public message contract.
public struct Answer: Sendable, Hashable {
    /// The question that it answers.
    public var question: String
    /// The kind of record that it holds.
    public var kind: Entity
    /// The system that answers.
    public var system: String
    /// The record that the question was about: its id.
    public var about: String
    /// When it was answered, RFC 3339 in UTC.
    public var time: String
    /// The question's trace.
    public var trace: TraceContext?
    /// Fields of the record, as JSON; ids are added by who asked.
    public var body: Data

    public init(
        question: String, kind: Entity, system: String, about: String, time: String, trace: TraceContext? = nil, body: Data
    ) {
        self.question = question
        self.kind = kind
        self.system = system
        self.about = about
        self.time = time
        self.trace = trace
        self.body = body
    }

    /// CloudEvents `type`: `se.knutpunkt.answer.<kind>.v1`.
    public var type: String { "se.knutpunkt.answer.\(self.kind.rawValue).v1" }

    /// The message as it goes on the wire. Its id is the question's with a word behind: an answer given again has the same.
    public var message: Message {
        let id = self.question + ":answer"
        return Message(
            id: id, contentType: "application/json",
            headers: [
                "cloudEvents_specversion": .string("1.0"), "cloudEvents_id": .string(id),
                "cloudEvents_type": .string(self.type), "cloudEvents_source": .string("/knutpunkt/\(self.system)"),
                "cloudEvents_subject": .string(self.about), "cloudEvents_time": .string(self.time),
            ].merging(EventHeaders.trace(self.trace)) { own, _ in own }, correlationID: self.question, body: self.body)
    }

    /// Reads a message back.
    ///
    /// - Throws: ``UndecodableMessage`` naming what is missing or can't be read.
    public init(_ message: Message) throws(UndecodableMessage) {
        let headers = EventHeaders(message)
        let type = try headers.type("answer", parts: 5)
        guard let kind = Entity(rawValue: type[3]) else {
            throw UndecodableMessage(reason: "header cloudEvents_type names no kind of record")
        }
        guard let question = message.correlationID, !question.isEmpty else {
            throw UndecodableMessage(reason: "correlation_id is missing: it is the question's id")
        }
        let source = try headers.text("cloudEvents_source")
        self.init(
            question: question, kind: kind, system: String(source.split(separator: "/").last ?? ""),
            about: try headers.text("cloudEvents_subject"), time: try headers.text("cloudEvents_time"),
            trace: headers.trace, body: message.body)
    }
}

/// The CloudEvents attributes of a message, as text.
struct EventHeaders {
    private let message: Message

    init(_ message: Message) { self.message = message }

    func text(_ name: String) throws(UndecodableMessage) -> String {
        guard case .string(let value)? = self.message.headers[name] else {
            throw UndecodableMessage(reason: "header \(name) is missing or no text")
        }
        return value
    }

    /// The trace that the message belongs to; nothing where there is none, or it can't be read.
    var trace: TraceContext? {
        guard case .string(let value)? = self.message.headers["traceparent"] else { return nil }
        return TraceContext(value)
    }

    /// The header of a trace.
    static func trace(_ trace: TraceContext?) -> [String: HeaderValue] {
        trace.map { ["traceparent": .string($0.header)] } ?? [:]
    }

    /// The parts of `se.knutpunkt.<word>.….v1`.
    func type(_ word: String, parts: Int) throws(UndecodableMessage) -> [String] {
        let type = try self.text("cloudEvents_type").split(separator: ".").map(String.init)
        guard type.count == parts, type[0] == "se", type[1] == "knutpunkt", type[2] == word, type[parts - 1] == "v1" else {
            throw UndecodableMessage(reason: "header cloudEvents_type names no \(word) of this version")
        }
        return type
    }
}
