import SchoolRecords

/// Reads `<system>/provide.yaml`: what a system may fetch over SS 12000.
struct ProvisionFile {
    static let name = "provide.yaml"

    let diagnostics: Diagnostics

    /// Whether a file is one of these.
    static func isProvision(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[1] == Self.name && parts[0] != "codes" && parts[0] != "roles"
    }

    func load(_ files: [MappingFile]) -> [String: Provision] {
        var provisions: [String: Provision] = [:]
        for file in files where Self.isProvision(file.path) {
            guard let root = YAMLReader.read(file, self.diagnostics) else { continue }
            let system = String(file.path.prefix { $0 != "/" })
            provisions[system] = self.provision(system, root, file.path)
        }
        return provisions
    }

    private func provision(_ system: String, _ root: YAMLNode, _ file: String) -> Provision? {
        guard root.pairs != nil else {
            self.diagnostics.error("\(Self.name) is a mapping, not \(root.kindName)", at: root.position)
            return nil
        }
        self.diagnostics.checkKeys(
            of: root, allowed: ["purpose", "school_units", "school_types", "entities"], in: Self.name)
        let purpose = Purpose(root["purpose"], self.diagnostics)
        guard let pairs = root["entities"]?.pairs, !pairs.isEmpty else {
            self.diagnostics.error(
                "'entities' is missing: a mapping of entities to the fields that \(system) may fetch",
                at: root["entities"]?.position ?? root.position)
            return nil
        }
        var parts: [Entity: Provision.Part] = [:]
        for (key, value) in pairs {
            guard let entity = key.text.flatMap(Entity.init(rawValue:)), entity.standardPath != nil else {
                self.diagnostics.unknown(
                    "entity", key.text ?? "", at: key.position,
                    known: Entity.allCases.filter { $0.standardPath != nil }.map(\.rawValue))
                continue
            }
            parts[entity] = self.part(entity, value, purpose)
        }
        return Provision(
            system: system, file: file, schoolUnits: self.texts(root["school_units"], "school_units"),
            schoolTypes: self.schoolTypes(root["school_types"]), parts: parts)
    }

    private func part(_ entity: Entity, _ node: YAMLNode, _ shared: Purpose?) -> Provision.Part? {
        guard node.pairs != nil else {
            self.diagnostics.error("an entity is a mapping with 'fields'", at: node.position, hint: "write fields: [displayName]")
            return nil
        }
        self.diagnostics.checkKeys(of: node, allowed: ["purpose", "fields"], in: "'\(entity.rawValue)'")
        guard let elements = node["fields"]?.elements, !elements.isEmpty else {
            self.diagnostics.error(
                "'fields' is missing: a list of the fields of a \(entity.rawValue) that are provided",
                at: node["fields"]?.position ?? node.position)
            return nil
        }
        let purpose = Purpose(node["purpose"], self.diagnostics) ?? shared
        var fields = ProvidedFields.none
        var lines: [String: Int] = [:]
        for element in elements {
            guard let path = element.text, self.isField(path, of: entity, at: element.textPosition) else { continue }
            if let earlier = lines.keys.first(where: { path == $0 || path.hasPrefix($0 + ".") || $0.hasPrefix(path + ".") }) {
                self.diagnostics.warning(
                    "'\(path)' and '\(earlier)' name the same field", at: element.textPosition, hint: "leave one of them out")
            }
            fields.add(path)
            lines[path] = element.position.line
        }
        let part = Provision.Part(fields: fields, purpose: purpose, lines: lines, line: node.position.line)
        self.review(entity, part, node)
        return part
    }

    /// What is allowed and most likely not meant.
    private func review(_ entity: Entity, _ part: Provision.Part, _ node: YAMLNode) {
        let missing = entity.shape.required.subtracting(["id", "meta"]).filter { part.fields[$0] == nil }.sorted()
        if !missing.isEmpty {
            self.diagnostics.warning(
                "the standard demands \(missing.joined(separator: ", ")) of every \(entity.rawValue), and it isn't provided",
                at: node.position, hint: "name it, or make sure that the system does without")
        }
        let isPersonal = part.fields.paths.contains { path in
            entity.shape.leaves.contains {
                ($0 == path || $0.hasPrefix(path + ".")) && FieldUse.Origin(entity: entity, path: $0).isPersonal
            }
        }
        if isPersonal, part.purpose == nil {
            self.diagnostics.warning(
                "personal data is provided, and the file says no purpose", at: node.position, hint: "write purpose: …")
        }
    }

    /// Whether a path leads to a field of the entity's records.
    private func isField(_ path: String, of entity: Entity, at position: Position) -> Bool {
        var shape: FieldShape? = .object(entity.shape)
        var place = "a \(entity.rawValue)"
        var offset = 0
        for step in path.split(separator: ".", omittingEmptySubsequences: false).map(String.init) {
            while case .list(let element)? = shape { shape = element }
            if case .reference? = shape {
                self.diagnostics.error(
                    "'\(place)' refers to another record, and is provided as a whole", at: position.moved(by: offset),
                    hint: "write the path up to there; what is provided of the other record stands at its own entity")
                return false
            }
            guard let fields = shape?.fields?.fields, let next = fields[step] else {
                self.diagnostics.unknown(
                    "field", step, at: position.moved(by: offset), known: (shape?.fields?.fields.keys).map(Array.init) ?? [],
                    in: " of \(place)")
                return false
            }
            if offset == 0, step == "id" || step == "meta" {
                self.diagnostics.warning("'\(step)' is always provided", at: position, hint: "leave it out")
            }
            shape = next
            place = step
            offset += step.count + 1
        }
        return true
    }

    private func schoolTypes(_ node: YAMLNode?) -> [String] {
        let known = SchoolType.allCases.map(\.rawValue)
        for element in node?.elements ?? [] {
            guard let text = element.text, !known.contains(text) else { continue }
            self.diagnostics.unknown("school type", text, at: element.textPosition, known: known)
        }
        return self.texts(node, "school_types")
    }

    private func texts(_ node: YAMLNode?, _ name: String) -> [String] {
        guard let node else { return [] }
        let texts = (node.elements ?? []).compactMap(\.text)
        if texts.isEmpty || texts.count != node.elements?.count || texts.contains("") {
            self.diagnostics.error(
                "'\(name)' is a list of texts", at: node.position, hint: "leave it out when there is no such limit")
        }
        return texts
    }
}
