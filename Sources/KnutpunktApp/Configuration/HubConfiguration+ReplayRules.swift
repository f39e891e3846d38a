import ConnectorKit
import Hub
import Mapping
import SchoolRecords

extension ReplayRule {
    static let settings = NamedSettings(
        "failed.rules", ["group", "system", "entity", "code", "after_minutes", "at_most", "rate"])
}

/// Reads the rules by which failures are sent again by themselves, and collects everything that is wrong.
struct ReplayRulesReader {
    let text: (String) -> String?
    let settings: NamedSettings
    private(set) var problems: [String] = []

    init(_ settings: NamedSettings, _ text: @escaping (String) -> String?) {
        self.settings = settings
        self.text = text
    }

    private static let codes =
        ConnectorFailure.Code.allCases.map(\.rawValue) + MappingFailure.Code.allCases.map(\.rawValue)
        + NewFailure.Code.allCases.map(\.rawValue)

    mutating func read() -> [ReplayRule] {
        self.settings.names.sorted().compactMap { name in
            let before = self.problems.count
            let rule = self.rule(name)
            return self.problems.count == before ? rule : nil
        }
    }

    private mutating func rule(_ name: String) -> ReplayRule? {
        let isPlain = name.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }
        if !isPlain || name.isEmpty || name.count > 40 {
            self.complain(name, nil, "a rule's name is up to 40 of a-z, 0-9 and -.")
        }
        let after = self.number(name, "after_minutes", in: 1...10_080)
        let most = self.number(name, "at_most", in: 1...100)
        var rule = ReplayRule(name: name, afterMinutes: after ?? 1, atMost: most ?? 1)
        for (setting, value) in [("after_minutes", after), ("at_most", most)]
        where value == nil && self.value(name, setting) == nil {
            self.complain(name, setting, "is missing. A rule says after how many minutes, and how often at most.")
        }
        rule.rate = self.number(name, "rate", in: 1...1_000_000)
        rule.system = self.value(name, "system")
        rule.group = self.value(name, "group")
        if let group = rule.group, !group.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) || !(4...16).contains(group.count) {
            self.complain(name, "group", "\"\(group)\" is no group. Groups are shown by: knutpunkt failed groups")
        }
        if let entity = self.value(name, "entity") {
            rule.entity = Entity(rawValue: entity)
            if rule.entity == nil {
                self.complain(
                    name, "entity",
                    "\"\(entity)\" is no entity. Known: \(Entity.allCases.map(\.rawValue).sorted().joined(separator: ", ")).")
            }
        }
        rule.code = self.value(name, "code")
        if let code = rule.code, !Self.codes.contains(where: CodePattern(code).matches) {
            self.complain(
                name, "code", "no error has the code \"\(code)\". They are in docs/operations/errors.md; * stands for anything.")
        }
        if [rule.group, rule.system, rule.code].allSatisfy({ $0 == nil }), self.value(name, "entity") == nil {
            self.complain(name, nil, "names no failures. Set group, system, entity or code (code: \"*\" takes all).")
        }
        return rule
    }

    private func value(_ name: String, _ setting: String) -> String? {
        self.text("\(self.settings.prefix).\(name).\(setting)")
    }

    private mutating func number(_ name: String, _ setting: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = self.value(name, setting) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            self.complain(
                name, setting, "\"\(text)\" is no whole number from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        return number
    }

    private mutating func complain(_ name: String, _ setting: String?, _ text: String) {
        self.problems.append(self.settings.problem(name, setting, text))
    }
}

extension HubConfiguration {
    /// What rules and permissions say of systems that are not there.
    func strangers(in mappings: MappingSet) -> [String] {
        let known = Set(mappings.systems.keys).union(mappings.inactive.keys).union(FlowCatalog.names)
        let ruled = self.replayRules.compactMap { rule -> String? in
            guard let system = rule.system, !known.contains(system) else { return nil }
            return self.ruleSettings.problem(
                rule.name, "system", "there is no system \"\(system)\". Known: \(known.sorted().joined(separator: ", ")).")
        }
        return ruled + self.permissionStrangers(known) + self.apiStrangers(Set(mappings.provisions.keys))
    }
}
