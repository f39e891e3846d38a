import SchoolRecords

/// Which fields of records have a closed list of values in the standard.
enum StandardCodes {
    static func codes(of origin: FieldUse.Origin) -> [String]? {
        switch (origin.entity, origin.path) {
        case (.organisation, "organisationType"): Self.all(OrganisationType.self)
        case (.organisation, "schoolTypes"), (.group, "schoolType"), (.person, "enrolments.schoolType"):
            Self.all(SchoolType.self)
        case (.organisation, "address.type"): Self.all(OrganisationAddressType.self)
        case (.person, "sex"): Self.all(Sex.self)
        case (.person, "personStatus"): Self.all(PersonStatus.self)
        case (.person, "emails.type"): Self.all(EmailType.self)
        case (.person, "phoneNumbers.type"): Self.all(PhoneNumberType.self)
        case (.person, "addresses.type"): Self.all(PersonAddressType.self)
        case (.person, "responsibles.relationType"): Self.all(RelationType.self)
        case (.group, "groupType"): Self.all(GroupType.self)
        case (.duty, "dutyRole"): Self.all(DutyRole.self)
        case (.duty, "assignmentRole.assignmentRoleType"): Self.all(AssignmentRoleType.self)
        case (.placement, "schoolType"): Self.all(PlacementSchoolType.self)
        case (.placement, "reason"): Self.all(PlacementReason.self)
        default: nil
        }
    }

    private static func all(_ codes: (some CodeSet).Type) -> [String] { codes.allCases.map(\.rawValue) }
}
