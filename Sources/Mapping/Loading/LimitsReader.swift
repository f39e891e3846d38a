import SchoolRecords

/// Reads `limits` of a system: the settings as they hold, with their places in the file.
struct LimitsReader {
    let diagnostics: Diagnostics

    private static let bounds = ["creates", "updates", "deletes", "protection_ends"]
    static let maximumHours: Int64 = 168

    /// - Parameters:
    ///   - node: where they stand in the file.
    ///   - fallback: where to point when the setting doesn't stand in the file.
    func read(_ limits: JSONValue?, _ node: YAMLNode?, fallback: Position) -> LimitRules? {
        guard let limits, !limits.isNull else { return nil }
        let place = node?.position ?? fallback
        guard let members = limits.objectValue else {
            self.diagnostics.error(
                "'limits' is a mapping", at: place, hint: "e.g. limits: {deletes: {percent: 5, at_least: 20}}")
            return nil
        }
        var rules = LimitRules()
        rules.common = self.part(limits, node, place, others: ["entities", "kinds"])
        for group in ["entities", "kinds"] {
            guard let value = members[group], !value.isNull else { continue }
            let inner = node?[group]
            guard let named = value.objectValue else {
                self.diagnostics.error("'\(group)' is a mapping of names to limits", at: inner?.position ?? place)
                continue
            }
            for (name, part) in named {
                let position = Self.key(name, of: inner) ?? place
                if group == "entities", Entity(rawValue: name) == nil {
                    self.diagnostics.unknown("entity", name, at: position, known: Entity.allCases.map(\.rawValue))
                }
                guard part.objectValue != nil else {
                    self.diagnostics.error("the limits of '\(name)' are a mapping", at: position)
                    continue
                }
                let limits = self.part(part, inner?[name], position, others: [])
                if group == "entities" { rules.entities[name] = limits } else { rules.kinds[name] = limits }
            }
        }
        return rules
    }

    private static func key(_ name: String, of node: YAMLNode?) -> Position? {
        node?.pairs?.first { $0.key.text == name }?.key.position
    }

    private func part(_ value: JSONValue, _ node: YAMLNode?, _ place: Position, others: [String]) -> LimitRules.Part {
        var part = LimitRules.Part()
        let known = Self.bounds + ["window_hours"] + others
        for (name, value) in value.objectValue ?? [:] {
            let position = node?[name]?.position ?? place
            switch name {
            case "creates" where value == "off" || value == .bool(false): part.createsAreFree = true
            case "creates": part.creates = self.bound(name, value, node?[name], position)
            case "updates": part.updates = self.bound(name, value, node?[name], position)
            case "deletes": part.deletes = self.bound(name, value, node?[name], position)
            case "protection_ends": part.releases = self.bound(name, value, node?[name], position)
            case "window_hours":
                if let hours = value.integerValue, (0...Self.maximumHours).contains(hours) {
                    part.windowHours = Int(hours)
                } else {
                    self.diagnostics.error(
                        "'window_hours' is a whole number from 0 (each reading by itself) to \(Self.maximumHours)", at: position)
                }
            case _ where others.contains(name): break
            default:
                self.diagnostics.unknown("key", name, at: Self.key(name, of: node) ?? place, known: known, in: " in 'limits'")
            }
        }
        return part
    }

    private func bound(_ name: String, _ value: JSONValue, _ node: YAMLNode?, _ place: Position) -> LimitRules.Bound? {
        let percent: Double? =
            switch value["percent"] {
            case .integer(let number): Double(number)
            case .number(let number): number
            default: nil
            }
        guard value.objectValue != nil, let percent, (0...1000).contains(percent), name == "creates" || percent <= 100,
            let number = value["at_least"]?.integerValue, (0...1_000_000).contains(number)
        else {
            self.diagnostics.error(
                "'\(name)' is {percent: …, at_least: …}", at: place,
                hint: name == "creates"
                    ? "a share of what there is, and a number that always goes through; off for no limit"
                    : "a share of what there is (0-100), and a number that always goes through, e.g. {percent: 5, at_least: 20}")
            return nil
        }
        for key in (value.objectValue ?? [:]).keys where key != "percent" && key != "at_least" {
            self.diagnostics.unknown(
                "key", key, at: Self.key(key, of: node) ?? place, known: ["percent", "at_least"], in: " in '\(name)'")
        }
        return LimitRules.Bound(share: percent / 100, atLeast: Int(number))
    }
}
