import SchoolRecords

/// Reads `flows.yaml`: which flows are in use, and their settings.
struct FlowsFile {
    let diagnostics: Diagnostics

    func load(_ files: [MappingFile], _ systems: [String: SystemDescription]) -> [String: FlowDescription] {
        guard let file = files.first(where: { $0.path == "flows.yaml" }),
            let root = YAMLReader.read(file, self.diagnostics)
        else { return [:] }
        self.diagnostics.checkKeys(of: root, allowed: ["flows"], in: "flows.yaml")
        guard let pairs = root["flows"]?.pairs else {
            self.diagnostics.error("'flows' is missing: a mapping of flows to their settings", at: root.position)
            return [:]
        }
        var flows: [String: FlowDescription] = [:]
        for (key, node) in pairs {
            guard let name = key.text, let known = FlowCatalog.settings[name] else {
                self.diagnostics.unknown("flow", key.text ?? "", at: key.position, known: FlowCatalog.names)
                continue
            }
            guard node.pairs != nil || node.isNull else {
                self.diagnostics.error("a flow's settings are a mapping, not \(node.kindName)", at: node.position)
                continue
            }
            self.diagnostics.checkKeys(of: node, allowed: ["enabled"] + known.map(\.name), in: "flow \(name)")
            var isEnabled = true
            if let enabled = node["enabled"] {
                if let value = enabled.boolean {
                    isEnabled = value
                } else {
                    self.diagnostics.error("'enabled' is true or false", at: enabled.position)
                }
            }
            var settings: [String: JSONValue] = [:]
            for setting in known {
                if let value = node[setting.name] {
                    if self.check(value, setting, systems) { settings[setting.name] = value.json }
                } else if let value = setting.byDefault {
                    settings[setting.name] = value
                } else {
                    self.diagnostics.error("'\(setting.name)' is missing in flow \(name)", at: key.position)
                }
            }
            flows[name] = FlowDescription(name: name, isEnabled: isEnabled, settings: settings)
        }
        return flows
    }

    private func check(_ node: YAMLNode, _ setting: FlowSetting, _ systems: [String: SystemDescription]) -> Bool {
        switch setting.kind {
        case .boolean:
            if node.boolean != nil { return true }
            self.diagnostics.error("'\(setting.name)' is true or false", at: node.position)
        case .integer(let range):
            if let value = node.integer, range.contains(value) { return true }
            self.diagnostics.error(
                "'\(setting.name)' is a whole number from \(range.lowerBound) to \(range.upperBound)", at: node.position)
        case .choice(let words):
            if let text = node.text, words.contains(text) { return true }
            self.diagnostics.unknown("value", node.text ?? "", at: node.textPosition, known: words, in: " of '\(setting.name)'")
        case .choices(let words):
            guard let elements = node.elements, !elements.isEmpty else {
                self.diagnostics.error(
                    "'\(setting.name)' is a list", at: node.position, hint: "known: \(words.joined(separator: ", "))")
                return false
            }
            let strangers = elements.filter { $0.text.map(words.contains) != true }
            for element in strangers {
                self.diagnostics.unknown(
                    "value", element.text ?? "", at: element.textPosition, known: words, in: " in '\(setting.name)'")
            }
            return strangers.isEmpty
        case .system:
            if let text = node.text, systems[text] != nil { return true }
            self.diagnostics.unknown("system", node.text ?? "", at: node.textPosition, known: systems.keys)
        }
        return false
    }
}
