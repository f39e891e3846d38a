import SchoolRecords

/// A YAML node with its place in the file.
struct YAMLNode: Sendable {
    indirect enum Content: Sendable {
        /// - Parameter isPlain: written without quotes, so that `true` and `7` are no texts.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    let content: Content
    let position: Position

    /// The text of a scalar, however it is written.
    var text: String? {
        guard case .scalar(let text, _) = self.content else { return nil }
        return text
    }

    /// Where the first character of a scalar's text is.
    var textPosition: Position {
        if case .scalar(_, isPlain: false) = self.content { return self.position.moved(by: 1) }
        return self.position
    }

    var elements: [YAMLNode]? {
        guard case .sequence(let elements) = self.content else { return nil }
        return elements
    }

    var pairs: [(key: YAMLNode, value: YAMLNode)]? {
        guard case .mapping(let pairs) = self.content else { return nil }
        return pairs
    }

    subscript(name: String) -> YAMLNode? {
        self.pairs?.first { $0.key.text == name }?.value
    }

    /// Whether this is YAML's null: nothing, `~` or `null`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = self.content else { return false }
        return ["", "~", "null"].contains(text)
    }

    var boolean: Bool? {
        guard case .scalar(let text, isPlain: true) = self.content else { return nil }
        return Bool(text)
    }

    var integer: Int? {
        guard case .scalar(let text, isPlain: true) = self.content else { return nil }
        return Int(text)
    }

    /// The node as JSON. What looks like a date stays a text, so does a number with a leading zero.
    var json: JSONValue {
        switch self.content {
        case .sequence(let elements): return .array(elements.map(\.json))
        case .mapping(let pairs):
            return .object(Dictionary(pairs.map { ($0.key.text ?? "", $0.value.json) }, uniquingKeysWith: { first, _ in first }))
        case .scalar(let text, isPlain: false): return .string(text)
        case .scalar(let text, isPlain: true):
            if self.isNull { return .null }
            if let value = Bool(text) { return .bool(value) }
            let digits = text.drop { $0 == "-" }
            if !digits.isEmpty, digits == "0" || !digits.hasPrefix("0"), let value = Int64(text) { return .integer(value) }
            if text.contains("."), !digits.hasPrefix("."), digits.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }),
                let value = Double(text)
            {
                return .number(value)
            }
            return .string(text)
        }
    }

    /// What to call this kind of node in a message.
    var kindName: String {
        switch self.content {
        case .scalar: "a text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
