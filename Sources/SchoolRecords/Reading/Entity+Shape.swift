extension Entity {
    /// The fields of this entity's records.
    public var shape: RecordShape {
        switch self {
        case .organisation: Organisation.shape
        case .programme: Programme.shape
        case .syllabus: Syllabus.shape
        case .person: Person.shape
        case .group: Group.shape
        case .duty: Duty.shape
        case .placement: Placement.shape
        case .schoolUnitOffering: SchoolUnitOffering.shape
        case .studyPlan: StudyPlan.shape
        case .resource: Resource.shape
        case .room: Room.shape
        case .activity: Activity.shape
        case .calendarEvent: CalendarEvent.shape
        case .attendanceSchedule: AttendanceSchedule.shape
        case .attendanceEvent: AttendanceEvent.shape
        case .attendance: Attendance.shape
        case .absence: Absence.shape
        case .aggregatedAttendance: AggregatedAttendance.shape
        case .grade: Grade.shape
        case .identityChange: IdentityChange.shape
        case .roleGrant: RoleGrant.shape
        case .accountStatus: AccountStatus.shape
        case .transportApplication: TransportApplication.shape
        case .transportEligibility: TransportEligibility.shape
        case .transportDecision: TransportDecision.shape
        case .lessonReport: LessonReport.shape
        case .notice: Notice.shape
        }
    }
}
