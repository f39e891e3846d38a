public import SchoolRecords

/// A record that a mapping can't translate: says where in which file, and nothing of the record.
public struct MappingFailure: DocumentedError, Sendable, Hashable, CustomStringConvertible {
    /// A stable word for grouping. Each has a section of its own in `docs/operations/errors.md`.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// A code table has no row for the value.
        case valueWithoutCode = "value-without-code"
        /// A field that must be there has no value.
        case mandatoryMissing = "mandatory-missing"
        /// A field holds something that can't be a value, e.g. an object.
        case badValue = "bad-value"
        /// A transform doesn't take the value.
        case transformFailed = "transform-failed"
        /// Two rules give the same row with different fields.
        case conflictingRows = "conflicting-rows"
    }

    public let word: Code
    public let system: String
    public let entity: Entity
    /// The mapping file, relative to the mappings' directory.
    public let file: String
    /// From 1.
    public let line: Int
    /// From 1.
    public let column: Int
    /// The field of the target that the value was for.
    public let field: String
    /// The code table's file, when it is about one.
    public let table: String?
    /// One line: what, where, what to do. Never a value of a person; of a code only what looks like one.
    public let message: String

    public init(
        code: Code, system: String, entity: Entity, file: String, line: Int, column: Int, field: String,
        table: String? = nil, message: String
    ) {
        self.word = code
        self.system = system
        self.entity = entity
        self.file = file
        self.line = line
        self.column = column
        self.field = field
        self.table = table
        self.message = message
    }

    /// The ``word`` as it stands in fingerprints and examples.
    public var code: String { self.word.rawValue }

    public var section: String { self.code }
    public var page: Runbook.Page { .messages }

    public var description: String { self.message }
}
