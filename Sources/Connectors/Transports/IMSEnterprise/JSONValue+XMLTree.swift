import SchoolRecords

extension JSONValue {
    /// An element as JSON: a leaf is its text; what has attributes or children is an object of them, its own text under
    /// `value`. Children that come more than once, and those that may, are lists. Names are the document's own.
    ///
    /// An `end` of 9999-12-31 means that there is none, and is left out.
    init(_ tree: XMLTree, lists: Set<String>) {
        let text = tree.value()
        guard !tree.attributes.isEmpty || !tree.children.isEmpty else {
            self = text.map(JSONValue.string) ?? .null
            return
        }
        var members = tree.attributes.mapValues { JSONValue.string($0) }
        if let text, tree.children.isEmpty { members["value"] = .string(text) }
        var several: [String: [JSONValue]] = [:]
        for child in tree.children {
            if child.name == "end", child.value()?.hasPrefix("9999-12-31") ?? false { continue }
            let value = JSONValue(child, lists: lists)
            if !value.isNull { several[child.name, default: []].append(value) }
        }
        for (name, values) in several { members[name] = values.count > 1 || lists.contains(name) ? .array(values) : values[0] }
        self = .object(members)
    }
}
