/// What the stand-in of Skolverket's test service holds.
public enum DNPKind: String, Sendable, Hashable, CaseIterable {
    case person = "Person"
    case duty = "Duty"
    case group = "Group"
    case activity = "Activity"

    var path: String {
        switch self {
        case .person: "persons"
        case .duty: "duties"
        case .group: "groups"
        case .activity: "activities"
        }
    }

    /// The members that an object may have; those of `must` it can't be without.
    var members: (must: Set<String>, may: Set<String>) {
        switch self {
        case .person:
            (
                ["id", "civicNo", "givenName", "familyName", "eduPersonPrincipalNames"],
                ["middleName", "externalIdentifiers", "securityMarking", "emails", "enrolments"]
            )
        case .duty: (["id", "person", "dutyAt", "dutyRole"], [])
        case .group: (["id", "displayName", "groupType", "schoolType", "organisation"], ["groupMemberships"])
        case .activity: (["id", "displayName", "activityType", "groups", "organisation", "parentActivity"], ["teachers"])
        }
    }
}
