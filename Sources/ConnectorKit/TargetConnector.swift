public import Foundation
public import SchoolRecords

/// One row as a receiving system takes it: an object or a relation, with its fields by name.
///
/// `kind` + `key` say which row in the receiving system; two rows with the same kind and key are states of one.
public struct TargetRow: Sendable, Hashable, Codable {
    /// The row type in the receiving system's own words, e.g. `person`, `class`, `student_in_class`.
    public let kind: String
    /// The receiving system's key, e.g. a person's number in its form; for a relation both ends.
    public let key: String
    /// Field name → text as it shall stand in the receiving system. Empty fields are left out.
    public let fields: [String: String]

    public init(kind: String, key: String, fields: [String: String]) {
        self.kind = kind
        self.key = key
        self.fields = fields
    }
}

/// What one record's new state means for one receiving system: rows to set, and rows that no longer hold.
public struct TargetWrite: Sendable, Hashable, Codable {
    public let record: RecordKey
    public let sequence: Int64
    /// Rows that are new or differ from what was last written, objects before relations.
    public let set: [TargetRow]
    /// Rows written before that the record no longer gives.
    public let removed: [TargetRow]
    /// The trace of the message that it comes from.
    public let trace: TraceContext?
    /// Rows that the record gives and that stand as they are there; only for a connector that
    /// ``TargetConnector/takesWholeRecords``, and not when a row is only taken away for a protected person's sake.
    public let kept: [TargetRow]?

    public init(
        record: RecordKey, sequence: Int64, set: [TargetRow], removed: [TargetRow], kept: [TargetRow]? = nil,
        trace: TraceContext? = nil
    ) {
        self.kept = kept
        self.record = record
        self.sequence = sequence
        self.set = set
        self.removed = removed
        self.trace = trace
    }
}

/// What is written to a receiving system in one go. Written again with the same id after a crash, it must be
/// recognisable to the receiver as the same batch.
public struct TargetBatch: Sendable, Hashable, Codable {
    /// Unique, ordered in time, safe in a file name: letters, digits and `-`. Holds nothing of a person.
    public let id: String
    public let writes: [TargetWrite]

    /// The trace of what is done for the batch as a whole, or for several of its records at once. It is always the same for a
    /// batch: who finds it in a system's log is led to the batch, and from a record's journey to it.
    public var trace: TraceContext? {
        // FNV-1a, twice with other beginnings: spread well enough to tell batches apart.
        func hash(_ start: UInt64) -> String {
            let value = self.id.utf8.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        let (first, second) = (hash(0xcbf2_9ce4_8422_2325), hash(0x8422_2325_cbf2_9ce4))
        return TraceContext(traceID: first + second, parentID: second)
    }

    /// Tells the trace of what is done for some of its records: theirs where they share one, or else the batch's.
    public var traceOfRecords: ([RecordKey]) -> TraceContext? {
        let own = self.trace
        let traces = Dictionary(self.writes.map { ($0.record, $0.trace) }, uniquingKeysWith: { first, _ in first })
        return { records in
            guard let first = records.first.flatMap({ traces[$0] ?? nil }) else { return own }
            return records.allSatisfy { traces[$0]??.traceID == first.traceID } ? first : own
        }
    }

    public init(id: String, writes: [TargetWrite]) {
        self.id = id
        self.writes = writes
    }
}

/// A system that records are written to.
public protocol TargetConnector: Sendable {
    /// The system's name in configuration, queue names and `Mappings/`, e.g. `unikum`.
    var system: String { get }

    /// The most records in one batch that this system takes well.
    var batchSize: Int { get }

    /// How long it is worth to wait for more records before a batch that isn't full is written: a system that takes files
    /// gets fewer of them, one that takes records one by one has nothing of it.
    var linger: Duration { get }

    /// Whether a write shall carry all rows of a record when one of them changes, since the system takes objects with their lists
    /// whole.
    var takesWholeRecords: Bool { get }

    /// The row kinds that can be taken away again; others stay once written.
    var removableKinds: Set<String> { get }

    /// Writes a batch: all of it, or nothing that the receiver would act on. A system that takes rows one by one may have
    /// taken some when this throws; written again they change nothing.
    ///
    /// - Returns: the records that were not applied, with the reason; every other record was.
    /// - Throws: ``ConnectorFailure`` when the batch as a whole didn't go through; nothing of it counts then.
    func write(_ batch: TargetBatch) async throws -> [RecordKey: ConnectorFailure]

    /// Checks that the system can be written to now.
    ///
    /// - Throws: ``ConnectorFailure`` naming the place and the remedy.
    func probe() async throws
}

extension TargetConnector {
    public var linger: Duration { .milliseconds(100) }

    public var takesWholeRecords: Bool { false }
}

/// A receiving system that tells what it holds, to be held against what it should.
public protocol ReadableTarget: TargetConnector {
    /// Whether it is set up to tell; one whose files have to be exported there isn't until somebody says where they are.
    var canReadHeld: Bool { get }

    /// Whether it only tells what was given, since the system itself tells nothing: no proof of anything.
    var heldIsAsGiven: Bool { get }

    /// Whether what was just written can be read back at once: an export shows it only when it is made anew.
    var tellsAtOnce: Bool { get }

    /// As of when a reading now would show what the system holds: an export is as old as its file.
    ///
    /// - Returns: `nil` for a system that answers with what it has at that moment.
    /// - Throws: ``ConnectorFailure``.
    func heldAsOf() async throws -> Date?

    /// Closes what the connector holds open; it is not used afterwards.
    func shutdown() async

    /// Reads every row that the system holds and that this connector could have written, some at a time, in no order.
    ///
    /// - Parameter handle: an error it throws ends the reading and is thrown on.
    /// - Throws: ``ConnectorFailure``; what was handed over before doesn't count as the whole then.
    func readHeld(_ handle: @Sendable ([TargetRow]) async throws -> Void) async throws
}

extension ReadableTarget {
    public var canReadHeld: Bool { true }

    public var heldIsAsGiven: Bool { false }

    public var tellsAtOnce: Bool { true }

    public func heldAsOf() async throws -> Date? { nil }

    public func shutdown() async {}
}

/// A receiving system whose connector can say what it makes of a row by itself, without the system: so that a value that changes
/// on the way is told apart from one that the system changed.
public protocol RowCarrying: TargetConnector {
    /// The row as it would be read back if the system kept exactly what it was sent; `nil` when it can't be sent.
    func carried(_ row: TargetRow) -> TargetRow?
}
