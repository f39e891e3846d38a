import Yams

/// Reads YAML: the only file that knows the library.
enum YAMLReader {
    /// The document in a file; `nil`, with a diagnostic, when it is no YAML.
    static func read(_ file: MappingFile, _ diagnostics: Diagnostics) -> YAMLNode? {
        do {
            // What a scalar is, is said by whoever reads it. The library would try each key of each mapping by a row of regular
            // expressions, for a quarter of the time that loading takes, and take `1` and `'1'` for two keys.
            let parser = try Yams.Parser(yaml: file.text, resolver: .basic)
            guard let node = try parser.singleRoot() else {
                diagnostics.error("the file is empty", at: Position(file: file.path, line: 1, column: 1))
                return nil
            }
            // It alone keeps the anchors.
            return withExtendedLifetime(parser) { Self.convert(node, in: file.path, diagnostics) }
        } catch let error as YamlError {
            let (message, mark) = Self.describe(error)
            diagnostics.error(message, at: Position(file: file.path, line: mark?.line ?? 1, column: mark?.column ?? 1))
        } catch {
            diagnostics.error("the file is no YAML", at: Position(file: file.path, line: 1, column: 1))
        }
        return nil
    }

    private static func describe(_ error: YamlError) -> (String, Mark?) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return ("the file is no YAML: \(problem)", mark)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { "'\($0)'" }.joined(separator: ", ")
            return ("\(names) stands there more than once", context.mark)
        default: return ("the file is no YAML", nil)
        }
    }

    private static func convert(_ node: Node, in file: String, _ diagnostics: Diagnostics) -> YAMLNode {
        let position = Position(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        // A few lines of names of names can stand for more than any memory holds.
        guard node.anchor == nil else {
            diagnostics.error("anchors (&name) and aliases (*name) can't be used here", at: position)
            return YAMLNode(content: .scalar("", isPlain: true), position: position)
        }
        switch node {
        case .scalar(let scalar):
            return YAMLNode(
                content: .scalar(scalar.string, isPlain: scalar.style == .plain || scalar.style == .any), position: position)
        case .sequence(let sequence):
            return YAMLNode(content: .sequence(sequence.map { Self.convert($0, in: file, diagnostics) }), position: position)
        case .mapping(let mapping):
            let pairs = mapping.map {
                (Self.convert($0.key, in: file, diagnostics), Self.convert($0.value, in: file, diagnostics))
            }
            return YAMLNode(content: .mapping(pairs), position: position)
        case .alias:
            diagnostics.error("anchors (&name) and aliases (*name) can't be used here", at: position)
            return YAMLNode(content: .scalar("", isPlain: true), position: position)
        }
    }
}
