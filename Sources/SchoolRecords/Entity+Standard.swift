extension Entity {
    /// The entity's path in SS 12000's interface, e.g. `studyplans`; `nil` for the hub's own. Two of them are in the
    /// singular, and not all have capitals inside: so the standard writes them.
    public var standardPath: String? {
        switch self {
        case .organisation: "organisations"
        case .programme: "programmes"
        case .syllabus: "syllabuses"
        case .person: "persons"
        case .group: "groups"
        case .duty: "duties"
        case .placement: "placements"
        case .schoolUnitOffering: "schoolUnitOfferings"
        case .studyPlan: "studyplans"
        case .resource: "resources"
        case .room: "rooms"
        case .activity: "activities"
        case .calendarEvent: "calendarEvents"
        case .attendanceSchedule: "attendanceSchedule"
        case .attendanceEvent: "attendanceEvents"
        case .attendance: "attendances"
        case .absence: "absences"
        case .aggregatedAttendance: "aggregatedAttendance"
        case .grade: "grades"
        case .identityChange, .roleGrant, .accountStatus, .transportApplication, .transportEligibility, .transportDecision,
            .lessonReport, .notice, .employee, .registration, .contactRequest:
            nil
        }
    }
}
