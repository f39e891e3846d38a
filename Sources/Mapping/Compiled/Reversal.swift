import SchoolRecords

/// The way back from a row's field to the field of the record that it was made from.
struct Reversal: Sendable {
    /// Why there is no way back.
    struct Obstacle: Error {
        let reason: String
    }

    private enum Step: Sendable {
        case readDate(DatePattern)
        case dropHyphen
        case words([String: String])
    }

    private enum Kind: Sendable { case text, integer, boolean }

    /// The names on the way from the record's root.
    let path: [String]
    private let steps: [Step]
    private let kind: Kind

    init(_ expression: Expression, _ record: RecordShape, hasEach: Bool) throws(Obstacle) {
        if hasEach { throw Obstacle(reason: "the rule goes through a list") }
        if expression.when != nil { throw Obstacle(reason: "its 'when' can leave the value away") }
        if expression.fallback != nil { throw Obstacle(reason: "its 'default' stands also for no value") }
        guard case .path(let path) = expression.source, case .record = path.root else {
            throw Obstacle(reason: "it isn't made from one field of the record")
        }
        var names: [String] = []
        var shape = FieldShape.object(record)
        for step in path.steps {
            guard case .member(let name) = step, let next = shape.fields?.fields[name] else {
                throw Obstacle(reason: "its path chooses from a list or goes on in another record")
            }
            names.append(name)
            shape = next
        }
        switch shape {
        case .text, .date: self.kind = .text
        case .integer: self.kind = .integer
        case .boolean: self.kind = .boolean
        case .list: throw Obstacle(reason: "of a list only the first value is given")
        case .object, .reference: throw Obstacle(reason: "its path leads to an object")
        }
        var steps: [Step] = []
        for rule in expression.transforms { steps.append(try Self.inverse(rule, shape)) }
        if let lookup = expression.lookup {
            switch lookup.otherwise {
            case .fail, .nothing: break
            case .keep, .value: throw Obstacle(reason: "'otherwise' gives values that the table doesn't have")
            }
            steps.append(.words(try Self.inverse(lookup.codes.map { ($0.key, $0.value.text) }, lookup.file)))
        }
        self.path = names
        self.steps = steps.reversed()
    }

    private static func inverse(_ rule: TransformRule, _ shape: FieldShape) throws(Obstacle) -> Step {
        switch rule.transform {
        case .date(let pattern):
            guard case .date = shape, pattern.isComplete else {
                throw Obstacle(reason: "'\(rule.text)' doesn't keep the whole date")
            }
            return .readDate(pattern)
        case .identityNumber(.digits12, _), .identityNumber(.hyphenated12, _): return .dropHyphen
        case .words(let words):
            let texts = words.compactMap { word, value in Evaluation.text(value).map { (word, $0) } }
            return .words(try Self.inverse(texts, rule.text))
        default: throw Obstacle(reason: "'\(rule.text)' loses how the value was written")
        }
    }

    private static func inverse(_ pairs: [(String, String)], _ name: String) throws(Obstacle) -> [String: String] {
        var inverse: [String: String] = [:]
        for (from, to) in pairs {
            if to.isEmpty { throw Obstacle(reason: "\(name) gives nothing for some values") }
            if inverse.updateValue(from, forKey: to) != nil {
                throw Obstacle(reason: "\(name) gives the same for different values")
            }
        }
        return inverse
    }

    /// The value of the record's field; `nil` for a text that the mapping doesn't give.
    func read(_ text: String) -> JSONValue? {
        var text = text
        for step in self.steps {
            switch step {
            case .readDate(let pattern):
                guard let date = pattern.read(text) else { return nil }
                text = date.description
            case .dropHyphen: text = text.replacing("-", with: "")
            case .words(let words):
                guard let word = words[text] else { return nil }
                text = word
            }
        }
        switch self.kind {
        case .text: return .string(text)
        case .integer: return Int64(text).map(JSONValue.integer)
        case .boolean: return Bool(text).map(JSONValue.bool)
        }
    }
}
