public import Foundation
public import SchoolRecords

/// The hub's public message: one record's whole state, as a CloudEvents 1.0 event in binary mode on AMQP.
///
/// Attributes travel as headers `cloudEvents_<name>`, the record itself is the body (SS 12000 JSON).
public struct RecordChange: Sendable, Hashable {
    public enum Operation: String, Sendable, Codable { case upserted, deleted }

    /// CloudEvents `id` and AMQP `message_id`; the same however often it is published.
    public var id: String
    public var key: RecordKey
    public var operation: Operation
    /// The system that the record comes from, e.g. `edlevo`.
    public var source: String
    /// Grows by one with every change of this record.
    public var sequence: Int64
    /// When the hub took the change, RFC 3339 in UTC.
    public var time: String
    /// The trace that it belongs to: that of the reading or the notice which it comes from, or one of its own.
    public var trace: TraceContext?
    /// Why a system gets a state again that it may already have (`retry`, `replay`, `edit` for a corrected message,
    /// `reference`, `echo`); `nil` on the
    /// first, public publication.
    public var redelivery: String?
    /// The record as SS 12000 JSON; for `deleted` an object with the id alone, but a role that is revoked is there whole.
    public var body: Data
    /// Whether the body is encrypted for one receiver, and goes over ``clearedExchange``: real data of a protected person.
    public var isSealed: Bool

    public init(
        id: String, key: RecordKey, operation: Operation, source: String, sequence: Int64, time: String,
        trace: TraceContext? = nil, redelivery: String? = nil, body: Data, isSealed: Bool = false
    ) {
        self.isSealed = isSealed
        self.id = id
        self.key = key
        self.operation = operation
        self.source = source
        self.sequence = sequence
        self.time = time
        self.trace = trace
        self.redelivery = redelivery
        self.body = body
    }
}

extension RecordChange {
    /// The topic exchange of all record changes.
    public static let exchange = "knutpunkt.records"

    /// The direct exchange of what systems that are cleared for protected persons are given of them.
    public static let clearedExchange = "knutpunkt.cleared"

    /// The content type of a body that is encrypted for one receiver: nonce, cipher text and tag of AES-256-GCM.
    public static let sealedContentType = "application/vnd.knutpunkt.sealed"

    /// The routing key, and the queue, of one system on ``clearedExchange``.
    public static func clearedQueue(of system: String) -> String { "cleared.\(system)" }

    /// Whose role in which system it is about; `nil` for everything but roles that the hub grants and revokes.
    public var role: RoleAddress? { RoleAddress(of: self.key, source: self.source, body: self.body) }

    /// The exchange that it is published to for everybody: ``exchange``, or ``RoleAddress/exchange``.
    public var publicExchange: String { self.role == nil ? Self.exchange : RoleAddress.exchange }

    /// Whether a system may be given it at all: a role is one system's business.
    public func concerns(_ system: String) -> Bool { self.key.entity != .roleGrant || self.role?.system == system }

    /// `record.<entity>.<upserted|deleted>.<source>`, or `role.<granted|revoked>.<system>`, in lower case.
    public var routingKey: String {
        if let role = self.role { return role.routingKey(self.operation) }
        return "record.\(self.key.entity.rawValue).\(self.operation.rawValue).\(self.source)".lowercased()
    }

    /// CloudEvents `type`: `se.knutpunkt.record.<entity>.<operation>.v1`, `se.knutpunkt.role.<granted|revoked>.v1`, or
    /// `se.knutpunkt.cleared.<entity>.<operation>.v1`.
    public var type: String {
        if self.isSealed { return "se.knutpunkt.cleared.\(self.key.entity.rawValue).\(self.operation.rawValue).v1" }
        if RoleAddress.isRole(self.key, source: self.source) {
            return "se.knutpunkt.role.\(RoleAddress.word(self.operation)).v1"
        }
        return "se.knutpunkt.record.\(self.key.entity.rawValue).\(self.operation.rawValue).v1"
    }

    /// The message as it goes on the wire.
    public var message: Message {
        var headers: [String: HeaderValue] = [
            "cloudEvents_specversion": .string("1.0"),
            "cloudEvents_id": .string(self.id),
            "cloudEvents_type": .string(self.type),
            "cloudEvents_source": .string("/knutpunkt/\(self.source)"),
            "cloudEvents_subject": .string(self.key.id),
            "cloudEvents_time": .string(self.time),
            "cloudEvents_partitionkey": .string(self.role?.partitionKey ?? self.key.id),
            "cloudEvents_sequence": .string(String(self.sequence)),
        ]
        if let trace = self.trace { headers["traceparent"] = .string(trace.header) }
        if let redelivery = self.redelivery { headers["knutpunkt_redelivery"] = .string(redelivery) }
        return Message(
            id: self.id, contentType: self.isSealed ? Self.sealedContentType : "application/json", headers: headers,
            body: self.body)
    }

    /// Reads a message back.
    ///
    /// - Throws: ``UndecodableMessage`` naming the header that is missing or can't be read.
    public init(_ message: Message) throws(UndecodableMessage) {
        func text(_ name: String) throws(UndecodableMessage) -> String {
            guard case .string(let value)? = message.headers[name] else {
                throw UndecodableMessage(reason: "header \(name) is missing or no text")
            }
            return value
        }
        let type = try text("cloudEvents_type")
        guard let (entity, operation) = Self.subject(ofType: type) else {
            throw UndecodableMessage(reason: "header cloudEvents_type names no record type of this version")
        }
        guard let sequence = Int64(try text("cloudEvents_sequence")), sequence > 0 else {
            throw UndecodableMessage(reason: "header cloudEvents_sequence is no positive number")
        }
        let source = try text("cloudEvents_source")
        guard source.hasPrefix("/knutpunkt/") else {
            throw UndecodableMessage(reason: "header cloudEvents_source doesn't start with /knutpunkt/")
        }
        // One that can't be read counts as none, as the standard says: the message is whole without it.
        let trace = EventHeaders(message).trace
        var redelivery: String?
        if case .string(let value)? = message.headers["knutpunkt_redelivery"] { redelivery = value }
        self.init(
            id: try text("cloudEvents_id"), key: RecordKey(entity, try text("cloudEvents_subject")), operation: operation,
            source: String(source.dropFirst("/knutpunkt/".count)), sequence: sequence, time: try text("cloudEvents_time"),
            trace: trace, redelivery: redelivery, body: message.body, isSealed: type.hasPrefix("se.knutpunkt.cleared."))
    }

    private static func subject(ofType text: String) -> (Entity, Operation)? {
        let type = text.split(separator: ".")
        guard type.count >= 5, type[0] == "se", type[1] == "knutpunkt", type.last == "v1" else { return nil }
        switch (type[2], type.count) {
        case ("record", 6), ("cleared", 6):
            guard let entity = Entity(rawValue: String(type[3])), let operation = Operation(rawValue: String(type[4])) else {
                return nil
            }
            return (entity, operation)
        case ("role", 5): return RoleAddress.operation(type[3]).map { (.roleGrant, $0) }
        default: return nil
        }
    }
}

/// A message that is no ``RecordChange``; its bytes are kept in the failed messages as they came.
public struct UndecodableMessage: Error, Sendable, CustomStringConvertible {
    public let reason: String
    public init(reason: String) { self.reason = reason }
    public var description: String { self.reason }
}
