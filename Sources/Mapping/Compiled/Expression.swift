import SchoolRecords

/// How the value of one field is found: a source, then transforms, then a code table, then a default.
///
/// A class, since every application of a mapping walks over all of them and copies of this much would cost more than
/// the walk; nothing of it changes.
final class Expression: Sendable {
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

    let source: Source
    let when: WhenRule?
    let transforms: [TransformRule]
    let lookup: CodeLookup?
    let fallback: JSONValue?
    let requirement: Requirement
    /// Why the system has the value; `nil` when the row or the file says it.
    let purpose: Purpose?
    let field: String
    let position: Position

    init(
        _ source: Source, when: WhenRule? = nil, transforms: [TransformRule] = [], lookup: CodeLookup? = nil,
        fallback: JSONValue? = nil, requirement: Requirement = .none, purpose: Purpose? = nil, field: String, position: Position
    ) {
        self.source = source
        self.when = when
        self.transforms = transforms
        self.lookup = lookup
        self.fallback = fallback
        self.requirement = requirement
        self.purpose = purpose
        self.field = field
        self.position = position
    }
}
