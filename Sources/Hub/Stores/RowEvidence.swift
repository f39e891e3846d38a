public import Reconciliation
public import SchoolRecords

/// A record that gave a row to a system and took it away again.
public struct FormerGiver: Sendable, Hashable {
    public let record: RecordKey
    /// When, RFC 3339 in UTC.
    public let time: String

    public init(record: RecordKey, time: String) {
        self.record = record
        self.time = time
    }
}

/// What a repair tells the hub of one row: what the system really holds.
public struct RowCorrection: Sendable, Hashable {
    public let row: RowIdentity
    /// Whether the system holds it at all.
    public let isHeld: Bool

    public init(row: RowIdentity, isHeld: Bool) {
        self.row = row
        self.isHeld = isHeld
    }
}

/// What the hub knows of where records stand, for many at once: ids, sequences and times, no content.
public protocol RowEvidence: Sendable {
    /// Where records stand with a system; those never taken are left out.
    func evidence(of keys: Set<RecordKey>, in system: String) async throws -> [RecordKey: RecordEvidence]

    /// Who gave rows to a system and took them away again, the latest; rows that somebody gives now are left out, as are those taken
    /// away longer ago than the hub remembers.
    func formerGivers(of rows: Set<RowIdentity>, in system: String) async throws -> [RowIdentity: FormerGiver]

    /// Records of these kinds with these ids, and who gave them.
    func sources(of keys: Set<RecordKey>) async throws -> [RecordKey: String]

    /// Puts right, in one transaction, what the hub believes that a system holds of these records, and sends their present states
    /// to it (reason `repair`): the next delivery writes what differs and nothing else.
    ///
    /// - Parameter instant: records whose state has moved since (RFC 3339 in UTC) are left alone: what was seen of them is old.
    /// - Returns: the records that were sent.
    func correct(
        _ corrections: [RecordKey: [RowCorrection]], in system: String, unlessMovedSince instant: String
    ) async throws -> Set<RecordKey>
}
