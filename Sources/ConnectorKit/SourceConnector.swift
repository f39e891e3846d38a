public import Foundation
public import SchoolRecords

/// One record as the source gave it, before any mapping.
public struct SourceRecord: Sendable {
    public let key: RecordKey
    /// The source's own document, unknown fields and all; a mapping decides what is taken.
    public let document: JSONValue

    public init(key: RecordKey, document: JSONValue) {
        self.key = key
        self.document = document
    }
}

/// A record that came but can't be used, e.g. an element of a page without an id.
public struct BrokenRecord: Sendable {
    /// The key when it could be made out.
    public let key: RecordKey?
    public let failure: ConnectorFailure

    public init(key: RecordKey?, failure: ConnectorFailure) {
        self.key = key
        self.failure = failure
    }
}

/// What a page of a source held.
public struct SourcePage: Sendable {
    public var records: [SourceRecord]
    public var broken: [BrokenRecord]

    public init(records: [SourceRecord] = [], broken: [BrokenRecord] = []) {
        self.records = records
        self.broken = broken
    }
}

/// How much of a source is read.
public enum ReadScope: Sendable, Equatable {
    /// Everything the source has now.
    case full
    /// What changed after this instant; the caller has already taken off its overlap.
    case modifiedAfter(Date)
}

/// A system that records are read from.
///
/// A read either delivers every page and returns, or throws; a caller may treat it as the whole only after the
/// return (invariant 5: a partial read is never a full snapshot).
public protocol SourceConnector: Sendable {
    /// The system's name in configuration, routing keys and `Mappings/`, e.g. `edlevo`.
    var system: String { get }

    /// The entities this source publishes, in load order.
    var entities: [Entity] { get }

    /// Reads one entity page by page, in the order the source gives them.
    ///
    /// - Parameter handle: called once for each page; an error it throws ends the read and is thrown on.
    /// - Throws: ``ConnectorFailure``; one that ``ConnectorFailure/needsFullRead`` when changes since then can't be told.
    func read(
        _ entity: Entity,
        scope: ReadScope,
        handle: @Sendable (SourcePage) async throws -> Void
    ) async throws

    /// Reads one record again, or `nil` when the source no longer has it.
    func read(_ key: RecordKey) async throws -> SourceRecord?

    /// The ids deleted in the source after an instant.
    ///
    /// - Throws: ``ConnectorFailure``; one that ``ConnectorFailure/needsFullRead`` when deletions since then can't be told.
    func deletions(after instant: Date) async throws -> [RecordKey]

    /// Whether a full reading gives all that there is of an entity, so that what isn't in it is gone. A source of notices says nothing of
    /// whom it doesn't name.
    func tellsAll(of entity: Entity) -> Bool

    /// As of when a reading now would show an entity: what a file says was true when the file was taken in.
    ///
    /// - Returns: `nil` for a source that answers with what it has at that moment.
    /// - Throws: ``ConnectorFailure``.
    func told(of entity: Entity) async throws -> Date?

    /// How much has come that couldn't be used as a whole, and that nobody has dealt with yet: files in the folder of rejected ones.
    func rejectedInputs() async -> Int

    /// Checks that the source can be reached and lets us in, as cheaply as it allows.
    ///
    /// - Throws: ``ConnectorFailure`` naming the place and the remedy.
    func probe() async throws

    /// Closes what the connector holds open; it is not used afterwards.
    func shutdown() async
}

extension SourceConnector {
    public func tellsAll(of entity: Entity) -> Bool { true }

    public func told(of entity: Entity) async throws -> Date? { nil }

    public func rejectedInputs() async -> Int { 0 }

    public func shutdown() async {}
}
