public import ConnectorKit
public import SchoolRecords

/// What a receiving system was last given for a record.
public struct DeliveryState: Sendable, Hashable {
    public let key: RecordKey
    public let sequence: Int64
    public let rows: [TargetRow]

    public init(key: RecordKey, sequence: Int64, rows: [TargetRow]) {
        self.key = key
        self.sequence = sequence
        self.rows = rows
    }
}

/// Which row in a receiving system.
public struct RowIdentity: Sendable, Hashable {
    public let kind: String
    public let key: String

    public init(kind: String, key: String) {
        self.kind = kind
        self.key = key
    }
}

/// How one message ended for one system.
public struct Settlement: Sendable, Hashable, Codable {
    public enum Outcome: Sendable, Hashable, Codable {
        /// The rows stand in the system (or were already there). `missing` are records that it still waits for.
        case applied(rows: [TargetRow], references: Set<RecordKey>, missing: Set<RecordKey>)
        /// A newer or the same state was applied before.
        case superseded
        /// The system refused for now; tried again at `due` (milliseconds since 1970).
        case retry(due: Int64, reason: String)
        case failed(NewFailure)
    }

    public let key: RecordKey
    public let sequence: Int64
    public let outcome: Outcome

    public init(key: RecordKey, sequence: Int64, outcome: Outcome) {
        self.key = key
        self.sequence = sequence
        self.outcome = outcome
    }
}

/// A batch and what it will mean once written, stored before the write so that a crash in between leads to the same
/// batch again under the same id.
public struct PreparedBatch: Sendable, Hashable, Codable {
    public let system: String
    public let batch: TargetBatch
    public let settlements: [Settlement]
    /// When it was mapped, RFC 3339 in UTC.
    public let mappedAt: String?
    /// The version of the mappings that made it; `nil` in what an earlier version of the hub stored.
    public let mappings: String?

    public init(
        system: String, batch: TargetBatch, settlements: [Settlement], mappedAt: String? = nil, mappings: String? = nil
    ) {
        self.system = system
        self.batch = batch
        self.settlements = settlements
        self.mappedAt = mappedAt
        self.mappings = mappings
    }
}

/// How messages came to be settled: kept of those that were applied.
public struct SettlementNote: Sendable, Hashable {
    /// When they were mapped, RFC 3339 in UTC.
    public let mappedAt: String?
    /// The batch that they were written with; `nil` when nothing had to be written.
    public let batch: String?

    public init(mappedAt: String? = nil, batch: String? = nil) {
        self.mappedAt = mappedAt
        self.batch = batch
    }
}

/// Who has got what: the memory that makes duplicates, reordering and replays harmless (invariant 2).
public protocol Deliveries: Sendable {
    /// What the system was last given for these records; records never given are left out.
    func states(of keys: [RecordKey], in system: String) async throws -> [RecordKey: DeliveryState]

    /// The sequences last given for these records; records never given are left out.
    func sequences(of keys: Set<RecordKey>, in system: String) async throws -> [RecordKey: Int64]

    /// For each row, the records whose delivery state holds it now (two records can give the same relation: an
    /// enrolment and a placement at one school). Rows that nobody gives are left out. Row keys hold personal data:
    /// what is stored to find them is a keyed hash.
    func givers(of rows: Set<RowIdentity>, in system: String) async throws -> [RowIdentity: Set<RecordKey>]

    /// Stores a batch, sealed, before it is written. One batch a system at a time: refused while another one isn't
    /// settled.
    func prepare(_ batch: PreparedBatch) async throws

    /// The batch that was stored and not settled, if any.
    func prepared(for system: String) async throws -> PreparedBatch?

    /// Records how messages ended, in one transaction, and removes the prepared batch:
    /// - `applied` becomes the delivery state if its sequence isn't below what is there, with the references it looked
    ///   at; waits and retries of the record end (or begin, for `missing`); open failures of it become `replayed`
    ///   or `superseded`.
    /// - Records waiting for an applied one are put in the system's queue again, and so are records that looked at
    ///   one whose content changed (reason `reference`).
    /// - What a `failed` one looked at and lacked is remembered as for an applied one, so that it is sent again when that arrives or
    ///   changes.
    /// - `retry` and `failed` are kept. Everything is counted.
    ///
    /// - Parameters:
    ///   - time: RFC 3339 in UTC.
    ///   - note: kept of what was applied.
    func settle(_ settlements: [Settlement], in system: String, time: String, note: SettlementNote) async throws

    /// Records of an entity that a system should be given again, in the order of their ids.
    ///
    /// - Parameter everything: all that live, and what was deleted without the system having been told; otherwise those
    ///   alone whose present state it hasn't been given.
    func resendable(
        _ entity: Entity, to system: String, everything: Bool, after id: String?, limit: Int
    ) async throws -> [RecordKey]

    /// Forgets, in one transaction, what stands in the rows that a system was given of these records, not which rows they are, and
    /// puts the records' present states in its queue: it hasn't got them any more as they were given.
    func giveAgain(_ keys: [RecordKey], to system: String) async throws

    /// Redelivers, in one transaction, what is due for another try at `now` (milliseconds since 1970).
    ///
    /// - Returns: how many.
    func releaseDueRetries(now: Int64) async throws -> Int

    /// Records that wait for another record, and retries that are planned, by system.
    func waitingCounts() async throws -> [String: Int]

    /// How many retries are planned, of all systems: what else waits waits for another record, and for no time.
    func plannedRetries() async throws -> Int
}

extension Deliveries {
    /// Records how messages ended, without a note of how they came to.
    public func settle(_ settlements: [Settlement], in system: String, time: String) async throws {
        try await self.settle(settlements, in: system, time: time, note: SettlementNote())
    }
}
