import SchoolRecords

extension RolePolicy {
    /// What is allowed and most likely not meant, without looking at anybody: rules that never apply, that say what another
    /// says already, that contradict each other; duty roles and title codes that give nothing anywhere. In the order of the file.
    public func review() -> [Diagnostic] {
        let diagnostics = Diagnostics()
        for rule in self.rules { self.neverApplies(rule, diagnostics) }
        for denial in self.denials { Self.contradiction(denial.conditions, "the denial hits nobody", diagnostics) }
        self.overlaps(diagnostics)
        self.conflicts(diagnostics)
        self.nothingFollows(diagnostics)
        return diagnostics.all.sorted { ($0.line, $0.column, $0.message) < ($1.line, $1.column, $1.message) }
    }

    // MARK: Never

    private func neverApplies(_ rule: RoleRule, _ diagnostics: Diagnostics) {
        Self.contradiction(rule.conditions, "the rule never applies", diagnostics)
        // What the table says of a title code is the duty role that the hub goes by.
        let roles = rule.conditions.filter { $0.fact == .dutyRole }
        for condition in rule.conditions where condition.fact == .titleCode && !condition.isException {
            guard case .among(let codes) = condition.test, !roles.isEmpty else { continue }
            let dead = codes.filter { code in
                guard let role = self.vocabulary.titleCodes[code] else { return false }
                return !roles.allSatisfy { $0.passes(words: [role], number: nil) }
            }.sorted()
            guard !dead.isEmpty else { continue }
            let what = dead.count == codes.count ? "the rule never applies: " : ""
            diagnostics.warning(
                "\(what)codes/title_code.csv gives the title codes \(dead.joined(separator: ", ")) duty roles that the rule leaves out",
                at: Position(condition.place))
        }
        for gift in rule.gifts where self.denials.contains(where: { self.coversAll(rule, gift, $0) }) {
            diagnostics.warning("a denial always stands in the way of \(gift.name) here", at: Position(gift.place))
        }
    }

    private static func contradiction(_ conditions: [RoleCondition], _ what: String, _ diagnostics: Diagnostics) {
        for (index, condition) in conditions.enumerated() {
            guard let other = conditions[..<index].first(where: { condition.contradicts($0) }) else { continue }
            diagnostics.warning(
                "\(what): '\(condition.text)' and '\(other.text)' never hold together", at: Position(condition.place))
        }
    }

    /// Whether a denial hits everybody to whom a rule gives a role, at every place.
    private func coversAll(_ rule: RoleRule, _ gift: RoleRule.Gift, _ denial: RoleDenial) -> Bool {
        guard denial.base == rule.base, denial.names(gift.name), denial.within == .anywhere || gift.scope == .unit else {
            return false
        }
        // The denial holds as long as the record does; before and after it, the rule gives alone.
        guard rule.daysBefore == 0, rule.daysAfter == 0 else { return false }
        return Self.implies(rule.conditions, denial.conditions)
    }

    /// Whether everything that passes some conditions passes others.
    private static func implies(_ narrow: [RoleCondition], _ wide: [RoleCondition]) -> Bool {
        wide.allSatisfy { condition in narrow.contains { $0.implies(condition) } }
    }

    // MARK: Twice

    private func overlaps(_ diagnostics: Diagnostics) {
        for rule in self.rules {
            for gift in rule.gifts {
                let earlier = self.rules.first { other in
                    guard other.order != rule.order, other.base == rule.base,
                        other.daysBefore >= rule.daysBefore, other.daysAfter >= rule.daysAfter,
                        other.gifts.contains(where: { $0.name == gift.name && $0.scope == gift.scope }),
                        Self.implies(rule.conditions, other.conditions)
                    else { return false }
                    // Of two that say the same, the later one is told of.
                    return !Self.implies(other.conditions, rule.conditions) || other.order < rule.order
                }
                if let earlier {
                    diagnostics.warning(
                        "the rule '\(earlier.name)' (line \(earlier.place.line)) gives \(gift.name) to all of these already",
                        at: Position(gift.place))
                }
            }
        }
    }

    // MARK: Against each other

    private func conflicts(_ diagnostics: Diagnostics) {
        for exclusion in self.exclusions {
            for rule in self.rules {
                let own = rule.gifts.filter { exclusion.roles.contains($0.name) }
                if Set(own.map(\.name)).count > 1, exclusion.within == .anywhere || Set(own.map(\.scope)).count == 1 {
                    diagnostics.warning(
                        "the rule gives roles that must not meet ('\(exclusion.name)', line \(exclusion.place.line))",
                        at: Position(rule.place))
                }
                for other in self.rules where other.order < rule.order && other.base == rule.base {
                    guard other.precedence == rule.precedence, let gift = own.first,
                        other.gifts.contains(where: { exclusion.roles.contains($0.name) && $0.name != gift.name }),
                        Self.implies(rule.conditions, other.conditions) || Self.implies(other.conditions, rule.conditions)
                    else { continue }
                    diagnostics.warning(
                        """
                        whoever gets \(gift.name) by this rule may get a role that it must not meet by '\(other.name)' (line \
                        \(other.place.line)), and both have the same precedence: the earlier is kept
                        """, at: Position(rule.place), hint: "give one of them a 'precedence'")
                }
            }
        }
    }

    // MARK: Nothing

    /// The title codes that no rule gives anything for, by duty role; and the duty roles of which that is true.
    public var unused: (dutyRoles: [String], titleCodes: [String]) {
        let rules = self.rules.filter(\.base.isStaff)
        func gives(_ role: String, _ code: String?) -> Bool {
            rules.contains { rule in
                rule.conditions.allSatisfy { condition in
                    switch condition.fact {
                    case .dutyRole: condition.passes(words: [role], number: nil)
                    case .titleCode: code.map { condition.passes(words: [$0], number: nil) } ?? true
                    default: true
                    }
                }
            }
        }
        return (
            DutyRole.allCases.map(\.rawValue).filter { !gives($0, nil) },
            self.vocabulary.titleCodes.filter { !gives($0.value, $0.key) }.map(\.key).sorted()
        )
    }

    private func nothingFollows(_ diagnostics: Diagnostics) {
        let (roles, codes) = self.unused
        let top = Position(file: self.rules.first?.place.file ?? RolesFile.path, line: 1, column: 1)
        for role in roles { diagnostics.warning("the duty role '\(role)' gives nothing anywhere", at: top) }
        let others = codes.filter { code in !roles.contains(self.vocabulary.titleCodes[code] ?? "") }
        if !others.isEmpty {
            diagnostics.warning("the title codes \(others.joined(separator: ", ")) give nothing anywhere", at: top)
        }
    }

    /// Reads another policy over the same systems and title codes, for what-if.
    ///
    /// - Parameters:
    ///   - text: YAML.
    ///   - file: what to call it in diagnostics.
    public static func read(_ text: String, file: String, vocabulary: RoleVocabulary) -> (RolePolicy?, [Diagnostic]) {
        let diagnostics = Diagnostics()
        let policy = RolesFile(vocabulary: vocabulary, diagnostics: diagnostics).load(MappingFile(path: file, text: text))
        return (diagnostics.hasErrors ? nil : policy, diagnostics.all.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
    }
}

extension Position {
    fileprivate init(_ place: RulePlace) { self.init(file: place.file, line: place.line, column: place.column) }
}
