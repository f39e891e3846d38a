public import SchoolRecords

/// In which order records are walked through.
public enum ProvidedOrder: String, Sendable, Hashable, Codable {
    /// By their ids.
    case identity
    /// The latest changed first; those changed at the same time by their ids, downwards.
    case latestFirst
}

/// Where a walk stands: at the record that it came to last.
public struct ProvidedPosition: Sendable, Hashable, Codable {
    public let id: String
    /// When the record was last changed, RFC 3339 in UTC; only looked at in ``ProvidedOrder/latestFirst``.
    public let time: String

    public init(id: String, time: String) {
        self.id = id
        self.time = time
    }
}

/// Which live records of an entity are meant, as far as the store can tell without opening them.
public struct ProvidedChoice: Sendable, Hashable {
    public var entity: Entity
    /// First taken after this moment (exclusive) and at the latest at that one (inclusive): RFC 3339 in UTC with milliseconds.
    public var createdAfter: String?
    public var createdBefore: String?
    /// Last changed after this moment (exclusive) and at the latest at that one (inclusive): RFC 3339 in UTC with milliseconds.
    public var modifiedAfter: String?
    public var modifiedBefore: String?
    /// Records that have one of the terms of each of these; empty = all. See ``RecordTerms``.
    public var terms: [Set<String>] = []

    public init(_ entity: Entity) { self.entity = entity }
}

/// A record that isn't there any more.
public struct DeletedRecord: Sendable, Hashable {
    public let key: RecordKey
    /// When it went, RFC 3339 in UTC.
    public let time: String

    public init(key: RecordKey, time: String) {
        self.key = key
        self.time = time
    }
}

/// How often something of an entity has changed. Numbers only grow.
public struct ChangeNumbers: Sendable, Hashable, Codable {
    public var upserted: Int64
    public var deleted: Int64

    public init(upserted: Int64 = 0, deleted: Int64 = 0) {
        self.upserted = upserted
        self.deleted = deleted
    }
}

/// The register as it is provided to systems that fetch from the hub: walked in pages, found by what it refers to.
///
/// Terms are looked up in an index that follows the register: ``index(limit:)`` brings it up to date, and whoever asks by terms does
/// so first. Every change of a record of the standard is marked in its own transaction, so that none is ever missed.
public protocol ProvidedRecords: Sendable {
    /// Live records, in their order after a position, at most `limit`. One whose person has been erased is left out.
    ///
    /// - Returns: the records, and where to go on; no position when there are no more.
    func provided(
        _ choice: ProvidedChoice, order: ProvidedOrder, after position: ProvidedPosition?, limit: Int
    ) async throws -> (records: [RegisteredRecord], next: ProvidedPosition?)

    /// The ids of the records of an entity that have these terms: term → ids, in their order. At most `limit` in all.
    func identities(of entity: Entity, terms: Set<String>, limit: Int) async throws -> [String: [String]]

    /// Records of an entity that are gone, in the order of the times at which they went, after a position, at most `limit`.
    ///
    /// - Parameter moment: only those that went after it (exclusive), RFC 3339 in UTC with milliseconds.
    func deletedRecords(
        of entity: Entity, after moment: String?, position: ProvidedPosition?, limit: Int
    ) async throws -> [DeletedRecord]

    /// Brings up to `limit` changed records into the index of terms, and counts them in ``changeNumbers()``.
    ///
    /// - Returns: how many it looked at; fewer than `limit` when the index is up to date.
    @discardableResult
    func index(limit: Int) async throws -> Int

    /// How often something of each entity has changed, as far as it is indexed.
    func changeNumbers() async throws -> [Entity: ChangeNumbers]
}
