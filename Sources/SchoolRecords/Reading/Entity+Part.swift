extension Entity {
    /// The type of this entity's records.
    var part: any RecordPart.Type {
        switch self {
        case .organisation: Organisation.self
        case .programme: Programme.self
        case .syllabus: Syllabus.self
        case .person: Person.self
        case .group: Group.self
        case .duty: Duty.self
        case .placement: Placement.self
        case .schoolUnitOffering: SchoolUnitOffering.self
        case .studyPlan: StudyPlan.self
        case .resource: Resource.self
        case .room: Room.self
        case .activity: Activity.self
        case .calendarEvent: CalendarEvent.self
        case .attendanceSchedule: AttendanceSchedule.self
        case .attendanceEvent: AttendanceEvent.self
        case .attendance: Attendance.self
        case .absence: Absence.self
        case .aggregatedAttendance: AggregatedAttendance.self
        case .grade: Grade.self
        case .identityChange: IdentityChange.self
        case .roleGrant: RoleGrant.self
        case .accountStatus: AccountStatus.self
        case .transportApplication: TransportApplication.self
        case .transportEligibility: TransportEligibility.self
        case .transportDecision: TransportDecision.self
        case .lessonReport: LessonReport.self
        case .notice: Notice.self
        case .employee: Employee.self
        case .registration: Registration.self
        case .contactRequest: ContactRequest.self
        }
    }

    /// The fields of this entity's records.
    public var shape: RecordShape { self.part.shape }
}
