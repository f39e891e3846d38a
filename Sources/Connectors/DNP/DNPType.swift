import Mapping

/// What Skolverket's interface takes, in the order in which it wants it.
enum DNPType: String, Sendable, CaseIterable {
    case person
    case duty
    case group
    case activity

    /// Below the interface's address.
    var path: String {
        switch self {
        case .person: "persons"
        case .duty: "duties"
        case .group: "groups"
        case .activity: "activities"
        }
    }
}

/// A kind of row: an object, or one element of a list in an object.
enum DNPRowKind: String, Sendable, CaseIterable {
    case person
    case enrolment
    case duty
    case group
    case member
    case activity
    case teacher

    init?(_ row: String) { self.init(rawValue: row) }

    /// What it stands in.
    var type: DNPType {
        switch self {
        case .person, .enrolment: .person
        case .duty: .duty
        case .group, .member: .group
        case .activity, .teacher: .activity
        }
    }

    /// Whether it is the object itself, not an element of one of its lists.
    var isObject: Bool {
        switch self {
        case .person, .duty, .group, .activity: true
        case .enrolment, .member, .teacher: false
        }
    }

    /// The id of the object that a row with this key stands in. An activity's is made of its group and its test.
    func objectID(_ key: String) -> String {
        let parts = key.split(separator: "|", omittingEmptySubsequences: false)
        guard self.type == .activity, parts.count > 1 else { return String(parts[0]) }
        return Self.activityID(group: String(parts[0]), test: String(parts[1]))
    }

    static func activityID(group: String, test: String) -> String { NameUUID.text(of: "activity \(group) \(test)") }

    /// The fields that a row can't be without.
    var required: [String] {
        switch self {
        case .person: ["id", "givenName", "familyName", "civicNo", "eppn"]
        case .enrolment: ["person", "unit", "schoolType"]
        case .duty: ["id", "person", "unit", "role"]
        case .group: ["id", "name", "type", "schoolType"]
        case .member: ["group", "person"]
        case .activity: ["group", "test", "name"]
        case .teacher: ["group", "test", "duty"]
        }
    }

    /// The other fields that a row may have.
    var optional: [String] {
        switch self {
        case .person: ["middleName", "email", "emailType", "securityMarking", "nationality", "eduID"]
        case .enrolment: ["schoolYear", "educationCode"]
        case .group, .activity: ["unit"]
        case .duty, .member, .teacher: []
        }
    }

    /// The fields that must hold a UUID.
    var ids: [String] {
        switch self {
        case .person: ["id"]
        case .enrolment: ["person", "unit"]
        case .duty: ["id", "person", "unit"]
        case .group: ["id", "unit"]
        case .member: ["group", "person"]
        case .activity: ["group", "test", "unit"]
        case .teacher: ["group", "test", "duty"]
        }
    }

    /// The fields that make the key of a row, in order, with `|` between.
    var keyFields: [String] {
        switch self {
        case .person, .duty, .group: ["id"]
        case .enrolment: ["person", "unit", "schoolType"]
        case .member: ["group", "person"]
        case .activity: ["group", "test"]
        case .teacher: ["group", "test", "duty"]
        }
    }
}
