import SchoolRecords

/// Reads the `system.yaml` of every folder.
///
/// A system of one direction says `connector` and `direction` at the top. One of both has a block `source:` and a block
/// `target:`, each with a `connector` and settings of its own; what stands beside the blocks holds for both.
struct SystemFileLoader {
    let diagnostics: Diagnostics
    /// A system's settings as they hold, given its name and what the file says.
    let adjust: (String, JSONValue) -> JSONValue

    private typealias Direction = SystemDescription.Direction

    func load(_ files: [MappingFile]) -> [String: SystemDescription] {
        var systems: [String: SystemDescription] = [:]
        for file in files where file.path.hasSuffix("/system.yaml") {
            let parts = file.path.split(separator: "/")
            guard parts.count == 2, let root = YAMLReader.read(file, self.diagnostics) else { continue }
            if let system = self.system(String(parts[0]), root, file.path) { systems[system.name] = system }
        }
        return systems
    }

    private func system(_ name: String, _ root: YAMLNode, _ file: String) -> SystemDescription? {
        guard root.pairs != nil else {
            self.diagnostics.error("system.yaml is a mapping, not \(root.kindName)", at: root.position)
            return nil
        }
        var members = self.adjust(name, root.json).objectValue ?? [:]
        // Why it is given data is no setting of its connector.
        members[ProcessingNote.key] = nil
        let settings = JSONValue.object(members)
        guard let isEnabled = self.isEnabled(settings, at: root), let sides = self.sides(root, settings) else { return nil }
        for block in [root, root["source"], root["target"]] {
            for form in block?["identity_numbers"]?["temporary"]?.elements ?? []
            where !(form.text.map(IdentityNumberRules.isForm) ?? false) {
                self.diagnostics.error(
                    "a form of temporary numbers has four characters: A for a letter, 9 for a digit, X for either",
                    at: form.position)
            }
        }
        var lines: [String: Int] = [:]
        Self.collect(root, "", &lines)
        return SystemDescription(
            name: name, isEnabled: isEnabled, sides: sides, settings: settings, file: file,
            future: FuturePolicy(root["target"]?["future"] ?? root["future"], self.diagnostics) ?? .withhold,
            processing: ProcessingNote(root[ProcessingNote.key], self.diagnostics), lines: lines)
    }

    /// `enabled`; what says nothing takes part.
    private func isEnabled(_ settings: JSONValue, at root: YAMLNode) -> Bool? {
        guard let value = settings["enabled"], !value.isNull else { return true }
        guard let isEnabled = value.boolValue else {
            self.diagnostics.error("'enabled' is true or false", at: root["enabled"]?.position ?? root.position)
            return nil
        }
        return isEnabled
    }

    private func sides(_ root: YAMLNode, _ settings: JSONValue) -> [SystemDescription.Direction: SystemDescription.Side]? {
        guard root["source"] != nil || root["target"] != nil else { return self.onlySide(root, settings) }
        var isSound = true
        for name in ["connector", "direction"] {
            guard let node = root[name] else { continue }
            self.diagnostics.error(
                "'\(name)' doesn't go with 'source' and 'target'", at: node.position,
                hint: name == "connector" ? "write it in each of them" : "leave it out")
            isSound = false
        }
        let blocks = Set(Direction.allCases.map(\.rawValue))
        let shared = (settings.objectValue ?? [:]).filter { !blocks.contains($0.key) && $0.key != "enabled" }
        var sides: [SystemDescription.Direction: SystemDescription.Side] = [:]
        for direction in Direction.allCases {
            guard let block = root[direction.rawValue] else { continue }
            guard block.pairs != nil, let own = settings[direction.rawValue]?.objectValue else {
                self.diagnostics.error(
                    "'\(direction.rawValue)' is a mapping with 'connector' and its settings", at: block.position)
                isSound = false
                continue
            }
            guard let connector = self.connector(block, in: " in '\(direction.rawValue)'"),
                let isEnabled = self.isEnabled(.object(own), at: block)
            else {
                isSound = false
                continue
            }
            let settings = shared.merging(own.filter { $0.key != "enabled" }) { _, own in own }
            let limits = LimitsReader(diagnostics: self.diagnostics).read(
                settings["limits"], block["limits"] ?? root["limits"], fallback: block.position)
            sides[direction] = SystemDescription.Side(
                connector: connector, settings: .object(settings), limits: limits, isEnabled: isEnabled,
                block: direction.rawValue, own: Set(own.keys))
        }
        return isSound ? sides : nil
    }

    /// A system of one direction.
    private func onlySide(_ root: YAMLNode, _ settings: JSONValue) -> [SystemDescription.Direction: SystemDescription.Side]? {
        guard let connector = self.connector(root, in: "") else { return nil }
        guard let node = root["direction"], let text = node.text else {
            self.diagnostics.error(
                "'direction' is missing", at: root.position,
                hint: "write source or target; a system that is both has a block 'source:' and a block 'target:'")
            return nil
        }
        guard let direction = Direction(rawValue: text) else {
            self.diagnostics.unknown("direction", text, at: node.textPosition, known: Direction.allCases.map(\.rawValue))
            return nil
        }
        let limits = LimitsReader(diagnostics: self.diagnostics).read(
            settings["limits"], root["limits"], fallback: root.position)
        return [direction: .init(connector: connector, settings: settings, limits: limits, isEnabled: true, block: nil, own: [])]
    }

    private func connector(_ node: YAMLNode, in place: String) -> String? {
        if let connector = node["connector"]?.text, !connector.isEmpty { return connector }
        self.diagnostics.error(
            "'connector' is missing\(place)", at: node["connector"]?.position ?? node.position,
            hint: "name the kind of connector, e.g. ss12000")
        return nil
    }

    private static func collect(_ node: YAMLNode, _ path: String, _ lines: inout [String: Int]) {
        for (key, value) in node.pairs ?? [] {
            guard let name = key.text else { continue }
            let full = path.isEmpty ? name : "\(path).\(name)"
            lines[full] = key.position.line
            Self.collect(value, full, &lines)
        }
    }
}
