import SchoolRecords

/// Reads how a field gets its value: a path, or a mapping with `from`, `first`, `constant`, `template` or `setting`
/// and what is done with it.
struct ExpressionParser {
    let scope: PathScope
    let transforms: TransformParser
    let tables: [String: CodeTable]
    let settings: JSONValue
    /// Whether `reversible` may be said: of fields of rows only.
    var takesReversible = false
    let diagnostics: Diagnostics

    static let sources = ["from", "first", "constant", "template", "setting", "count", "join", "concat", "holds"]
    static let keys = sources + ["with", "when", "transform", "lookup", "default", "required", "purpose"]

    /// - Parameter field: what messages call the value.
    /// - Parameter isAlternative: one of several under `first`, which can neither be required nor have a default.
    func parse(_ node: YAMLNode, field: String, isAlternative: Bool = false) -> Expression? {
        if let text = node.text {
            guard !node.isNull else {
                self.diagnostics.error("'\(field)' has nothing to get its value from", at: node.position)
                return nil
            }
            return self.leaf(text, at: node.textPosition).map {
                Expression(.path($0), sharedPlace: self.scope.shared.place(.path($0), []), field: field, position: node.position)
            }
        }
        guard node.pairs != nil else {
            self.diagnostics.error("'\(field)' must be a path or a mapping, not \(node.kindName)", at: node.position)
            return nil
        }
        var allowed = isAlternative ? Self.keys.filter { !["default", "required", "purpose"].contains($0) } : Self.keys
        if self.takesReversible, !isAlternative { allowed.append("reversible") }
        self.diagnostics.checkKeys(of: node, allowed: allowed, in: "the value of '\(field)'")
        let given = Self.sources.filter { node[$0] != nil }
        guard given.count == 1 else {
            let list = Self.sources.joined(separator: ", ")
            self.diagnostics.error(
                given.isEmpty
                    ? "'\(field)' has nothing to get its value from"
                    : "'\(field)' has more than one source: \(given.joined(separator: ", "))",
                at: node.position, hint: "write one of \(list)")
            return nil
        }
        if let with = node["with"], given[0] != "join", given[0] != "concat" {
            self.diagnostics.error("'with' stands beside 'join' or 'concat'", at: with.position)
        }
        guard let source = self.source(given[0], node, field) else { return nil }
        let transforms = node["transform"].map(self.transforms.parse) ?? []
        return Expression(
            source,
            when: node["when"].flatMap { ConditionParser(scope: self.scope, diagnostics: self.diagnostics).rule($0) },
            transforms: transforms, lookup: node["lookup"].flatMap { self.lookup($0, field) },
            sharedPlace: node["lookup"] == nil ? self.scope.shared.place(source, transforms) : nil,
            fallback: isAlternative ? nil : node["default"].flatMap { self.scalar($0, "default") },
            requirement: isAlternative ? .none : node["required"].map(self.requirement) ?? .none,
            isReversible: self.isReversible(node), purpose: Purpose(node["purpose"], self.diagnostics), field: field,
            position: node.position)
    }

    private func isReversible(_ node: YAMLNode) -> Bool {
        guard self.takesReversible, let value = node["reversible"] else { return false }
        if let isReversible = value.boolean { return isReversible }
        self.diagnostics.error("'reversible' is true or false", at: value.position)
        return false
    }

    private func requirement(_ node: YAMLNode) -> Expression.Requirement {
        if let isRequired = node.boolean { return isRequired ? .record : .none }
        if node.text == "row" { return .row }
        self.diagnostics.error(
            "'required' is true, false or row", at: node.position, hint: "row: without the value this row isn't made")
        return .none
    }

    private func scalar(_ node: YAMLNode, _ name: String) -> JSONValue? {
        guard node.text != nil, !node.isNull else {
            self.diagnostics.error("'\(name)' must be a text, a number, true or false", at: node.position)
            return nil
        }
        return node.json
    }

    /// A path to a value, not to an object.
    private func leaf(_ text: String, at position: Position) -> RecordPath? {
        guard let parsed = PathParser(scope: self.scope, diagnostics: self.diagnostics).parse(text, at: position) else {
            return nil
        }
        if case .follow? = parsed.path.steps.last {
            self.diagnostics.error("'\(text)' is a record, not a value", at: position, hint: "name a field of it")
            return nil
        }
        if let fields = parsed.shape?.fields {
            let names = fields.fields.keys.sorted().joined(separator: ", ")
            self.diagnostics.error("'\(text)' is an object, not a value", at: position, hint: "name a field of it: \(names)")
            return nil
        }
        return parsed.path
    }

    private func source(_ key: String, _ node: YAMLNode, _ field: String) -> Expression.Source? {
        guard let value = node[key] else { return nil }
        switch key {
        case "from":
            guard let text = value.text, !value.isNull else {
                self.diagnostics.error("'from' must be a path", at: value.position)
                return nil
            }
            return self.leaf(text, at: value.textPosition).map { .path($0) }
        case "first":
            guard let elements = value.elements, !elements.isEmpty else {
                self.diagnostics.error("'first' needs a list of values to try", at: value.position)
                return nil
            }
            let alternatives = elements.map { self.parse($0, field: field, isAlternative: true) }
            return alternatives.contains { $0 == nil } ? nil : .alternatives(alternatives.compactMap { $0 })
        case "constant": return self.scalar(value, "constant").map { .constant($0) }
        case "setting":
            guard let path = value.text else {
                self.diagnostics.error("'setting' must be the name of a setting of system.yaml", at: value.position)
                return nil
            }
            let found = path.split(separator: ".").reduce(Optional(self.settings)) { $0?[String($1)] }
            switch found {
            case .string, .integer, .bool: return found.map { .constant($0) }
            default:
                self.diagnostics.unknown(
                    "setting", path, at: value.textPosition, known: Array((self.settings.objectValue ?? [:]).keys),
                    in: " of system.yaml")
                return nil
            }
        case "count", "join":
            guard let text = value.text, !value.isNull else {
                self.diagnostics.error("'\(key)' must be a path", at: value.position)
                return nil
            }
            if key == "count" {
                return PathParser(scope: self.scope, diagnostics: self.diagnostics).parse(text, at: value.textPosition)
                    .map { .count($0.path) }
            }
            return self.leaf(text, at: value.textPosition).map { .joined($0, node["with"]?.text ?? " ") }
        case "concat":
            guard let elements = value.elements, !elements.isEmpty else {
                self.diagnostics.error("'concat' needs a list of values", at: value.position)
                return nil
            }
            let parts = elements.map { self.parse($0, field: field, isAlternative: true) }
            return parts.contains { $0 == nil } ? nil : .concatenation(parts.compactMap { $0 }, node["with"]?.text ?? " ")
        case "holds":
            return ConditionParser(scope: self.scope, diagnostics: self.diagnostics).rule(value).map { .holds($0) }
        default:
            guard let text = value.text else {
                self.diagnostics.error("'template' must be a text with paths in braces", at: value.position)
                return nil
            }
            return self.template(text, at: value.textPosition)
        }
    }

    /// `{path}` in a text; braces themselves are doubled.
    private func template(_ text: String, at position: Position) -> Expression.Source? {
        var pieces: [Expression.Piece] = []
        var fixed = ""
        var rest = Substring(text)
        var offset = 0
        func take(_ count: Int) {
            rest.removeFirst(count)
            offset += count
        }
        while let character = rest.first {
            if rest.hasPrefix("{{") || rest.hasPrefix("}}") {
                fixed.append(character)
                take(2)
            } else if character == "{" {
                guard let end = rest.firstIndex(of: "}") else {
                    self.diagnostics.error("'{' isn't closed", at: position.moved(by: offset))
                    return nil
                }
                let inner = String(rest[rest.index(after: rest.startIndex)..<end])
                guard let path = self.leaf(inner, at: position.moved(by: offset + 1)) else { return nil }
                if !fixed.isEmpty { pieces.append(.text(fixed)) }
                fixed = ""
                pieces.append(.path(path))
                take(inner.count + 2)
            } else if character == "}" {
                self.diagnostics.error(
                    "'}' closes nothing", at: position.moved(by: offset), hint: "a brace itself is written '}}'")
                return nil
            } else {
                fixed.append(character)
                take(1)
            }
        }
        if !fixed.isEmpty { pieces.append(.text(fixed)) }
        return .template(pieces)
    }

    private func lookup(_ node: YAMLNode, _ field: String) -> CodeLookup? {
        self.diagnostics.checkKeys(of: node, allowed: ["table", "find", "give", "otherwise"], in: "'lookup'")
        func name(_ key: String) -> (String, Position)? {
            guard let value = node[key], let text = value.text, !value.isNull else {
                self.diagnostics.error("'lookup' needs '\(key)'", at: node[key]?.position ?? node.position)
                return nil
            }
            return (text, value.textPosition)
        }
        guard let (tableName, tablePosition) = name("table"), let (find, findPosition) = name("find"),
            let (give, givePosition) = name("give")
        else { return nil }
        guard let table = self.tables[tableName] else {
            self.diagnostics.unknown("code table", tableName, at: tablePosition, known: Array(self.tables.keys))
            return nil
        }
        table.isUsed = true
        var isSound = true
        for (column, position) in [(find, findPosition), (give, givePosition)] where !table.columns.contains(column) {
            self.diagnostics.unknown("column", column, at: position, known: table.columns, in: " of \(table.file)")
            isSound = false
        }
        guard isSound, let codes = table.codes(find: find, give: give, self.diagnostics) else { return nil }
        return CodeLookup(file: table.file, find: find, give: give, codes: codes, otherwise: self.otherwise(node["otherwise"]))
    }

    private func otherwise(_ node: YAMLNode?) -> CodeLookup.Otherwise {
        guard let node else { return .fail }
        switch node.text {
        case "fail": return .fail
        case "nothing": return .nothing
        case "keep": return .keep
        default: break
        }
        if let pairs = node.pairs, pairs.count == 1, pairs[0].key.text == "value", let text = pairs[0].value.text {
            return .value(text)
        }
        self.diagnostics.error("'otherwise' is fail, nothing, keep or {value: …}", at: node.position)
        return .fail
    }
}
