import SchoolRecords

/// Reads `roles.yaml`: who gets which role where.
struct RolesFile {
    let vocabulary: RoleVocabulary
    let diagnostics: Diagnostics

    static let path = "roles.yaml"
    static let keys = ["settings", "terms", "rules", "denials", "exclusions"]
    static let settingKeys = ["unknown_title_code", "missing_title_code", "unruled_roles"]
    static let ruleKeys = ["name", "note", "from", "when", "unless", "give", "valid", "precedence"]
    static let giftKeys = ["system", "role", "scope"]
    static let denialKeys = ["name", "note", "from", "when", "unless", "roles", "within"]
    static let exclusionKeys = ["name", "note", "roles", "within"]
    static let dayKeys = ["days_before", "days_after"]
    /// Days that a role may begin before, or end after, what it follows from.
    static let days = 0...400

    func load(_ file: MappingFile) -> RolePolicy? {
        guard let root = YAMLReader.read(file, self.diagnostics) else { return nil }
        guard root.pairs != nil else {
            self.diagnostics.error("\(file.path) is a mapping, not \(root.kindName)", at: root.position)
            return nil
        }
        self.diagnostics.checkKeys(of: root, allowed: Self.keys, in: file.path)
        let settings = root["settings"]
        if let settings { self.diagnostics.checkKeys(of: settings, allowed: Self.settingKeys, in: "'settings'") }
        var names: Set<String> = []
        let conditions = RoleConditionParser(vocabulary: self.vocabulary, diagnostics: self.diagnostics)
        var rules: [RoleRule] = []
        for node in self.list(root, "rules", isRequired: true) {
            if let rule = self.rule(node, order: rules.count, conditions, &names) { rules.append(rule) }
        }
        let denials = self.list(root, "denials").compactMap { self.denial($0, conditions, &names) }
        let exclusions = self.list(root, "exclusions").compactMap { self.exclusion($0, &names) }
        var hash = ContentHash()
        hash.add(file.text)
        hash.add(self.vocabulary.version)
        return RolePolicy(
            rules: rules, denials: denials, exclusions: exclusions,
            unknownTitles: self.word(settings, "unknown_title_code", .block),
            missingTitles: self.word(settings, "missing_title_code", .allow),
            unruledRoles: self.word(settings, "unruled_roles", .keep), terms: self.terms(root["terms"]),
            vocabulary: self.vocabulary, version: hash.text)
    }

    private func list(_ root: YAMLNode, _ name: String, isRequired: Bool = false) -> [YAMLNode] {
        guard let node = root[name], !node.isNull else {
            if isRequired { self.diagnostics.error("'\(name)' is missing: a list", at: root.position) }
            return []
        }
        if let elements = node.elements { return elements }
        self.diagnostics.error("'\(name)' is a list, not \(node.kindName)", at: node.position)
        return []
    }

    private func word<Word: RawRepresentable<String> & CaseIterable>(
        _ node: YAMLNode?, _ name: String, _ byDefault: Word
    ) -> Word {
        guard let value = node?[name] else { return byDefault }
        if let word = value.text.flatMap(Word.init(rawValue:)) { return word }
        self.diagnostics.unknown(
            "value", value.text ?? "", at: value.textPosition, known: Word.allCases.map(\.rawValue), in: " of '\(name)'")
        return byDefault
    }

    private func terms(_ node: YAMLNode?) -> [String: RolePolicy.Term] {
        guard let node, !node.isNull else { return [:] }
        guard let pairs = node.pairs else {
            self.diagnostics.error("'terms' is a mapping, e.g. HT2026: {first: 2026-08-18, last: 2026-12-18}", at: node.position)
            return [:]
        }
        var terms: [String: RolePolicy.Term] = [:]
        for (key, value) in pairs {
            self.diagnostics.checkKeys(of: value, allowed: ["first", "last"], in: "the term")
            let first = value["first"]?.text.flatMap { CalendarDate($0) }
            let last = value["last"]?.text.flatMap { CalendarDate($0) }
            guard let name = key.text, let first, let last, first <= last else {
                self.diagnostics.error(
                    "a term has a first and a last day, yyyy-MM-dd", at: value.position,
                    hint: "e.g. HT2026: {first: 2026-08-18, last: 2026-12-18}")
                continue
            }
            terms[name] = RolePolicy.Term(first: first, last: last)
        }
        return terms
    }

    private func name(_ node: YAMLNode, _ kind: String, _ allowed: [String], _ names: inout Set<String>) -> String? {
        guard node.pairs != nil else {
            self.diagnostics.error("\(kind) is a mapping, not \(node.kindName)", at: node.position)
            return nil
        }
        self.diagnostics.checkKeys(of: node, allowed: allowed, in: kind)
        if let note = node["note"] { _ = Purpose(note, self.diagnostics) }
        guard let name = node["name"]?.text, !name.isEmpty else {
            self.diagnostics.error("\(kind) has no 'name'", at: node.position, hint: "plans and explanations name it")
            return nil
        }
        if !names.insert(name).inserted {
            self.diagnostics.error("the name '\(name)' stands there more than once", at: node["name"]?.position ?? node.position)
        }
        return name
    }

    private func rule(
        _ node: YAMLNode, order: Int, _ conditions: RoleConditionParser, _ names: inout Set<String>
    ) -> RoleRule? {
        guard let name = self.name(node, "a rule", Self.ruleKeys, &names), let base = conditions.base(node) else { return nil }
        let gifts = self.list(node, "give", isRequired: true).compactMap { self.gift($0, base) }
        if let give = node["give"], give.elements?.isEmpty == true {
            self.diagnostics.error("the rule gives nothing", at: give.position)
        }
        if let valid = node["valid"] { self.diagnostics.checkKeys(of: valid, allowed: Self.dayKeys, in: "'valid'") }
        var precedence = 0
        if let value = node["precedence"] {
            if let number = value.integer {
                precedence = number
            } else {
                self.diagnostics.error("'precedence' is a whole number; the higher is kept", at: value.position)
            }
        }
        return RoleRule(
            name: name, base: base, conditions: conditions.conditions(node, base), gifts: gifts,
            daysBefore: self.days(node["valid"], "days_before"), daysAfter: self.days(node["valid"], "days_after"),
            precedence: precedence, order: order, place: RulePlace(node.position))
    }

    private func days(_ node: YAMLNode?, _ name: String) -> Int {
        guard let value = node?[name] else { return 0 }
        if let days = value.integer, Self.days.contains(days) { return days }
        self.diagnostics.error(
            "'\(name)' is a whole number from \(Self.days.lowerBound) to \(Self.days.upperBound)", at: value.position)
        return 0
    }

    private func gift(_ node: YAMLNode, _ base: RoleBase) -> RoleRule.Gift? {
        self.diagnostics.checkKeys(of: node, allowed: Self.giftKeys, in: "'give'")
        guard let system = node["system"]?.text, let role = node["role"]?.text, let scopeNode = node["scope"] else {
            self.diagnostics.error(
                "a role needs 'system', 'role' and 'scope'", at: node.position,
                hint: "e.g. {system: unikum, role: staff, scope: unit}")
            return nil
        }
        guard let scope = scopeNode.text.flatMap(RoleScope.init(rawValue:)) else {
            self.diagnostics.unknown(
                "scope", scopeNode.text ?? "", at: scopeNode.textPosition, known: RoleScope.allCases.map(\.rawValue))
            return nil
        }
        let name = RoleName(system: system, role: role)
        guard let entry = self.entry(name, system: node["system"], role: node["role"]) else { return nil }
        if entry.comesWithRecords {
            self.diagnostics.error(
                "'\(name)' comes with records, says \(entry.place): no rule gives it", at: node.position,
                hint:
                    "take it out of the rule, or 'comes_with_records' out of the catalogue and the rows out of the system's mapping"
            )
        }
        if !base.scopes.contains(scope) {
            self.diagnostics.error(
                "what follows from '\(base.rawValue)' has no scope '\(scope.rawValue)'", at: scopeNode.textPosition,
                hint: "known: \(base.scopes.map(\.rawValue).joined(separator: ", "))")
        } else if !entry.scopes.contains(scope) {
            self.diagnostics.error(
                "'\(name)' can't have the scope '\(scope.rawValue)', says \(entry.place)", at: scopeNode.textPosition,
                hint: "it has: \(entry.scopes.map(\.rawValue).joined(separator: ", "))")
        }
        return RoleRule.Gift(name, scope, place: RulePlace(node.position))
    }

    /// The catalogue's entry of a role; `nil`, with a diagnostic, when there is none.
    private func entry(_ name: RoleName, system: YAMLNode?, role: YAMLNode?) -> RoleCatalog.Role? {
        let fallback = Position(file: Self.path, line: 1, column: 1)
        guard let catalog = self.vocabulary.catalogs[name.system] else {
            self.diagnostics.unknown(
                "system", name.system, at: system?.textPosition ?? fallback, known: self.vocabulary.catalogs.keys,
                in: "; systems with roles have a file in roles/")
            return nil
        }
        guard let entry = catalog.roles[name.role] else {
            self.diagnostics.unknown(
                "role", name.role, at: role?.textPosition ?? fallback, known: catalog.roles.keys, in: " of \(name.system)")
            return nil
        }
        return entry
    }

    private func roles(_ node: YAMLNode, mayBeAll: Bool) -> Set<RoleName> {
        Set(
            self.list(node, "roles", isRequired: true).compactMap { element in
                let parts = (element.text ?? "").split(separator: "/", maxSplits: 1).map(String.init)
                guard parts.count == 2 else {
                    self.diagnostics.error("a role is written as system/role", at: element.position)
                    return nil
                }
                let name = RoleName(system: parts[0], role: parts[1])
                if parts[1] == "*", mayBeAll, self.vocabulary.catalogs[parts[0]] != nil { return name }
                return self.entry(name, system: element, role: element).map { _ in name }
            })
    }

    private func denial(_ node: YAMLNode, _ conditions: RoleConditionParser, _ names: inout Set<String>) -> RoleDenial? {
        guard let name = self.name(node, "a denial", Self.denialKeys, &names), let base = conditions.base(node) else {
            return nil
        }
        return RoleDenial(
            name: name, base: base, conditions: conditions.conditions(node, base), roles: self.roles(node, mayBeAll: true),
            within: self.word(node, "within", .anywhere), place: RulePlace(node.position))
    }

    private func exclusion(_ node: YAMLNode, _ names: inout Set<String>) -> RoleExclusion? {
        guard let name = self.name(node, "an exclusion", Self.exclusionKeys, &names) else { return nil }
        let roles = self.roles(node, mayBeAll: false)
        if roles.count < 2 {
            self.diagnostics.error("an exclusion names at least two roles", at: node["roles"]?.position ?? node.position)
        }
        return RoleExclusion(
            name: name, roles: roles, within: self.word(node, "within", .anywhere), place: RulePlace(node.position))
    }
}
