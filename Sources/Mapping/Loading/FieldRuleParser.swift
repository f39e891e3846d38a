import SchoolRecords

/// Reads `fields:` of a mapping from a source, and holds it against the fields of a normalised record.
struct FieldRuleParser {
    let entity: Entity
    let names: SlotTable
    let makeParser: (PathScope) -> ExpressionParser
    let diagnostics: Diagnostics

    func parse(_ node: YAMLNode, _ scope: PathScope) -> [(name: String, rule: FieldRule)] {
        self.object(node, self.entity.shape, scope, path: "")
    }

    /// Names with dots (`civicNo.value`) reach into objects; they are gathered under their first part.
    private func object(
        _ node: YAMLNode, _ shape: RecordShape, _ scope: PathScope, path: String
    ) -> [(name: String, rule: FieldRule)] {
        guard let pairs = node.pairs else {
            self.diagnostics.error("'fields' is a mapping of field names to values", at: node.position)
            return []
        }
        let entries = pairs.compactMap { pair in
            pair.key.text.map {
                Entry(
                    name: $0.split(separator: ".", omittingEmptySubsequences: false).map(String.init)[...], key: pair.key,
                    value: pair.value)
            }
        }
        return self.rules(entries, shape, scope, path: path, end: node.position)
    }

    private struct Entry {
        var name: ArraySlice<String>
        let key: YAMLNode
        let value: YAMLNode
    }

    private func rules(
        _ entries: [Entry], _ shape: RecordShape, _ scope: PathScope, path: String, end: Position
    ) -> [(name: String, rule: FieldRule)] {
        var order: [String] = []
        var groups: [String: [Entry]] = [:]
        for var entry in entries {
            let first = entry.name.removeFirst()
            if groups[first] == nil { order.append(first) }
            groups[first, default: []].append(entry)
        }
        var rules: [(name: String, rule: FieldRule)] = []
        for name in order {
            guard let group = groups[name], let entry = group.first else { continue }
            let full = path.isEmpty ? name : "\(path).\(name)"
            guard let field = shape.fields[name] else {
                self.diagnostics.unknown(
                    "field", name, at: entry.key.position, known: Array(shape.fields.keys),
                    in: path.isEmpty ? " of a \(self.entity.rawValue)" : " of \(path)")
                continue
            }
            if let inner = field.fields, group.allSatisfy({ !$0.name.isEmpty }) {
                let object = self.rules(group, inner, scope, path: full, end: entry.key.position)
                if !object.isEmpty { rules.append((name, .object(object))) }
            } else if group.count > 1 {
                self.diagnostics.error("'\(full)' stands there more than once", at: group[1].key.position)
            } else if !entry.name.isEmpty {
                self.diagnostics.error("'\(full)' has no fields", at: entry.key.position)
            } else if let rule = self.rule(entry, field, scope, full) {
                rules.append((name, rule))
            }
        }
        for name in shape.required.sorted() where groups[name] == nil {
            // What the hub finds by another field stands there as that.
            if let other = shape.alternatives[name], groups[other] != nil { continue }
            let full = path.isEmpty ? name : "\(path).\(name)"
            self.diagnostics.error("'\(full)' is mandatory and isn't set", at: end)
        }
        return rules
    }

    private func rule(_ entry: Entry, _ field: FieldShape, _ scope: PathScope, _ full: String) -> FieldRule? {
        switch field {
        case .list(let element):
            return self.list(entry, element, scope, full)
        case .object, .reference:
            self.diagnostics.error(
                "'\(full)' is an object", at: entry.key.position,
                hint:
                    "set its fields: \((field.fields?.fields.keys.sorted() ?? []).map { "\(full).\($0)" }.joined(separator: ", "))"
            )
            return nil
        case .text, .integer, .boolean, .date:
            return self.makeParser(scope).parse(entry.value, field: full).map { .value($0.placed(at: entry.key.position)) }
        }
    }

    private func list(_ entry: Entry, _ element: FieldShape, _ scope: PathScope, _ full: String) -> FieldRule? {
        let body = element.fields == nil ? "value" : "fields"
        let node = entry.value
        guard node.pairs != nil, node["each"] != nil, let inner = node[body] else {
            self.diagnostics.error(
                "'\(full)' is a list: it needs 'each' and '\(body)'", at: entry.key.position,
                hint: "write each: {name: path} and \(body): …")
            return nil
        }
        self.diagnostics.checkKeys(of: node, allowed: ["each", body], in: "the list '\(full)'")
        let (each, innerScope) = self.names.each(node["each"], scope, only: true, self.diagnostics)
        guard let rule = each.first else { return nil }
        if let fields = element.fields {
            return .list(rule, element: .object(self.object(inner, fields, innerScope, path: full)))
        }
        return self.makeParser(innerScope).parse(inner, field: full).map {
            .list(rule, element: .value($0.placed(at: inner.position)))
        }
    }
}
