public import Foundation
public import SchoolRecords

/// A question from the hub to a system, as a CloudEvents 1.0 event in binary mode on AMQP: part of the public message contract.
///
/// The body is the record that it is about. The answer goes to ``QuestionBus/exchange`` under the routing key that `reply_to`
/// names, with the question's id as `correlation_id`.
public struct Question: Sendable, Hashable {
    /// CloudEvents `id` and AMQP `message_id`; the same however often it is asked.
    public var id: String
    /// The kind of record that would answer it.
    public var wanted: Entity
    /// The system that is asked.
    public var system: String
    /// The record that it is about.
    public var about: RecordKey
    /// When it was asked, RFC 3339 in UTC.
    public var time: String
    /// Until when the answer is waited for, RFC 3339 in UTC. One that comes later is used all the same.
    public var answerBy: String
    /// Where the answer goes: a routing key of ``QuestionBus/exchange``.
    public var replyTo: String
    /// The trace of the record that it is about.
    public var trace: TraceContext?
    /// The record that it is about, as JSON.
    public var body: Data

    public init(
        id: String, wanted: Entity, system: String, about: RecordKey, time: String, answerBy: String, replyTo: String,
        trace: TraceContext? = nil, body: Data
    ) {
        self.id = id
        self.wanted = wanted
        self.system = system
        self.about = about
        self.time = time
        self.answerBy = answerBy
        self.replyTo = replyTo
        self.trace = trace
        self.body = body
    }

    /// `question.<wanted>.<system>`, in lower case.
    public var routingKey: String { "question.\(self.wanted.rawValue).\(self.system)".lowercased() }

    /// CloudEvents `type`: `se.knutpunkt.question.<wanted>.v1`.
    public var type: String { "se.knutpunkt.question.\(self.wanted.rawValue).v1" }

    /// The message as it goes on the wire.
    public var message: Message {
        Message(
            id: self.id, contentType: "application/json",
            headers: [
                "cloudEvents_specversion": .string("1.0"), "cloudEvents_id": .string(self.id),
                "cloudEvents_type": .string(self.type), "cloudEvents_source": .string("/knutpunkt"),
                "cloudEvents_subject": .string(self.about.id), "cloudEvents_time": .string(self.time),
                "cloudEvents_about": .string(self.about.entity.rawValue), "cloudEvents_answerby": .string(self.answerBy),
            ].merging(EventHeaders.trace(self.trace)) { own, _ in own }, correlationID: self.id, replyTo: self.replyTo,
            body: self.body)
    }

    /// Reads a message back.
    ///
    /// - Parameter system: the system whose queue it came from.
    /// - Throws: ``UndecodableMessage`` naming what is missing or can't be read.
    public init(_ message: Message, system: String) throws(UndecodableMessage) {
        let headers = EventHeaders(message)
        let type = try headers.type("question", parts: 5)
        guard let wanted = Entity(rawValue: type[3]), let about = Entity(rawValue: try headers.text("cloudEvents_about")) else {
            throw UndecodableMessage(reason: "headers cloudEvents_type and cloudEvents_about name no kinds of record")
        }
        guard let replyTo = message.replyTo, !replyTo.isEmpty else {
            throw UndecodableMessage(reason: "reply_to is missing: nobody could be answered")
        }
        self.init(
            id: try headers.text("cloudEvents_id"), wanted: wanted, system: system,
            about: RecordKey(about, try headers.text("cloudEvents_subject")), time: try headers.text("cloudEvents_time"),
            answerBy: try headers.text("cloudEvents_answerby"), replyTo: replyTo, trace: headers.trace,
            body: message.body)
    }
}
