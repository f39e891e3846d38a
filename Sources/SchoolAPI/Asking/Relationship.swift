import SchoolRecords

/// The relations to other records by which persons can be asked for.
struct Relationship: Sendable, Hashable {
    enum Kind: String, Sendable, CaseIterable {
        case enrolment, duty
        case placementChild = "placement.child"
        case placementOwner = "placement.owner"
        case responsibleForEnrolment = "responsibleFor.enrolment"
        case responsibleForPlacement = "responsibleFor.placement"
        case groupMembership

        /// What it looks at, with where and when it holds.
        func reads(_ what: Relationship) -> [FieldPath] {
            func fields(_ entity: Entity, _ prefix: String, _ person: String?, _ organisation: String) -> [FieldPath] {
                var paths = person.map { [$0] } ?? []
                if what.organisation != nil { paths.append(organisation) }
                if what.asksStart { paths.append("\(prefix)startDate") }
                if what.asksEnd { paths.append("\(prefix)endDate") }
                return paths.map { FieldPath(entity, $0) }
            }
            let enrolment = fields(.person, "enrolments.", "enrolments.enroledAt", "enrolments.enroledAt")
            let responsible = [FieldPath(.person, "responsibles.person")]
            switch self {
            case .enrolment: return enrolment
            case .duty: return fields(.duty, "", "person", "dutyAt")
            case .placementChild: return fields(.placement, "", "child", "placedAt")
            case .placementOwner: return fields(.placement, "", "owners", "placedAt")
            case .responsibleForEnrolment: return responsible + enrolment
            case .responsibleForPlacement: return responsible + fields(.placement, "", "child", "placedAt")
            case .groupMembership:
                return fields(.group, "groupMemberships.", "groupMemberships.person", "organisation")
            }
        }
    }

    /// `nil` for a relation of any kind that the client may read.
    var kind: Kind?
    var organisation: String?
    var startOnOrBefore: String?
    var startOnOrAfter: String?
    var endOnOrBefore: String?
    var endOnOrAfter: String?

    var asksStart: Bool { self.startOnOrBefore != nil || self.startOnOrAfter != nil }
    var asksEnd: Bool { self.endOnOrBefore != nil || self.endOnOrAfter != nil }

    /// Takes a parameter.
    mutating func set(_ name: String, _ value: String) {
        switch name {
        case "relationship.entity.type": self.kind = Kind(rawValue: value)
        case "relationship.organisation": self.organisation = value
        case "relationship.startDate.onOrBefore": self.startOnOrBefore = value
        case "relationship.startDate.onOrAfter": self.startOnOrAfter = value
        case "relationship.endDate.onOrBefore": self.endOnOrBefore = value
        default: self.endOnOrAfter = value
        }
    }

    /// Whether a relation holds where and when it was asked for; a date that isn't there always does.
    func holds(_ relation: JSONValue, at organisation: String?) -> Bool {
        if let wanted = self.organisation, wanted != organisation { return false }
        let start = relation["startDate"]?.stringValue
        let end = relation["endDate"]?.stringValue
        if let start {
            if let bound = self.startOnOrBefore, start > bound { return false }
            if let bound = self.startOnOrAfter, start < bound { return false }
        }
        if let end {
            if let bound = self.endOnOrBefore, end > bound { return false }
            if let bound = self.endOnOrAfter, end < bound { return false }
        }
        return true
    }
}
