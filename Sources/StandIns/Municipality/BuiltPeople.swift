import SchoolRecords

/// Somebody in the municipality while it is being built, by where they stand in the builder's lists.
enum PersonIndex: Hashable {
    case child(Int)
    case staff(Int)
    case guardian(Int)
}

/// What every person has.
struct Identity {
    let id: String
    var given: String
    var middle: String?
    var family: String
    let isMan: Bool
    let birth: CalendarDay
    /// Which household's address they have; the staff's and guardians' households are numbered apart.
    var household: Int
    var marking = SecurityMarking.none
    /// One of a hundred: carries odd but legal data, of this sort.
    var oddity: Oddity?
}

/// Odd but legal data that a receiver must cope with.
enum Oddity: Int, CaseIterable {
    case middleName
    case longNames
    case accents
    case noSexNoContact
    case noBirthDate
    case endedEnrolment
    case futureEnrolment
    case foreignNumber
}

/// A child or pupil.
struct Child {
    var identity: Identity
    let school: Int
    /// 0 to 9 in compulsory school, 1 to 3 in upper-secondary school, 0 in preschool.
    let year: Int
    let educationCode: String?
    var guardians: [PersonIndex] = []
    /// Somebody responsible who is no guardian.
    var otherResponsible: PersonIndex?
}

/// A member of staff.
struct StaffMember {
    var identity: Identity
    var isGuardian = false
}

/// An employment of a member of staff at a school.
struct BuiltDuty {
    let staff: Int
    let school: Int
    let title: EmploymentTitle
    let percent: Int
    let start: CalendarDay
    let end: CalendarDay?
    var assignments: [(group: Int, role: String)] = []
}

/// A group with its members.
struct BuiltGroup {
    struct Member {
        let child: Int
        var start: CalendarDay?
        var end: CalendarDay?
    }

    let id: String
    let name: String
    let type: String
    let schoolType: String
    let school: Int
    let start: CalendarDay
    let end: CalendarDay?
    var members: [Member] = []
}

/// A child's place in a preschool or in after-school care.
struct BuiltPlacement {
    let child: Int
    let school: Int
    let group: Int
    let schoolType: String
    let start: CalendarDay
    let end: CalendarDay?
    let hours: Int?
}
