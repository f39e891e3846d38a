import SchoolRecords

/// Reads `roles/<system>.yaml`: the roles that a system has.
struct RoleCatalogFile {
    let diagnostics: Diagnostics

    static let keys = ["title", "holds_dates", "protected_persons", "unit_type", "source", "roles"]
    static let roleKeys = ["term", "meaning", "gives", "scopes", "privileged", "comes_with_records", "assumed"]
    /// What a role may say is assumed.
    static let assumable = ["term", "meaning", "gives", "scopes", "privileged", "holds_dates"]

    /// Whether a file is a catalogue.
    static func isCatalog(_ path: String) -> Bool { path.hasPrefix("roles/") && path.hasSuffix(".yaml") }

    func load(_ files: [MappingFile]) -> [String: RoleCatalog] {
        var catalogs: [String: RoleCatalog] = [:]
        for file in files where Self.isCatalog(file.path) {
            guard let root = YAMLReader.read(file, self.diagnostics) else { continue }
            let system = String(file.path.dropFirst("roles/".count).dropLast(".yaml".count))
            if let catalog = self.catalog(system, root) { catalogs[system] = catalog }
        }
        return catalogs
    }

    private func catalog(_ system: String, _ root: YAMLNode) -> RoleCatalog? {
        self.diagnostics.checkKeys(of: root, allowed: Self.keys, in: root.position.file)
        guard let pairs = root["roles"]?.pairs, !pairs.isEmpty else {
            self.diagnostics.error("'roles' is missing: a mapping of roles to what they are", at: root.position)
            return nil
        }
        var takesProtected = false
        if let node = root["protected_persons"] {
            switch node.text {
            case "allow": takesProtected = true
            case "block": break
            default:
                self.diagnostics.unknown("value", node.text ?? "", at: node.textPosition, known: ["allow", "block"])
            }
        }
        var unitType: OrganisationType?
        if let node = root["unit_type"] {
            unitType = node.text.flatMap(OrganisationType.init(rawValue:))
            if unitType == nil {
                self.diagnostics.unknown(
                    "value", node.text ?? "", at: node.textPosition, known: OrganisationType.allCases.map(\.rawValue))
            }
        }
        var roles: [String: RoleCatalog.Role] = [:]
        for (key, node) in pairs {
            guard let name = key.text, !name.isEmpty, name != "*", !name.contains("/") else {
                self.diagnostics.error("a role's name is a text without '/', and not '*'", at: key.position)
                continue
            }
            if let role = self.role(name, key, node) { roles[name] = role }
        }
        return RoleCatalog(
            system: system, title: root["title"]?.text ?? system, holdsDates: self.boolean(root["holds_dates"], true),
            takesProtected: takesProtected, unitType: unitType, roles: roles, file: root.position.file)
    }

    private func role(_ name: String, _ key: YAMLNode, _ node: YAMLNode) -> RoleCatalog.Role? {
        guard node.pairs != nil else {
            self.diagnostics.error("a role is a mapping, not \(node.kindName)", at: node.position)
            return nil
        }
        self.diagnostics.checkKeys(of: node, allowed: Self.roleKeys, in: "role '\(name)'")
        guard let term = node["term"]?.text, !term.isEmpty else {
            self.diagnostics.error("'term' is missing in role '\(name)': the vendor's word", at: key.position)
            return nil
        }
        return RoleCatalog.Role(
            name: name, term: term, meaning: Purpose(node["meaning"], self.diagnostics),
            access: Purpose(node["gives"], self.diagnostics),
            scopes: self.words(node["scopes"], of: "scopes", known: RoleScope.allCases.map(\.rawValue), at: key)
                .compactMap(RoleScope.init(rawValue:)),
            isPrivileged: self.boolean(node["privileged"], false),
            comesWithRecords: self.boolean(node["comes_with_records"], false),
            assumed: node["assumed"].map { self.words($0, of: "assumed", known: Self.assumable, at: key) } ?? [],
            place: RulePlace(key.position))
    }

    private func boolean(_ node: YAMLNode?, _ byDefault: Bool) -> Bool {
        guard let node else { return byDefault }
        if let value = node.boolean { return value }
        self.diagnostics.error("this is true or false", at: node.position)
        return byDefault
    }

    private func words(_ node: YAMLNode?, of name: String, known: [String], at key: YAMLNode) -> [String] {
        guard let elements = node?.elements, !elements.isEmpty else {
            self.diagnostics.error(
                "'\(name)' is a list", at: node?.position ?? key.position, hint: "known: \(known.joined(separator: ", "))")
            return []
        }
        return elements.compactMap { element in
            if let text = element.text, known.contains(text) { return text }
            self.diagnostics.unknown(
                "value", element.text ?? "", at: element.textPosition, known: known, in: " in '\(name)'")
            return nil
        }
    }
}
