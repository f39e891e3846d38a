public import SchoolRecords

/// Who gets which role where: `roles.yaml`, checked and compiled. A value.
public struct RolePolicy: Sendable, Hashable {
    /// What is done about a duty whose title code tells nothing.
    public enum TitleRule: String, Sendable, Hashable, CaseIterable {
        /// The duty role decides alone.
        case allow
        /// Nothing is given until somebody has looked; what is held stays.
        case block
    }

    /// What becomes of roles that are held and that no rule gives to anybody.
    public enum UnruledRoles: String, Sendable, Hashable, CaseIterable {
        /// They stay, and `roles review` tells of them.
        case keep
        /// They are revoked.
        case revoke
    }

    /// A term's days, both inclusive.
    public struct Term: Sendable, Hashable {
        public let first: CalendarDate
        public let last: CalendarDate

        public init(first: CalendarDate, last: CalendarDate) {
            self.first = first
            self.last = last
        }
    }

    public let rules: [RoleRule]
    public let denials: [RoleDenial]
    public let exclusions: [RoleExclusion]
    /// A title code that `codes/title_code.csv` lacks.
    public let unknownTitles: TitleRule
    /// A duty without title code.
    public let missingTitles: TitleRule
    public let unruledRoles: UnruledRoles
    public let terms: [String: Term]
    public let vocabulary: RoleVocabulary
    /// Changes when `roles.yaml`, a catalogue or the table of title codes does.
    public let version: String

    public init(
        rules: [RoleRule], denials: [RoleDenial] = [], exclusions: [RoleExclusion] = [], unknownTitles: TitleRule = .block,
        missingTitles: TitleRule = .allow, unruledRoles: UnruledRoles = .keep, terms: [String: Term] = [:],
        vocabulary: RoleVocabulary = RoleVocabulary(), version: String = ""
    ) {
        self.rules = rules
        self.denials = denials
        self.exclusions = exclusions
        self.unknownTitles = unknownTitles
        self.missingTitles = missingTitles
        self.unruledRoles = unruledRoles
        self.terms = terms
        self.vocabulary = vocabulary
        self.version = version
    }

    /// The systems in which a rule gives a role.
    public var systems: Set<String> { Set(self.rules.flatMap { $0.gifts.map(\.name.system) }) }

    /// The days of a term: as `terms` says; otherwise HT is 1 July to 31 December and VT 1 January to 30 June, the halves of
    /// the school year. `nil` for what is no term.
    public func term(_ name: String) -> Term? {
        if let term = self.terms[name] { return term }
        guard let year = Int(name.dropFirst(2)), (1900...9999).contains(year), name.utf8.count == 6 else { return nil }
        switch Semester(rawValue: String(name.prefix(2))) {
        case .autumn:
            return Term(
                first: CalendarDate(year: year, month: 7, day: 1), last: CalendarDate(year: year, month: 12, day: 31))
        case .spring:
            return Term(
                first: CalendarDate(year: year, month: 1, day: 1), last: CalendarDate(year: year, month: 6, day: 30))
        case nil: return nil
        }
    }

    /// The title code that a duty's description begins with.
    public static func titleCode(in description: String?) -> String? { description.flatMap(Transform.leadingCode) }
}
