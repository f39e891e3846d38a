public import SchoolRecords

/// Whether something can't work because of what a rule finds, or works worse.
public enum QualitySeverity: String, Sendable, Hashable, Codable, CaseIterable {
    /// Something doesn't get through to other systems, or gets through wrong.
    case blocks
    /// Somebody should look at it.
    case warns
}

/// Whose task it is to put right what a rule finds.
public enum QualityOwner: String, Sendable, Hashable, Codable, CaseIterable {
    /// At the school: pupils, classes, guardians.
    case schoolAdministrator = "school-administrator"
    /// Who leads the school: mentors, teachers.
    case principal
    /// Who keeps the employments.
    case humanResources = "human-resources"
    /// Who looks after the student administration in the municipality: organisation, codes, doubles.
    case systemAdministrator = "system-administrator"
}

/// What is looked for in what the sources say: the whole catalogue. The names are the rules' codes; they don't change.
public enum QualityRule: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    case schoolUnitWithoutCode = "school-unit-without-code"
    case schoolUnitCodeMalformed = "school-unit-code-malformed"
    case schoolUnitCodeShared = "school-unit-code-shared"
    case organisationParentUnknown = "organisation-parent-unknown"
    case schoolWithoutUnit = "school-without-unit"

    case groupOrganisationUnknown = "group-organisation-unknown"
    case groupEndsBeforeStart = "group-ends-before-start"
    case endedGroupWithMembers = "ended-group-with-members"
    case groupMemberUnknown = "group-member-unknown"
    case classWithoutPupils = "class-without-pupils"
    case classWithoutMentor = "class-without-mentor"
    case teachingGroupWithoutTeacher = "teaching-group-without-teacher"
    case departmentWithoutStaff = "department-without-staff"

    case dutyWithoutTitleCode = "duty-without-title-code"
    case dutyTitleCodeUnknown = "duty-title-code-unknown"
    case dutyOrganisationUnknown = "duty-organisation-unknown"
    case dutyEndsBeforeStart = "duty-ends-before-start"
    case dutyHolderUnknown = "duty-holder-unknown"
    case dutyGroupUnknown = "duty-group-unknown"

    case dutyWithoutEmployment = "duty-without-employment"
    case employmentWithoutDuty = "employment-without-duty"
    case employeeUnknown = "employee-unknown"

    case placementUnitUnknown = "placement-unit-unknown"
    case placementEndsBeforeStart = "placement-ends-before-start"
    case placementChildUnknown = "placement-child-unknown"
    case placementGroupUnknown = "placement-group-unknown"
    case placementWithoutDepartment = "placement-without-department"

    case staffWithoutEmail = "staff-without-email"
    case staffWithoutUserName = "staff-without-user-name"

    case pupilWithoutClass = "pupil-without-class"
    case pupilWithoutEnrolment = "pupil-without-enrolment"
    case enrolmentsOverlap = "enrolments-overlap"
    case enrolmentEndsBeforeStart = "enrolment-ends-before-start"
    case enrolmentUnitUnknown = "enrolment-unit-unknown"
    case enrolmentNotAtSchoolUnit = "enrolment-not-at-school-unit"
    case enrolmentAtClosedUnit = "enrolment-at-closed-unit"
    case enrolmentSchoolTypeNotOffered = "enrolment-school-type-not-offered"
    case placementsOverlap = "placements-overlap"
    case childWithoutIdentityNumber = "child-without-identity-number"
    case childWithoutBirthDate = "child-without-birth-date"
    case schoolAgeWithoutSchool = "school-age-without-school"
    case personWithoutUnit = "person-without-unit"
    case deceasedWithCurrentRecords = "deceased-with-current-records"

    case childWithoutGuardian = "child-without-guardian"
    case guardianUnknown = "guardian-unknown"
    case guardianWithoutContact = "guardian-without-contact"
    case guardianOfNobody = "guardian-of-nobody"

    case registeredNumberDiffers = "registered-number-differs"
    case registeredNameDiffers = "registered-name-differs"
    case registeredGuardianMissing = "registered-guardian-missing"
    case guardianNotRegistered = "guardian-not-registered"
    case deregisteredWithCurrentRecords = "deregistered-with-current-records"

    case identityNumberShared = "identity-number-shared"
    case userNameShared = "user-name-shared"
    case schoolEmailShared = "school-email-shared"

    /// The kind of record that lacks something.
    public var entity: Entity {
        switch self {
        case .schoolUnitWithoutCode, .schoolUnitCodeMalformed, .schoolUnitCodeShared, .organisationParentUnknown,
            .schoolWithoutUnit:
            .organisation
        case .groupOrganisationUnknown, .groupEndsBeforeStart, .endedGroupWithMembers, .groupMemberUnknown, .classWithoutPupils,
            .classWithoutMentor, .teachingGroupWithoutTeacher, .departmentWithoutStaff:
            .group
        case .dutyWithoutTitleCode, .dutyTitleCodeUnknown, .dutyOrganisationUnknown, .dutyEndsBeforeStart, .dutyHolderUnknown,
            .dutyGroupUnknown:
            .duty
        case .employeeUnknown: .employee
        case .placementUnitUnknown, .placementEndsBeforeStart, .placementChildUnknown, .placementGroupUnknown,
            .placementWithoutDepartment:
            .placement
        default: .person
        }
    }

    /// How it is, unless `quality.yaml` says otherwise.
    public var severity: QualitySeverity {
        switch self {
        case .organisationParentUnknown, .schoolWithoutUnit, .endedGroupWithMembers, .classWithoutPupils,
            .teachingGroupWithoutTeacher, .departmentWithoutStaff, .dutyWithoutTitleCode, .dutyGroupUnknown,
            .placementGroupUnknown, .placementWithoutDepartment, .enrolmentNotAtSchoolUnit, .enrolmentSchoolTypeNotOffered,
            .placementsOverlap, .childWithoutIdentityNumber, .childWithoutBirthDate, .schoolAgeWithoutSchool, .personWithoutUnit,
            .guardianOfNobody, .schoolEmailShared, .registeredNameDiffers:
            .warns
        default: .blocks
        }
    }

    /// Whose task it is.
    public var owner: QualityOwner {
        switch self {
        case .classWithoutMentor, .teachingGroupWithoutTeacher, .departmentWithoutStaff: .principal
        case .dutyWithoutTitleCode, .dutyOrganisationUnknown, .dutyEndsBeforeStart, .dutyHolderUnknown, .staffWithoutEmail,
            .dutyWithoutEmployment, .employmentWithoutDuty:
            .humanResources
        case .schoolUnitWithoutCode, .schoolUnitCodeMalformed, .schoolUnitCodeShared, .organisationParentUnknown,
            .schoolWithoutUnit, .groupOrganisationUnknown, .dutyTitleCodeUnknown, .staffWithoutUserName,
            .schoolAgeWithoutSchool, .personWithoutUnit, .guardianOfNobody, .identityNumberShared, .userNameShared,
            .schoolEmailShared, .employeeUnknown, .registeredNumberDiffers:
            .systemAdministrator
        default: .schoolAdministrator
        }
    }

    /// The kinds of record without any of which nothing can be said: where no source tells of duties, no class has a mentor.
    public var needs: Set<Entity> {
        switch self {
        case .groupOrganisationUnknown, .dutyOrganisationUnknown, .placementUnitUnknown, .enrolmentUnitUnknown:
            [.organisation]
        case .groupMemberUnknown, .dutyHolderUnknown, .placementChildUnknown, .employeeUnknown: [.person]
        case .classWithoutMentor, .departmentWithoutStaff, .employmentWithoutDuty: [.duty]
        case .dutyWithoutEmployment: [.employee]
        case .teachingGroupWithoutTeacher: [.activity]
        case .registeredNumberDiffers, .registeredNameDiffers, .registeredGuardianMissing, .guardianNotRegistered,
            .deregisteredWithCurrentRecords:
            [.registration]
        case .pupilWithoutClass, .dutyGroupUnknown, .placementGroupUnknown, .placementWithoutDepartment: [.group]
        default: []
        }
    }

    /// In the order of the catalogue.
    public static func < (left: QualityRule, right: QualityRule) -> Bool { left.place < right.place }

    private var place: Int { Self.places[self] ?? 0 }

    private static let places = Dictionary(uniqueKeysWithValues: zip(Self.allCases, 0...))
}
