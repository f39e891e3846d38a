/// A file of School Data Sync's CSV format 2.1, with its columns in order: names exactly as Microsoft has them.
///
/// Source: learn.microsoft.com/schooldatasync (format 2.1), samples in github.com/OfficeDev/O365-EDU-Tools.
enum SDSTable: String, CaseIterable, Sendable {
    case orgs, users, roles, classes, enrollments, relationships, academicSessions

    /// The kind of row in the mapping; of sessions there is none, they follow from the school year.
    var kind: String {
        switch self {
        case .orgs: "org"
        case .users: "user"
        case .roles: "role"
        case .classes: "class"
        case .enrollments: "enrollment"
        case .relationships: "relationship"
        case .academicSessions: "session"
        }
    }

    init?(kind: String) {
        guard let table = Self.allCases.first(where: { $0.kind == kind }), table != .academicSessions else { return nil }
        self = table
    }

    var fileName: String { "\(self.rawValue).csv" }

    var columns: [String] {
        switch self {
        case .orgs: ["sourcedId", "name", "type", "parentSourcedId"]
        case .users:
            ["sourcedId", "username", "givenName", "familyName", "password", "activeDirectoryMatchId", "email", "phone", "sms"]
        case .roles:
            ["userSourcedId", "orgSourcedId", "role", "sessionSourcedId", "grade", "isPrimary", "roleStartDate", "roleEndDate"]
        case .classes: ["sourcedId", "orgSourcedId", "title", "sessionSourcedIds", "courseSourcedId", "code"]
        case .enrollments: ["classSourcedId", "userSourcedId", "role"]
        case .relationships: ["userSourcedId", "relationshipUserSourcedId", "relationshipRole"]
        case .academicSessions: ["sourcedId", "title", "type", "schoolYear", "startDate", "endDate"]
        }
    }

    /// Whether a set is nothing without rows of it.
    var isCore: Bool { [.orgs, .users, .roles].contains(self) }

    /// What a row can't be without. A guardian logs in nowhere and has no username.
    var required: [String] {
        switch self {
        case .orgs: ["sourcedId", "name", "type"]
        case .users: ["sourcedId", "givenName", "familyName"]
        case .roles: ["userSourcedId", "orgSourcedId", "role"]
        case .classes: ["sourcedId", "orgSourcedId", "title"]
        case .enrollments: ["classSourcedId", "userSourcedId", "role"]
        case .relationships: ["userSourcedId", "relationshipUserSourcedId", "relationshipRole"]
        case .academicSessions: ["sourcedId", "title", "type", "schoolYear", "startDate", "endDate"]
        }
    }

    /// What the mapping mustn't fill: the connector does.
    var own: Set<String> {
        switch self {
        case .users: ["password"]
        case .roles: ["sessionSourcedId", "isPrimary"]
        case .classes: ["sessionSourcedIds"]
        default: []
        }
    }
}

/// The value lists of School Data Sync. Letters' case doesn't matter there.
enum SDSValues {
    static let orgTypes: Set<String> = [
        "school", "ministryOfEducation", "localAuthority", "department", "university", "region", "district", "college",
        "division",
        "local", "campus", "province", "state", "adultEducation", "researchCenter", "national", "municipality", "program",
        "departmentOfEducation", "academicTrust",
    ]
    static let staffRoles: Set<String> = [
        "principal", "chair", "professor", "researcher", "adjunct", "affiliate", "occupationalTherapist", "physicalTherapist",
        "speechTherapist", "visionTherapist", "paraprofessional", "specialServices", "advisor", "proctor", "nurse", "officeStaff",
        "lecturer", "itAdmin", "administrator", "teacher", "faculty", "staff", "teacherAssistant", "assistant", "instructor",
        "substitute", "coach", "alumni",
    ]
    static let roles = Self.staffRoles.union(["student", "other"])
    static let relationships: Set<String> = [
        "guardian", "parent", "relative", "aide", "doctor", "child", "other",
    ]
    static let grades: Set<String> = Set(
        ["PR", "PK", "TK", "KG", "PS", "PS1", "PS2", "PS3", "PS4", "UG", "other"] + (1...13).map(String.init))

    /// Whether a list has a word, whatever its letters' case.
    static func has(_ word: String, in list: Set<String>) -> Bool {
        list.contains(word) || list.contains { $0.caseInsensitiveEquals(word) }
    }
}

extension String {
    fileprivate func caseInsensitiveEquals(_ other: String) -> Bool { self.lowercased() == other.lowercased() }
}
