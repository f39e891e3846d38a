import SchoolRecords

/// The leaves of a document by their paths: `civicNo.value`, `enrolments[0].startDate`.
enum FlatFields {
    static func of(_ document: JSONValue?) -> [String: String] {
        var fields: [String: String] = [:]
        if let document { Self.collect(document, "", &fields) }
        return fields
    }

    private static func collect(_ value: JSONValue, _ path: String, _ fields: inout [String: String]) {
        switch value {
        case .object(let members):
            for (name, member) in members { Self.collect(member, path.isEmpty ? name : "\(path).\(name)", &fields) }
        case .array(let elements):
            for (index, element) in elements.enumerated() { Self.collect(element, "\(path)[\(index)]", &fields) }
        case .null: break
        case .string(let text): fields[path] = text
        case .integer(let number): fields[path] = "\(number)"
        case .number(let number): fields[path] = "\(number)"
        case .bool(let flag): fields[path] = "\(flag)"
        }
    }

    /// A path without the places in lists: `enrolments[].startDate`.
    static func name(_ path: String) -> String {
        guard path.contains("[") else { return path }
        var name = ""
        var isIndex = false
        for character in path {
            if character == "]" { isIndex = false }
            if !isIndex { name.append(character) }
            if character == "[" { isIndex = true }
        }
        return name
    }
}
