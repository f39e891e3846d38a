/// A name in a YAML document under which there are no further names.
public struct YAMLKey: Sendable, Hashable {
    /// The names that lead there, from the top.
    public let path: [String]
    /// Where its last name stands, counted from 1.
    public let line: Int
    /// See ``line``.
    public let column: Int
    /// What stands there, when it is a single text.
    public let text: String?

    /// The names in a document, in the order in which they stand; what is within a list is not among them.
    ///
    /// - Returns: nothing for a text that is no YAML, which is for its reader to tell.
    public static func all(in text: String) -> [YAMLKey] {
        guard let root = YAMLReader.read(MappingFile(path: "", text: text), Diagnostics()) else { return [] }
        return Self.within(root, [])
    }

    private static func within(_ node: YAMLNode, _ path: [String]) -> [YAMLKey] {
        (node.pairs ?? []).flatMap { name, value -> [YAMLKey] in
            let path = path + [name.text ?? ""]
            if let pairs = value.pairs, !pairs.isEmpty { return Self.within(value, path) }
            return [YAMLKey(path: path, line: name.position.line, column: name.position.column, text: value.text)]
        }
    }
}
