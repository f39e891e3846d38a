import SchoolRecords

/// Reads `from`, `when` and `unless` of a rule.
struct RoleConditionParser {
    let vocabulary: RoleVocabulary
    let diagnostics: Diagnostics

    static let bounds = ["at_least", "at_most"]

    func base(_ node: YAMLNode) -> RoleBase? {
        guard let from = node["from"] else {
            self.diagnostics.error(
                "'from' is missing: the kind of record that the rule looks at", at: node.position,
                hint: "known: \(RoleBase.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        if let base = from.text.flatMap(RoleBase.init(rawValue:)) { return base }
        self.diagnostics.unknown(
            "kind of record", from.text ?? "", at: from.textPosition, known: RoleBase.allCases.map(\.rawValue))
        return nil
    }

    func conditions(_ node: YAMLNode, _ base: RoleBase) -> [RoleCondition] {
        self.conditions(node["when"], base, isException: false) + self.conditions(node["unless"], base, isException: true)
    }

    private func conditions(_ node: YAMLNode?, _ base: RoleBase, isException: Bool) -> [RoleCondition] {
        guard let node, !node.isNull else { return [] }
        guard let pairs = node.pairs else {
            self.diagnostics.error(
                "'\(isException ? "unless" : "when")' is a mapping", at: node.position,
                hint: "e.g. {duty_role: [Lärare], percent: {at_least: 20}}")
            return []
        }
        return pairs.compactMap { key, value in
            guard let fact = key.text.flatMap(RoleFact.init(rawValue:)), base.facts.contains(fact) else {
                self.diagnostics.unknown(
                    "condition", key.text ?? "", at: key.position, known: base.facts.map(\.rawValue),
                    in: " for what follows from '\(base.rawValue)'")
                return nil
            }
            guard let test = self.test(value, fact) else { return nil }
            return RoleCondition(fact, test, isException: isException, place: RulePlace(key.position))
        }
    }

    private func test(_ node: YAMLNode, _ fact: RoleFact) -> RoleCondition.Test? {
        if fact.isNumber { return self.range(node, fact) }
        let elements = node.elements ?? [node]
        var words: Set<String> = []
        for element in elements {
            guard let text = element.text, !element.isNull, !text.isEmpty else {
                self.diagnostics.error("'\(fact.rawValue)' is a text or a list of texts", at: element.position)
                continue
            }
            if let codes = fact.codes, !codes.contains(text) {
                self.diagnostics.unknown("value", text, at: element.textPosition, known: codes, in: " of '\(fact.rawValue)'")
            } else if fact == .titleCode, self.vocabulary.titleCodes[text] == nil {
                self.diagnostics.error(
                    "codes/title_code.csv has no title code '\(text)'", at: element.textPosition,
                    hint: "add a row, or write the code as the table does (a code is a text: 0592)")
            }
            words.insert(text)
        }
        if elements.isEmpty { self.diagnostics.error("the list is empty: the condition never holds", at: node.position) }
        return .among(words)
    }

    private func range(_ node: YAMLNode, _ fact: RoleFact) -> RoleCondition.Test? {
        if let number = node.integer { return .within(number...number) }
        let hint = "e.g. \(fact.rawValue): {at_least: 1, at_most: 9}"
        guard node.pairs != nil else {
            self.diagnostics.error("'\(fact.rawValue)' is a number, or has bounds", at: node.position, hint: hint)
            return nil
        }
        self.diagnostics.checkKeys(of: node, allowed: Self.bounds, in: "'\(fact.rawValue)'")
        let (least, most) = (node["at_least"]?.integer, node["at_most"]?.integer)
        guard least != nil || most != nil, (node["at_least"] == nil) == (least == nil), (node["at_most"] == nil) == (most == nil),
            (least ?? .min) <= (most ?? .max)
        else {
            self.diagnostics.error("the bounds are whole numbers, the lower not above the upper", at: node.position, hint: hint)
            return nil
        }
        return .within((least ?? .min)...(most ?? .max))
    }
}
