public import Foundation
public import Messaging
public import SchoolRecords

/// A record as the hub knows it now.
public struct RegisteredRecord: Sendable, Hashable {
    public let key: RecordKey
    /// The system it comes from.
    public let source: String
    /// Grows by one with every real change, also over a deletion.
    public let sequence: Int64
    public let operation: RecordChange.Operation
    /// SS 12000 JSON in canonical form; for a deleted record an object with the id alone, for a role that is revoked what it was.
    public let body: Data
    /// When the hub took this state, RFC 3339 in UTC.
    public let time: String
    /// When the hub first took the record, RFC 3339 in UTC.
    public let created: String

    public init(
        key: RecordKey, source: String, sequence: Int64, operation: RecordChange.Operation, body: Data, time: String,
        created: String
    ) {
        self.key = key
        self.source = source
        self.sequence = sequence
        self.operation = operation
        self.body = body
        self.time = time
        self.created = created
    }

    /// Whether it is there: not deleted, and no role that is revoked.
    public var isLive: Bool { self.operation == .upserted }

    /// Whether a system may be given it at all: a role is one system's business.
    public func concerns(_ system: String) -> Bool {
        guard self.key.entity == .roleGrant else { return true }
        return RoleAddress(of: self.key, source: self.source, body: self.body)?.system == system
    }

    /// The same with another content.
    public func with(body: Data) -> RegisteredRecord {
        RegisteredRecord(
            key: self.key, source: self.source, sequence: self.sequence, operation: self.operation, body: body, time: self.time,
            created: self.created)
    }

    /// The body as it is published: with `meta`, which SS 12000 demands of every object. Its times are the hub's own: a
    /// source moves its own also when nothing else of a record changes. A role that is revoked is published whole too, so that also
    /// one which the hub never gave can be taken away.
    public var publishedBody: Data {
        let isWhole = self.operation == .upserted || RoleAddress.isRole(self.key, source: self.source)
        guard isWhole, self.body.first == UInt8(ascii: "{"), self.body.count > 2 else { return self.body }
        return Data("{\"meta\":{\"created\":\"\(self.created)\",\"modified\":\"\(self.time)\"},".utf8) + self.body.dropFirst()
    }
}

/// A state that intake found for a record.
public struct RecordState: Sendable, Hashable {
    public let key: RecordKey
    /// The person whose data this is (its data key seals the body); `nil` for what is nobody's, e.g. a school.
    public let owner: String?
    /// Canonical SS 12000 JSON, or `nil` when the record is gone; of a role that is revoked, what it was.
    public let body: Data?
    /// The id of the school unit that it belongs to, where it belongs to one.
    public let unit: String?
    /// Whether the record isn't there any more.
    public let isGone: Bool

    public init(key: RecordKey, owner: String?, body: Data?, unit: String? = nil) {
        self.init(key: key, owner: owner, body: body, unit: unit, isGone: body == nil)
    }

    init(key: RecordKey, owner: String?, body: Data?, unit: String?, isGone: Bool) {
        self.key = key
        self.owner = owner
        self.body = body
        self.unit = unit
        self.isGone = isGone
    }
}

/// A protected person's record (or one about such a person), on its way into the vault.
public struct WithheldRecord: Sendable, Hashable {
    /// The key by which everything outside the vault knows it.
    public let opaqueKey: RecordKey
    /// The key in the source.
    public let key: RecordKey
    /// Canonical SS 12000 JSON with the real data.
    public let body: Data

    public init(opaqueKey: RecordKey, key: RecordKey, body: Data) {
        self.opaqueKey = opaqueKey
        self.key = key
        self.body = body
    }
}

/// What a state is against what the register holds.
public enum RecordDifference: Sendable, Hashable { case created, updated, deleted, unchanged }

/// What taking a state would mean.
public struct RecordComparison: Sendable, Hashable {
    public let difference: RecordDifference
    /// The school unit of the record as the register holds it; `nil` for one of no unit, and one never seen.
    public let unit: String?
    /// The sequence that the register holds; 0 for a record never seen.
    public let sequence: Int64
    /// A keyed hash of the content that the state has; `nil` for one that is gone.
    public let content: String?

    public init(_ difference: RecordDifference, unit: String?, sequence: Int64 = 0, content: String? = nil) {
        self.difference = difference
        self.unit = unit
        self.sequence = sequence
        self.content = content
    }
}

/// What taking a batch came to.
public struct TakeResult: Sendable, Hashable {
    public var created = 0
    public var updated = 0
    public var deleted = 0
    public var unchanged = 0
    public var withheld = 0

    public init() {}

    public static func += (left: inout TakeResult, right: TakeResult) {
        left.created += right.created
        left.updated += right.updated
        left.deleted += right.deleted
        left.unchanged += right.unchanged
        left.withheld += right.withheld
    }

    /// Records that went on to the outbox.
    public var changed: Int { self.created + self.updated + self.deleted }
}

/// The hub's own picture of every record, and the only door to the outbox (invariant 1).
public protocol Register: Sendable {
    /// Takes states of one source, in one transaction: what differs from the register by content hash gets the next
    /// sequence, is stored, and stands in the outbox for ``RecordChange/exchange``; what is equal leaves no trace.
    /// Withheld records go to the vault in the same transaction (and only there). Open intake failures of the keys
    /// taken are closed; `failures` are recorded.
    ///
    /// - Parameters:
    ///   - counting: under whose eyes; counted in the same transaction.
    ///   - time: RFC 3339 in UTC.
    func take(
        _ states: [RecordState], withheld: [WithheldRecord], failures: [NewFailure], source: String, counting: TakeCounting,
        time: String
    ) async throws -> TakeResult

    /// What ``take(_:withheld:failures:source:counting:time:)`` would make of each state, in the same order.
    func compare(_ states: [RecordState], source: String) async throws -> [RecordComparison]

    /// The records of these keys, deleted ones included; keys never seen are left out.
    func records(_ keys: [RecordKey]) async throws -> [RecordKey: RegisteredRecord]

    /// The ids of one entity that live (are not deleted) and come from `source`.
    func liveIDs(of entity: Entity, source: String) async throws -> Set<String>

    /// Live records of one entity in the order of their ids, after `id`, at most `limit`: for streaming through all.
    func liveRecords(of entity: Entity, after id: String?, limit: Int) async throws -> [RegisteredRecord]

    /// Live records by entity.
    func liveCounts() async throws -> [Entity: Int]

    /// Live records of one source by entity.
    func liveCounts(source: String) async throws -> [Entity: Int]

    /// How many live records of these entities a source has given.
    func liveCounts(source: String, entities: Set<Entity>) async throws -> [Entity: Int]

    /// Whether there is no live record at all.
    func isEmpty() async throws -> Bool

    /// Which of these records stand as somebody has approved them.
    ///
    /// - Parameter instant: only those that have stood so since (RFC 3339 in UTC).
    func seen(_ keys: Set<RecordKey>, since instant: String?) async throws -> Set<RecordKey>

    /// Live records of one entity and source by school unit; those of no unit are left out.
    func liveCountsByUnit(of entity: Entity, source: String) async throws -> [String: Int]
}

extension Register {
    /// Takes states that nobody needs to count: what the hub does by itself.
    @discardableResult
    public func take(
        _ states: [RecordState], withheld: [WithheldRecord], failures: [NewFailure], source: String, time: String
    ) async throws -> TakeResult {
        try await self.take(
            states, withheld: withheld, failures: failures, source: source, counting: .uncounted, time: time)
    }
}

/// Records of a read under way, set aside until the read is complete: a partial read changes nothing (invariant 5).
public protocol Staging: Sendable {
    /// Sets records aside, sealed; a later record of the same key in the same run replaces the earlier.
    func stage(_ states: [RecordState], run: String) async throws

    /// Staged records in the order of their keys, after `key`, at most `limit`.
    func staged(run: String, after key: RecordKey?, limit: Int) async throws -> [RecordState]

    /// Drops staged records: those of one run, or with `nil` whatever an interrupted run left.
    func clearStage(run: String?) async throws

    /// How far a source has been read: RFC 3339 in UTC, or `nil` before the first complete read.
    func mark(source: String, entity: String) async throws -> String?

    /// Moves the mark after a complete read.
    func setMark(_ time: String, source: String, entity: String) async throws
}

/// Where protected persons' real data rests, sealed; nothing else in the store knows more than the opaque id.
public protocol Vault: Sendable {
    /// All opaque keys of persons that are withheld now, those who were erased among them.
    func withheldPersons() async throws -> Set<String>

    /// The opaque ids of a kind of record that the vault holds, and which source each is from.
    func withheldSources(of entity: Entity) async throws -> [String: String]

    /// Which of these (opaque) keys the vault holds.
    func holds(_ keys: Set<RecordKey>) async throws -> Set<RecordKey>

    /// The real records of a kind that are withheld, by the source's keys: for looking whether anything of them has got out. Whoever
    /// reads them keeps nothing of them.
    func withheldContents(of entity: Entity) async throws -> [(key: RecordKey, body: Data)]

    /// The source's key behind an opaque one.
    func realKey(of opaqueKey: RecordKey) async throws -> RecordKey?

    /// Removes records from the vault: the person is no longer protected, or gone.
    func release(_ opaqueKeys: [RecordKey]) async throws

    /// Withheld records by entity.
    func withheldCounts() async throws -> [Entity: Int]
}
