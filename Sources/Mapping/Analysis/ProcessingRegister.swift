import SchoolRecords

/// Which personal data each system gives and is given, and what systems may be given of protected persons: the register of processing that
/// the mappings are, as a value that somebody can accept and that edited mappings are held against.
public struct ProcessingRegister: Sendable, Hashable, Codable {
    /// One field of one kind of row that has personal data.
    public struct Line: Sendable, Hashable, Codable {
        public let system: String
        /// See ``FieldUse/direction``.
        public let direction: String
        public let kind: String
        public let field: String
        /// Entity and path, e.g. `person.emails.value`.
        public let origins: [String]
        public let steps: [String]
        public let conditions: [String]
        public let purpose: Purpose?
        /// `file:line`
        public let rule: String

        /// What it is a line about: several rules may fill the same field.
        var place: [String] { [self.system, self.direction, self.kind, self.field] }
    }

    /// What a system may be given of one kind of protected person.
    public struct Protected: Sendable, Hashable, Codable {
        public let system: String
        public let level: ProtectionLevel
        public let kind: PersonKind
        public let form: Clearance.Form
        /// Entity and field, e.g. `person.enrolments`.
        public let fields: Set<String>
        public let classLists: Bool
        /// `file:line`
        public let rule: String
    }

    /// In the order of the register.
    public let lines: [Line]
    public let protected: [Protected]
    /// What the family rules give that they needn't: names as in `privacy.yaml`.
    public let family: Set<String>

    public init(_ set: MappingSet) {
        self.lines = set.fieldUses.filter(\.isPersonal).map { use in
            Line(
                system: use.system, direction: use.direction, kind: use.kind, field: use.field,
                origins: use.origins.map { use.direction == "source" ? $0.path : "\($0.entity.rawValue).\($0.path)" },
                steps: use.steps, conditions: use.conditions, purpose: use.purpose, rule: use.rule)
        }
        var protected: [Protected] = []
        for system in set.privacy.systems.sorted() {
            for level in ProtectionLevel.allCases {
                for kind in PersonKind.allCases {
                    let clearance = set.privacy.clearance(for: system, levels: [level], kinds: [kind])
                    guard clearance.form > .withhold else { continue }
                    let fields = clearance.fields.flatMap { entity, names in names.map { "\(entity.rawValue).\($0)" } }
                    protected.append(
                        Protected(
                            system: system, level: level, kind: kind, form: clearance.form, fields: Set(fields),
                            classLists: clearance.classLists, rule: clearance.rule))
                }
            }
        }
        self.protected = protected
        let family = set.privacy.family
        self.family = Set(
            [("addresses", family.addresses), ("same_address", family.sameAddress), ("guardians", family.guardians)]
                .filter(\.1).map(\.0))
    }

    /// What is given by other mappings that isn't by these, in the order of their register: empty when they give the same or less.
    public func widening(to other: ProcessingRegister) -> [Widening] {
        let known = Dictionary(grouping: self.lines, by: \.place)
        let systems = Set(self.lines.map { [$0.system, $0.direction] })
        var found: [Widening] = []
        var told: Set<[String]> = []
        for line in other.lines {
            guard systems.contains([line.system, line.direction]) else {
                // One word for a whole system: its lines are in the register.
                if told.insert([line.system, line.direction]).inserted { found.append(Widening(.system, line)) }
                continue
            }
            guard let before = known[line.place] else {
                found.append(Widening(.field, line))
                continue
            }
            // Any of the rules that fill the field may be the one that it was.
            let ways = before.map { Self.widening($0, line) }
            if let least = ways.min(by: { $0.count < $1.count }) { found += least }
        }
        return found + self.protectedWidening(to: other)
    }

    private static func widening(_ before: Line, _ after: Line) -> [Widening] {
        var found = after.origins.filter { !before.origins.contains($0) }.map { Widening(.origin, after, detail: $0) }
        // What was a condition or a change on the way and is none any more lets more through.
        found += before.conditions.filter { !after.conditions.contains($0) }.map { Widening(.condition, after, detail: $0) }
        found += before.steps.filter { !after.steps.contains($0) }.map { Widening(.step, after, detail: $0) }
        if before.purpose != after.purpose { found.append(Widening(.purpose, after, detail: after.purpose?.en ?? "")) }
        return found
    }

    private func protectedWidening(to other: ProcessingRegister) -> [Widening] {
        var found: [Widening] = []
        for after in other.protected {
            let before = self.protected.first { ($0.system, $0.level, $0.kind) == (after.system, after.level, after.kind) }
            if after.form > before?.form ?? .withhold {
                found.append(Widening(.clearance, after, detail: after.form.rawValue))
            }
            guard let before, before.form != .withhold else { continue }
            for field in after.fields.subtracting(before.fields).sorted() { found.append(Widening(.field, after, detail: field)) }
            if after.classLists, !before.classLists { found.append(Widening(.classLists, after, detail: "class_lists")) }
        }
        for rule in other.family.subtracting(self.family).sorted() {
            found.append(Widening(kind: .family, system: "", place: "family", detail: rule, rule: PrivacyFile.path))
        }
        return found
    }
}
