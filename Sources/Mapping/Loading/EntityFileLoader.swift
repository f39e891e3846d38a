import SchoolRecords

/// Reads one mapping file of an entity.
struct EntityFileLoader {
    let system: SystemDescription
    let direction: SystemDescription.Direction
    let side: SystemDescription.Side
    let entity: Entity
    let file: String
    let tables: [String: CodeTable]
    let rules: IdentityNumberRules
    /// Systems and flows whose records there can be.
    let sources: Set<String>
    let diagnostics: Diagnostics

    static let keys = ["purpose", "when", "let", "examples"]

    enum Result {
        case inbound(InboundMapping)
        case outbound(OutboundMapping)
    }

    func load(_ root: YAMLNode) -> (mapping: Result?, examples: [Example]) {
        let body = self.direction == .source ? "fields" : "rows"
        self.diagnostics.checkKeys(
            of: root, allowed: Self.keys + [body] + (body == "rows" ? ["sources"] : []),
            in: "a mapping file of a \(self.direction.rawValue)")
        let names = SlotTable()
        let scope = self.scope
        let when = root["when"].flatMap { ConditionParser(scope: scope, diagnostics: self.diagnostics).rule($0) }
        let (lets, inner) = self.lets(root["let"], scope, names)
        guard let rules = root[body] else {
            self.diagnostics.error("'\(body)' is missing", at: root.position)
            return (nil, [])
        }
        let examples = ExampleParser(
            system: self.system.name, direction: self.direction, entity: self.entity, diagnostics: self.diagnostics
        ).parse(root["examples"], in: root)
        switch self.direction {
        case .source:
            let fields = FieldRuleParser(
                entity: self.entity, names: names, makeParser: self.expressions, diagnostics: self.diagnostics
            ).parse(rules, inner)
            let frame = self.frame(when, lets, names, root)
            let mapping = InboundMapping(frame: frame, fields: fields)
            MappingReview(diagnostics: self.diagnostics).review(mapping)
            return (.inbound(mapping), examples)
        case .target:
            let rows = RowRuleParser(
                declaration: TargetDeclaration(self.side.settings), names: names, makeParser: self.expressions,
                diagnostics: self.diagnostics
            ).parse(rules, inner)
            let frame = self.frame(when, lets, names, root)
            let mapping = OutboundMapping(
                frame: frame, rows: rows, future: self.system.future, sources: self.names(root["sources"]))
            MappingReview(diagnostics: self.diagnostics).review(mapping)
            return (.outbound(mapping), examples)
        }
    }

    /// The sources whose records the system gets; `nil` for all.
    private func names(_ node: YAMLNode?) -> Set<String>? {
        guard let node else { return nil }
        guard let elements = node.elements, !elements.isEmpty else {
            self.diagnostics.error("'sources' is a list of systems and flows", at: node.position)
            return nil
        }
        var names: Set<String> = []
        for element in elements {
            guard let name = element.text, self.sources.contains(name) else {
                self.diagnostics.unknown(
                    "source", element.text ?? "", at: element.textPosition, known: self.sources, in: " in 'sources'")
                continue
            }
            if name == self.system.name {
                self.diagnostics.error(
                    "a system never gets its own records back", at: element.textPosition, hint: "leave '\(name)' out")
            }
            names.insert(name)
        }
        return names
    }

    private func frame(_ when: WhenRule?, _ lets: [LetRule], _ names: SlotTable, _ root: YAMLNode) -> MappingFrame {
        MappingFrame(
            system: self.system.name, entity: self.entity, file: self.file, when: when, lets: lets, slotCount: names.count,
            purpose: Purpose(root["purpose"], self.diagnostics), position: root.position)
    }

    /// A target's mapping begins at the hub's own record; of a source's document only that is known what its connector promises.
    private var scope: PathScope {
        switch self.direction {
        case .target: PathScope(record: self.entity.shape, canFollow: true, unknownFieldsAreErrors: true)
        case .source:
            PathScope(
                record: self.side.connector == "ss12000" ? self.entity.shape : nil, canFollow: false,
                unknownFieldsAreErrors: false)
        }
    }

    private func expressions(_ scope: PathScope) -> ExpressionParser {
        ExpressionParser(
            scope: scope, transforms: TransformParser(rules: self.rules, diagnostics: self.diagnostics), tables: self.tables,
            settings: self.side.settings, diagnostics: self.diagnostics)
    }

    private func lets(_ node: YAMLNode?, _ scope: PathScope, _ names: SlotTable) -> ([LetRule], PathScope) {
        guard let node else { return ([], scope) }
        guard let pairs = node.pairs else {
            self.diagnostics.error("'let' is a mapping of names to values", at: node.position)
            return ([], scope)
        }
        var lets: [LetRule] = []
        var inner = scope
        for (key, value) in pairs {
            guard let name = names.name(key, in: inner, self.diagnostics) else { continue }
            guard let expression = self.expressions(inner).parse(value, field: name) else {
                // Known by name all the same, so that its uses aren't reported too.
                inner.names[name] = PathScope.Name(slot: names.next(), shape: .text)
                continue
            }
            let slot = names.next()
            lets.append(LetRule(name: name, slot: slot, expression: expression))
            inner.names[name] = PathScope.Name(slot: slot, shape: .text)
        }
        return (lets, inner)
    }
}
