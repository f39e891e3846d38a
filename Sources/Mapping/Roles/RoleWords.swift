import SchoolRecords

/// What kind of record a rule of the role policy looks at.
public enum RoleBase: String, Sendable, Hashable, CaseIterable {
    /// An employee's duty at an organisation.
    case duty
    /// What a duty does for a group.
    case assignment
    /// A pupil's enrolment at a school unit.
    case enrolment
    /// A child's place at a preschool or in after-school care.
    case placement
    /// A pupil's time in a group.
    case membership
    /// Being responsible for a child that is enrolled or placed: once for each enrolment and placement of the child.
    case guardianship

    /// What can be asked about such a record.
    public var facts: [RoleFact] {
        let duty: [RoleFact] = [
            .dutyRole, .titleCode, .schoolType, .organisation, .organisationType, .percent, .dutyDays,
        ]
        return switch self {
        case .duty: duty
        case .assignment: duty + [.assignmentRole, .groupType]
        case .enrolment: [.schoolType, .schoolYear, .organisation]
        case .placement: [.schoolType, .organisation]
        case .membership: [.groupType, .schoolType, .organisation]
        case .guardianship: [.relation, .schoolType, .schoolYear, .organisation]
        }
    }

    /// Where a role that follows from such a record can hold.
    public var scopes: [RoleScope] {
        switch self {
        case .duty, .enrolment: [.municipality, .unit]
        case .assignment: [.municipality, .unit, .group, .pupil]
        case .placement, .membership: [.municipality, .unit, .group]
        case .guardianship: [.municipality, .unit, .pupil]
        }
    }

    /// Whether it makes somebody a member of staff.
    public var isStaff: Bool { self == .duty || self == .assignment }
}

/// Where a role holds.
public enum RoleScope: String, Sendable, Hashable, CaseIterable {
    /// In the whole system.
    case municipality
    /// At the record's school or unit.
    case unit
    /// For the record's group.
    case group
    /// For each pupil of the record's group, or for the child.
    case pupil
}

/// Something that a rule asks of a record.
public enum RoleFact: String, Sendable, Hashable, CaseIterable {
    case dutyRole = "duty_role"
    /// The employer's code at the beginning of the duty's description.
    case titleCode = "title_code"
    case assignmentRole = "assignment_role"
    /// Of the group, the enrolment or the placement; of a duty, those of its organisation and of what is below it.
    case schoolType = "school_type"
    /// An id, a school unit code or a code of the municipality: of the record's organisation or of one above it.
    case organisation
    case organisationType = "organisation_type"
    case groupType = "group_type"
    case relation
    case schoolYear = "school_year"
    /// How much of full time the duty is.
    case percent
    /// How many days the duty is long; without an end it is longer than any number.
    case dutyDays = "duty_days"

    /// Whether it is a number.
    public var isNumber: Bool { [.schoolYear, .percent, .dutyDays].contains(self) }

    /// The standard's values, for those that have a closed list.
    public var codes: [String]? {
        switch self {
        case .dutyRole: DutyRole.allCases.map(\.rawValue)
        case .assignmentRole: AssignmentRoleType.allCases.map(\.rawValue)
        case .schoolType: SchoolType.allCases.map(\.rawValue)
        case .organisationType: OrganisationType.allCases.map(\.rawValue)
        case .groupType: GroupType.allCases.map(\.rawValue)
        case .relation: RelationType.allCases.map(\.rawValue)
        case .titleCode, .organisation, .schoolYear, .percent, .dutyDays: nil
        }
    }
}

/// A role in a system.
public struct RoleName: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let system: String
    public let role: String

    public init(system: String, role: String) {
        self.system = system
        self.role = role
    }

    /// `system/role`, as roles.yaml writes it.
    public var description: String { "\(self.system)/\(self.role)" }

    public static func < (left: RoleName, right: RoleName) -> Bool {
        left.system == right.system ? left.role < right.role : left.system < right.system
    }
}

/// Where a rule stands.
public struct RulePlace: Sendable, Hashable, CustomStringConvertible {
    /// Relative to the mappings' directory.
    public let file: String
    /// From 1.
    public let line: Int
    /// From 1.
    public let column: Int

    public init(file: String, line: Int, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }

    init(_ position: Position) { self.init(file: position.file, line: position.line, column: position.column) }

    /// `file:line`.
    public var description: String { "\(self.file):\(self.line)" }
}
