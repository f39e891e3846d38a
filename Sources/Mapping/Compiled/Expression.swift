import SchoolRecords

/// How the value of one field is found: a source, then transforms, then a code table, then a default.
///
/// A class, since every application of a mapping walks over all of them and copies of this much would cost more than
/// the walk; nothing of it changes.
final class Expression: Sendable {
    enum Source: Sendable {
        case path(RecordPath)
        case constant(JSONValue)
        /// The first that gives a value.
        case alternatives([Expression])
        /// Nothing when one of its pieces has no value.
        case template([Piece])
        /// How many values there are.
        case count(RecordPath)
        /// All values, with a text between them; nothing without any.
        case joined(RecordPath, String)
        /// Those of several that have a value, with a text between them; nothing when none has.
        case concatenation([Expression], String)
        /// Whether something holds.
        case holds(WhenRule)
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
    /// Where the value before the default is kept for others that are made alike.
    let sharedPlace: Int?
    /// Whether a value is given as it is found.
    let isPlain: Bool
    let fallback: JSONValue?
    let requirement: Requirement
    /// Whether the field of the record can be read back from what comes out.
    let isReversible: Bool
    /// Why the system has the value; `nil` when the row or the file says it.
    let purpose: Purpose?
    let field: String
    let position: Position

    init(
        _ source: Source, when: WhenRule? = nil, transforms: [TransformRule] = [], lookup: CodeLookup? = nil,
        sharedPlace: Int? = nil, fallback: JSONValue? = nil, requirement: Requirement = .none, isReversible: Bool = false,
        purpose: Purpose? = nil, field: String, position: Position
    ) {
        self.source = source
        self.when = when
        self.transforms = transforms
        self.lookup = lookup
        self.sharedPlace = sharedPlace
        self.isPlain = transforms.isEmpty && lookup == nil
        self.fallback = fallback
        self.requirement = requirement
        self.isReversible = isReversible
        self.purpose = purpose
        self.field = field
        self.position = position
    }
}

extension Expression {
    /// The paths that it reads a value from, its inner expressions' not included.
    var paths: [RecordPath] {
        switch self.source {
        case .path(let path), .count(let path), .joined(let path, _): [path]
        case .template(let pieces): pieces.compactMap { if case .path(let path) = $0 { path } else { nil } }
        case .constant, .alternatives, .concatenation, .holds: []
        }
    }

    /// The expressions that it is made of.
    var inner: [Expression] {
        switch self.source {
        case .alternatives(let expressions), .concatenation(let expressions, _): expressions
        default: []
        }
    }

    /// The conditions that its value depends on.
    var conditions: [WhenRule] {
        if case .holds(let rule) = self.source { return [rule] + (self.when.map { [$0] } ?? []) }
        return self.when.map { [$0] } ?? []
    }
}

extension Expression {
    /// Where it looks, as it is written: a path, or a word for what isn't one.
    var sourceText: String {
        switch self.source {
        case .path(let path): path.text
        case .constant: "constant"
        case .alternatives: "first"
        case .template: "template"
        case .count(let path): "count \(path.text)"
        case .joined(let path, _): "join \(path.text)"
        case .concatenation: "concat"
        case .holds(let rule): "holds \(rule.parts.map(\.text).joined(separator: ", "))"
        }
    }

    /// The same with what it is put together of.
    var wholeText: String {
        switch self.source {
        case .constant(let value): "constant \(Evaluation.text(value) ?? "null")"
        case .alternatives(let inner): "first \(inner.map(\.conditionalText).joined(separator: " | "))"
        case .concatenation(let inner, _): "concat \(inner.map(\.wholeText).joined(separator: " + "))"
        case .template(let pieces):
            "template "
                + pieces.map { piece in
                    switch piece {
                    case .text(let text): text
                    case .path(let path): "{\(path.text)}"
                    }
                }.joined()
        default: self.sourceText
        }
    }

    private var conditionalText: String {
        guard let when = self.when else { return self.wholeText }
        return "\(self.wholeText) when \(when.parts.map(\.text).joined(separator: " and "))"
    }
}
