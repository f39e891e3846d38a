import SchoolRecords

/// Reads `rows:` of a mapping to a system.
struct RowRuleParser {
    let declaration: TargetDeclaration
    let names: SlotTable
    let makeParser: (PathScope) -> ExpressionParser
    let diagnostics: Diagnostics

    static let keys = ["kind", "each", "when", "key", "fields", "purpose", "future"]

    func parse(_ node: YAMLNode, _ scope: PathScope) -> [RowRule] {
        guard let elements = node.elements else {
            self.diagnostics.error("'rows' is a list", at: node.position)
            return []
        }
        return elements.compactMap { self.row($0, scope) }
    }

    private func row(_ node: YAMLNode, _ scope: PathScope) -> RowRule? {
        guard node.pairs != nil else {
            self.diagnostics.error("a row is a mapping with kind, key and fields", at: node.position)
            return nil
        }
        self.diagnostics.checkKeys(
            of: node, allowed: Self.keys, in: "a row")
        guard let kindNode = node["kind"], let kind = kindNode.text, !kindNode.isNull else {
            self.diagnostics.error("the row has no kind", at: node.position)
            return nil
        }
        var declared: TargetDeclaration.Kind?
        if let kinds = self.declaration.kinds {
            declared = kinds[kind]
            if declared == nil {
                self.diagnostics.unknown(
                    "row kind", kind, at: kindNode.textPosition, known: Array(kinds.keys), in: " for this system")
            }
        }
        let (each, inner) = self.names.each(node["each"], scope, only: false, self.diagnostics)
        let when = node["when"].flatMap { ConditionParser(scope: inner, diagnostics: self.diagnostics).rule($0) }
        guard let fieldsNode = node["fields"], let pairs = fieldsNode.pairs else {
            self.diagnostics.error("the row has no fields", at: node["fields"]?.position ?? node.position)
            return nil
        }
        var parser = self.makeParser(inner)
        parser.takesReversible = true
        var fields: [(String, Expression)] = []
        for (key, value) in pairs {
            guard let name = key.text else { continue }
            if let known = declared?.fields, !known.contains(name) {
                self.diagnostics.unknown("field", name, at: key.position, known: known, in: " of \(kind)")
            }
            if let expression = parser.parse(value, field: name) {
                // The place of a field is its own line, whatever its value spans.
                fields.append((name, expression.placed(at: key.position)))
            }
        }
        let given = Set(pairs.compactMap(\.key.text))
        for name in declared?.required ?? [] where !given.contains(name) {
            self.diagnostics.error("'\(name)' of \(kind) is mandatory and isn't set", at: fieldsNode.position)
        }
        for (name, expression) in fields where declared?.required.contains(name) == true {
            if !expression.alwaysGives, case .none = expression.requirement {
                self.diagnostics.error(
                    "'\(name)' of \(kind) is mandatory and may come out empty", at: expression.position,
                    hint: "say 'required: true' (the record fails) or 'required: row' (no row is made)")
            }
        }
        let reversals = self.reversals(fields, scope.record, hasEach: !each.isEmpty)
        guard let key = self.key(node, kind, given: given, fields) else { return nil }
        return RowRule(
            kind: kind, each: each, when: when, fields: fields, key: key, reversals: reversals,
            purpose: Purpose(node["purpose"], self.diagnostics),
            future: FuturePolicy(node["future"], self.diagnostics),
            position: node.position)
    }

    private func reversals(
        _ fields: [(String, Expression)], _ shape: RecordShape?, hasEach: Bool
    ) -> [(name: String, reversal: Reversal)] {
        fields.compactMap { name, expression in
            guard expression.isReversible, let shape else { return nil }
            do throws(Reversal.Obstacle) {
                return (name, try Reversal(expression, shape, hasEach: hasEach))
            } catch {
                self.diagnostics.error(
                    "'\(name)' can't be reversible: \(error.reason)", at: expression.position,
                    hint: "leave 'reversible' away; 'mapping coverage --loss' then lists the field")
                return nil
            }
        }
    }

    private func key(_ node: YAMLNode, _ kind: String, given: Set<String>, _ fields: [(String, Expression)]) -> [String]? {
        guard let keyNode = node["key"] else {
            self.diagnostics.error(
                "the row has no key", at: node.position, hint: "name the field, or the list of fields, that tells rows apart")
            return nil
        }
        let elements = keyNode.elements ?? [keyNode]
        if elements.isEmpty {
            self.diagnostics.error("the row has no key", at: keyNode.position, hint: "name the field that tells rows apart")
            return nil
        }
        var key: [String] = []
        for element in elements {
            guard let name = element.text, !element.isNull else {
                self.diagnostics.error("'key' is a field's name or a list of them", at: element.position)
                return nil
            }
            guard given.contains(name) else {
                self.diagnostics.unknown("field", name, at: element.textPosition, known: given, in: " in the key of \(kind)")
                return nil
            }
            if let field = fields.first(where: { $0.0 == name }), !field.1.alwaysGives, case .none = field.1.requirement {
                self.diagnostics.error(
                    "'\(name)' is part of the key and may come out empty", at: field.1.position,
                    hint: "say 'required: true' (the record fails) or 'required: row' (no row is made)")
            }
            key.append(name)
        }
        return key
    }
}
