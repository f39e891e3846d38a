import SchoolRecords

/// Reads `privacy.yaml`: what systems may be given of protected persons.
struct PrivacyFile {
    static let path = "privacy.yaml"
    static let keys = ["systems", "family"]
    static let clearanceKeys = ["give", "fields", "class_lists", "legal_basis"]
    static let familyKeys = ["addresses", "same_address", "guardians"]
    static let familyWords = ["withhold", "give"]
    /// A legal basis that is shorter says nothing.
    static let shortestBasis = 12

    let diagnostics: Diagnostics

    func load(
        _ files: [MappingFile], _ systems: [String: SystemDescription], _ outbound: [String: [Entity: OutboundMapping]]
    ) -> PrivacyPolicy {
        var policy = PrivacyPolicy()
        guard let file = files.first(where: { $0.path == Self.path }), let root = YAMLReader.read(file, self.diagnostics) else {
            return policy
        }
        guard root.pairs != nil else {
            self.diagnostics.error("\(Self.path) is a mapping, not \(root.kindName)", at: root.position)
            return policy
        }
        self.diagnostics.checkKeys(of: root, allowed: Self.keys, in: Self.path)
        if let node = root["systems"] {
            if let pairs = node.pairs {
                for (key, value) in pairs {
                    guard let name = key.text, let system = systems[name] else {
                        self.diagnostics.unknown("system", key.text ?? "", at: key.textPosition, known: systems.keys)
                        continue
                    }
                    guard system.sides[.target] != nil else {
                        self.diagnostics.error("\(name) is given nothing: it is a source", at: key.textPosition)
                        continue
                    }
                    policy.clearances[name] = self.levels(value, of: name, Set((outbound[name] ?? [:]).keys))
                }
            } else if !node.isNull {
                self.diagnostics.error(
                    "'systems' is a mapping of systems to what they may be given, not \(node.kindName)", at: node.position)
            }
        }
        if let node = root["family"] { policy.family = self.family(node) }
        return policy
    }

    private func levels(
        _ node: YAMLNode, of system: String, _ taken: Set<Entity>
    ) -> [ProtectionLevel: [PersonKind: Clearance]] {
        var levels: [ProtectionLevel: [PersonKind: Clearance]] = [:]
        guard let pairs = node.pairs else {
            // One word for everybody can only be the strictest.
            if node.text == Clearance.Form.withhold.rawValue { return [:] }
            self.diagnostics.error(
                "what \(system) may be given is a mapping of levels of protection, or 'withhold'", at: node.position,
                hint: "levels: \(ProtectionLevel.allCases.map(\.rawValue).joined(separator: ", "))")
            return [:]
        }
        for (key, value) in pairs {
            guard let level = key.text.flatMap(ProtectionLevel.init(rawValue:)) else {
                self.diagnostics.unknown(
                    "level of protection", key.text ?? "", at: key.textPosition, known: ProtectionLevel.allCases.map(\.rawValue))
                continue
            }
            levels[level] = self.kinds(value, system, taken)
        }
        return levels
    }

    private func kinds(_ node: YAMLNode, _ system: String, _ taken: Set<Entity>) -> [PersonKind: Clearance] {
        guard let pairs = node.pairs, node["give"] == nil else {
            let clearance = self.clearance(node, system, taken)
            return Dictionary(uniqueKeysWithValues: PersonKind.allCases.map { ($0, clearance) })
        }
        var kinds: [PersonKind: Clearance] = [:]
        for (key, value) in pairs {
            guard let kind = key.text.flatMap(PersonKind.init(rawValue:)) else {
                self.diagnostics.unknown(
                    "kind of person", key.text ?? "", at: key.textPosition,
                    known: PersonKind.allCases.map(\.rawValue) + ["give"])
                continue
            }
            kinds[kind] = self.clearance(value, system, taken)
        }
        return kinds
    }

    private func clearance(_ node: YAMLNode, _ system: String, _ taken: Set<Entity>) -> Clearance {
        let forms = Clearance.Form.allCases.map(\.rawValue)
        let rule = "\(node.position.file):\(node.position.line)"
        var withhold = Clearance.withhold
        withhold.rule = rule
        guard node.pairs != nil else {
            guard let form = node.text.flatMap(Clearance.Form.init(rawValue:)) else {
                self.diagnostics.unknown("clearance", node.text ?? "", at: node.textPosition, known: forms)
                return withhold
            }
            if form != .withhold { self.diagnostics.error(Self.needs(form), at: node.textPosition, hint: Self.hint(form)) }
            return withhold
        }
        self.diagnostics.checkKeys(of: node, allowed: Self.clearanceKeys, in: "a clearance")
        guard let give = node["give"], let form = give.text.flatMap(Clearance.Form.init(rawValue:)) else {
            let place = node["give"]
            self.diagnostics.unknown(
                "clearance", place?.text ?? "", at: place?.textPosition ?? node.position, known: forms, in: " of 'give'")
            return withhold
        }
        if form == .withhold {
            for name in Self.clearanceKeys.dropFirst() {
                if let other = node[name] {
                    self.diagnostics.error("'\(name)' says nothing where everything is withheld", at: other.position)
                }
            }
            return withhold
        }
        let basis = self.legalBasis(node, form)
        let fields = self.fields(node, form, system, taken)
        var classLists = false
        if let node = node["class_lists"] {
            if let value = node.boolean {
                classLists = value
                if value, !taken.contains(.group) {
                    self.diagnostics.warning("\(system) is given no groups", at: node.position, hint: "leave 'class_lists' out")
                }
            } else {
                self.diagnostics.error("'class_lists' is true or false", at: node.position)
            }
        }
        return Clearance(form: form, fields: fields, classLists: classLists, legalBasis: basis, rule: rule)
    }

    private func legalBasis(_ node: YAMLNode, _ form: Clearance.Form) -> String? {
        guard let basis = node["legal_basis"] else {
            if form == .cleared { self.diagnostics.error(Self.needs(form), at: node.position, hint: Self.hint(form)) }
            return nil
        }
        guard let text = basis.text, text.filter({ !$0.isWhitespace }).count >= Self.shortestBasis else {
            self.diagnostics.error(
                "'legal_basis' is a text that names the law and the decision", at: basis.position, hint: Self.hint(.cleared))
            return nil
        }
        return text
    }

    private func fields(
        _ node: YAMLNode, _ form: Clearance.Form, _ system: String, _ taken: Set<Entity>
    ) -> [Entity: Set<String>] {
        guard let chosen = node["fields"] else {
            guard form == .cleared else {
                self.diagnostics.error(Self.needs(form), at: node.position, hint: Self.hint(form))
                return [:]
            }
            return Dictionary(uniqueKeysWithValues: Clearance.entities.map { ($0, Set($0.shape.fields.keys)) })
        }
        guard let pairs = chosen.pairs, !pairs.isEmpty else {
            self.diagnostics.error(
                "'fields' is a mapping of entities to lists of their fields, not \(chosen.kindName)", at: chosen.position,
                hint: Self.hint(.masked))
            return [:]
        }
        var fields: [Entity: Set<String>] = [:]
        for (key, value) in pairs {
            let known = form == .cleared ? Clearance.entities : Clearance.neutralFields.keys.sorted()
            guard let entity = key.text.flatMap(Entity.init(rawValue:)), known.contains(entity) else {
                self.diagnostics.unknown(
                    "entity", key.text ?? "", at: key.textPosition, known: known.map(\.rawValue), in: " in 'fields'")
                continue
            }
            if !taken.contains(entity) {
                self.diagnostics.warning("\(system) is given no \(entity.rawValue)", at: key.position, hint: "leave it out")
            }
            fields[entity] = self.names(value, of: entity, form)
        }
        if fields[.person] == nil {
            self.diagnostics.error("'fields' names no fields of the person", at: chosen.position, hint: Self.hint(.masked))
        }
        return fields
    }

    private func names(_ node: YAMLNode, of entity: Entity, _ form: Clearance.Form) -> Set<String> {
        guard let elements = node.elements else {
            self.diagnostics.error("the fields of a \(entity.rawValue) are a list, not \(node.kindName)", at: node.position)
            return []
        }
        var names: Set<String> = []
        for element in elements {
            guard let name = element.text, entity.shape.fields[name] != nil else {
                self.diagnostics.unknown(
                    "field", element.text ?? "", at: element.textPosition, known: entity.shape.fields.keys,
                    in: " of a \(entity.rawValue)")
                continue
            }
            let neutral = Clearance.neutralFields[entity] ?? []
            guard form == .cleared || neutral.contains(name) else {
                self.diagnostics.error(
                    "'\(name)' of a \(entity.rawValue) can show who it is: it is never given \(form.rawValue)",
                    at: element.textPosition, hint: "what can be given: \(neutral.sorted().joined(separator: ", "))")
                continue
            }
            names.insert(name)
        }
        return names
    }

    private func family(_ node: YAMLNode) -> FamilyRules {
        var rules = FamilyRules()
        guard node.pairs != nil else {
            self.diagnostics.error("'family' is a mapping, not \(node.kindName)", at: node.position)
            return rules
        }
        self.diagnostics.checkKeys(of: node, allowed: Self.familyKeys, in: "'family'")
        func isGiven(_ name: String) -> Bool {
            guard let value = node[name] else { return false }
            guard let text = value.text, Self.familyWords.contains(text) else {
                self.diagnostics.unknown(
                    "value", value.text ?? "", at: value.textPosition, known: Self.familyWords, in: " of '\(name)'")
                return false
            }
            return text == "give"
        }
        rules.addresses = isGiven("addresses")
        rules.sameAddress = isGiven("same_address")
        rules.guardians = isGiven("guardians")
        return rules
    }

    private static func needs(_ form: Clearance.Form) -> String {
        switch form {
        case .withhold: "nothing is given"
        case .masked, .fictitious: "'fields' is missing: what is given \(form.rawValue)"
        case .cleared: "'legal_basis' is missing: real data of protected persons is given by law alone"
        }
    }

    private static func hint(_ form: Clearance.Form) -> String {
        switch form {
        case .cleared: "write {give: cleared, legal_basis: \"…\"} with the law and the decision"
        default: "write {give: \(form.rawValue), fields: {person: [enrolments]}}"
        }
    }
}
