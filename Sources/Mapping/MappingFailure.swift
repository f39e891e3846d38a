public import SchoolRecords

/// A record that a mapping can't translate: says where in which file, and nothing of the record.
public struct MappingFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// A stable word for grouping:
    /// - `value-without-code`: a code table has no row for the value
    /// - `mandatory-missing`: a field that must be there has no value
    /// - `bad-value`: a field holds something that can't be a value, e.g. an object
    /// - `transform-failed`: a transform doesn't take the value
    /// - `conflicting-rows`: two rules give the same row with different fields
    public let code: String
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
        code: String, system: String, entity: Entity, file: String, line: Int, column: Int, field: String,
        table: String? = nil, message: String
    ) {
        self.code = code
        self.system = system
        self.entity = entity
        self.file = file
        self.line = line
        self.column = column
        self.field = field
        self.table = table
        self.message = message
    }

    public var description: String { self.message }
}
