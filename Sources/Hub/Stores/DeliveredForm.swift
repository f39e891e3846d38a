public import ConnectorKit
public import SchoolRecords

/// What a mapping had made of a record when the system refused it: kept, sealed, as long as the failure is open.
public struct DeliveredForm: Sendable, Hashable, Codable {
    public let rows: [TargetRow]
    /// The records that the mapping looked at.
    public let references: Set<RecordKey>
    /// Those of them that the system didn't have.
    public let missing: Set<RecordKey>
    /// The version of the mappings that made it; `nil` when it isn't known.
    public let mappings: String?

    public init(rows: [TargetRow], references: Set<RecordKey>, missing: Set<RecordKey>, mappings: String?) {
        self.rows = rows
        self.references = references
        self.missing = missing
        self.mappings = mappings
    }
}

/// A form that is kept, and the state of the record that it is of.
public struct KeptForm: Sendable, Hashable {
    public let sequence: Int64
    public let form: DeliveredForm

    public init(sequence: Int64, form: DeliveredForm) {
        self.sequence = sequence
        self.form = form
    }
}

/// The forms in which failed messages were refused.
public protocol DeliveredForms: Sendable {
    /// The forms of open failures, opened; those without one are left out.
    func forms(of failures: [Int64]) async throws -> [Int64: KeptForm]

    /// The forms that a replay sends as they were, of these records to a system.
    func formsUnderWay(of keys: [RecordKey], to system: String) async throws -> [RecordKey: KeptForm]
}
