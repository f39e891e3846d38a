import SchoolRecords

/// Gives out the places for named values.
final class SlotTable {
    private(set) var count = 0

    func next() -> Int {
        self.count += 1
        return self.count - 1
    }

    /// A name that can be given: no other value's, and no field's.
    func name(_ key: YAMLNode, in scope: PathScope, _ diagnostics: Diagnostics) -> String? {
        guard let name = key.text, !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
            diagnostics.error("a name has letters, digits and '_' only", at: key.position)
            return nil
        }
        if scope.record?.fields[name] != nil {
            diagnostics.error("'\(name)' is a field of the record already; take another name", at: key.position)
            return nil
        }
        if scope.names[name] != nil {
            diagnostics.error("'\(name)' has been given to something else already", at: key.position)
            return nil
        }
        return name
    }

    /// `each: {name: path, …}`.
    func each(
        _ node: YAMLNode?, _ scope: PathScope, only one: Bool, _ diagnostics: Diagnostics
    ) -> (rules: [EachRule], scope: PathScope) {
        guard let node else { return ([], scope) }
        guard let pairs = node.pairs, !pairs.isEmpty, !one || pairs.count == 1 else {
            diagnostics.error(
                one ? "'each' is one name with the path of a list" : "'each' is a mapping of names to paths of lists",
                at: node.position,
                hint: "write for example 'each: {member: groupMemberships}'")
            return ([], scope)
        }
        var rules: [EachRule] = []
        var inner = scope
        for (key, value) in pairs {
            guard let name = self.name(key, in: inner, diagnostics) else { continue }
            let slot = self.next()
            let (value, separator) = Self.split(value, diagnostics)
            guard let text = value.text,
                let parsed = PathParser(scope: inner, diagnostics: diagnostics).parse(text, at: value.textPosition)
            else {
                if value.text == nil { diagnostics.error("the path of a list is expected", at: value.position) }
                inner.names[name] = PathScope.Name(slot: slot, shape: nil)
                continue
            }
            if separator != nil {
                if parsed.shape?.fields != nil { diagnostics.error("'\(text)' is an object, not a text", at: value.textPosition) }
            } else if !parsed.isList, parsed.shape != nil {
                diagnostics.error("'\(text)' is no list", at: value.textPosition)
            }
            rules.append(EachRule(name: name, slot: slot, path: parsed.path, separator: separator))
            inner.names[name] = PathScope.Name(slot: slot, shape: parsed.shape)
        }
        return (rules, inner)
    }

    /// `{split: path, by: ","}`: the path, and what the parts of its texts stand between.
    private static func split(_ node: YAMLNode, _ diagnostics: Diagnostics) -> (path: YAMLNode, separator: String?) {
        guard node.pairs != nil, let path = node["split"] else { return (node, nil) }
        diagnostics.checkKeys(of: node, allowed: ["split", "by"], in: "'each'")
        guard let separator = node["by"]?.text, !separator.isEmpty else {
            diagnostics.error("'split' needs 'by'", at: node.position, hint: "write for example {split: path, by: ','}")
            return (path, nil)
        }
        return (path, separator)
    }
}
