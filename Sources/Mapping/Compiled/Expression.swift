import SchoolRecords

/// How the value of one field is found: a source, then transforms, then a code table, then a default.
struct Expression: Sendable {
    indirect enum Source: Sendable {
        case path(RecordPath)
        case constant(JSONValue)
        /// The first that gives a value.
        case alternatives([Expression])
        /// Nothing when one of its pieces has no value.
        case template([Piece])
    }

    enum Piece: Sendable {
        case text(String)
        case path(RecordPath)
    }

    enum Requirement: Sendable {
        case none
        /// Without a value the record fails.
        case record
        /// Without a value the row, or the element of a list, isn't made.
        case row
    }

    var source: Source
    var when: Condition?
    var transforms: [Transform] = []
    var lookup: CodeLookup?
    var fallback: JSONValue?
    var requirement = Requirement.none
    let field: String
    let position: Position
}

/// A code table read in one direction.
struct CodeLookup: Sendable {
    enum Otherwise: Sendable {
        /// The record fails.
        case fail
        case nothing
        case keep
        case value(String)
    }

    /// The table's file.
    let file: String
    let find: String
    let codes: [String: String]
    let otherwise: Otherwise
}
