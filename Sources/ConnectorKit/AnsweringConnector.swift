public import SchoolRecords

/// A question about a record, for a system that can answer at once.
public struct AskedQuestion: Sendable, Hashable {
    /// The same however often it is asked: a system that keeps questions can tell by it that it has answered already.
    public let id: String
    /// The record that it is about, e.g. an application.
    public let about: RecordKey
    /// The kind of record that would answer it.
    public let wanted: Entity
    /// The record that it is about, as SS 12000 JSON.
    public let document: JSONValue

    /// Describes a question.
    public init(id: String, about: RecordKey, wanted: Entity, document: JSONValue) {
        self.id = id
        self.about = about
        self.wanted = wanted
        self.document = document
    }
}

/// A system that answers questions while somebody waits. Apart from what else it is: a system may answer and neither give nor
/// take records.
public protocol AnsweringConnector: Sendable {
    /// The system's name in configuration, queue names and `Mappings/`, e.g. `vega`.
    var system: String { get }

    /// The kinds of record that it answers with.
    var answers: Set<Entity> { get }

    /// Asks the system.
    ///
    /// Asked again with the same question, as after a reply that was lost, the system may have kept the first one; nothing may
    /// have been decided there twice.
    ///
    /// - Returns: fields of the wanted record; who asked adds the ids.
    /// - Throws: ``ConnectorFailure``; `rejected` and `malformedReply` are about this question, everything else about the system.
    func answer(_ question: AskedQuestion) async throws -> JSONValue

    /// Closes what the connector holds open; it is not used afterwards.
    func shutdown() async
}
