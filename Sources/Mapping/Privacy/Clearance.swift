public import SchoolRecords

/// Why a person is protected: the source's mark, or the hub's own.
public enum ProtectionLevel: String, Sendable, Hashable, Codable, CaseIterable {
    /// Sekretessmarkering.
    case secrecyMark = "sekretessmarkering"
    /// Skyddad folkbokföring.
    case protectedRegistration = "skyddad_folkbokforing"
    /// The hub's own mark (`knutpunkt protect`).
    case hub

    /// The level that a source's marking stands for; `nil` for one that the standard doesn't have: no clearance covers it.
    public init?(_ marking: SecurityMarking) {
        switch marking {
        case .secrecyMark: self = .secrecyMark
        case .protectedRegistration: self = .protectedRegistration
        case .none, .other: return nil
        }
    }
}

/// What somebody is in the school.
public enum PersonKind: String, Sendable, Hashable, Codable, CaseIterable {
    case child, guardian, staff
}

/// What a receiving system may be given of a protected person.
public struct Clearance: Sendable, Hashable {
    /// From the least to the most.
    public enum Form: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
        /// Nothing: the system doesn't learn that there is somebody.
        case withhold
        /// Some fields that say nothing of who it is, under the opaque id.
        case masked
        /// The same, with the name and number of a fictitious identity: only with a recorded consent.
        case fictitious
        /// The real data, over a channel of its own.
        case cleared

        private var rank: Int {
            switch self {
            case .withhold: 0
            case .masked: 1
            case .fictitious: 2
            case .cleared: 3
            }
        }

        public static func < (left: Form, right: Form) -> Bool { left.rank < right.rank }
    }

    public var form: Form
    /// The fields that are given, by entity; of an entity that isn't named nothing is.
    public var fields: [Entity: Set<String>]
    /// Whether the person stands in lists of classes and groups.
    public var classLists: Bool
    /// The law that allows it; what is cleared has one.
    public var legalBasis: String?
    /// `file:line`; empty for what holds because nothing is said.
    public var rule: String

    public static let withhold = Clearance(form: .withhold, fields: [:], classLists: false, legalBasis: nil, rule: "")

    public init(form: Form, fields: [Entity: Set<String>], classLists: Bool, legalBasis: String?, rule: String) {
        self.form = form
        self.fields = fields
        self.classLists = classLists
        self.legalBasis = legalBasis
        self.rule = rule
    }

    /// What both allow.
    public func strictest(_ other: Clearance) -> Clearance {
        let first = self.form <= other.form ? self : other
        let second = self.form <= other.form ? other : self
        guard first.form != .withhold else { return first }
        var result = first
        result.classLists = first.classLists && second.classLists
        result.fields = first.fields.reduce(into: [:]) { fields, entry in
            if let others = second.fields[entry.key] { fields[entry.key] = entry.value.intersection(others) }
        }
        return result
    }
}

/// What holds for others because somebody in their family is protected.
public struct FamilyRules: Sendable, Hashable {
    /// Whether the addresses of a protected child's guardians are given to systems.
    public var addresses = false
    /// Whether the address of a protected person is given as that of others who live there.
    public var sameAddress = false
    /// Whether a system that is cleared for a child is told who the guardians are.
    public var guardians = false

    public init() {}
}

/// Who may be given what of protected persons: `privacy.yaml`.
public struct PrivacyPolicy: Sendable, Hashable {
    /// By system, level and kind of person; what isn't there is withheld.
    public var clearances: [String: [ProtectionLevel: [PersonKind: Clearance]]] = [:]
    public var family = FamilyRules()

    public init() {}

    /// The systems that may be given anything.
    public var systems: Set<String> {
        Set(self.clearances.filter { $0.value.values.contains { $0.values.contains { $0.form > .withhold } } }.keys)
    }

    /// The systems that may be given real data.
    public var clearedSystems: Set<String> {
        Set(self.clearances.filter { $0.value.values.contains { $0.values.contains { $0.form == .cleared } } }.keys)
    }

    /// What a system may be given of somebody: the least that any of the levels and kinds allows.
    ///
    /// - Parameters:
    ///   - levels: why the person is protected; an unknown reason, or none, allows nothing.
    ///   - kinds: all that the person is; nothing allows nothing.
    public func clearance(for system: String, levels: Set<ProtectionLevel?>, kinds: Set<PersonKind>) -> Clearance {
        guard let system = self.clearances[system], !levels.isEmpty, !kinds.isEmpty else { return .withhold }
        var result: Clearance?
        for level in levels.sorted(by: { ($0?.rawValue ?? "") < ($1?.rawValue ?? "") }) {
            for kind in kinds.sorted(by: { $0.rawValue < $1.rawValue }) {
                let clearance = level.flatMap { system[$0]?[kind] } ?? .withhold
                result = result.map { $0.strictest(clearance) } ?? clearance
            }
        }
        return result ?? .withhold
    }
}

extension Clearance {
    /// What can be given without the real identity: fields in which nobody can be recognised.
    public static let neutralFields: [Entity: Set<String>] = [
        .person: ["enrolments", "personStatus"],
        .placement: ["placedAt", "schoolType", "startDate", "endDate"],
        .duty: ["dutyAt", "dutyRole", "startDate", "endDate", "assignmentRole"],
    ]

    /// The entities of which records about a protected person can be given at all.
    public static let entities: [Entity] = [.person, .duty, .placement, .studyPlan]
}
