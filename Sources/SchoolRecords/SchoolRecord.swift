/// A record of any kind, typed.
public enum SchoolRecord: Sendable, Hashable {
    case organisation(Organisation)
    case programme(Programme)
    case syllabus(Syllabus)
    case person(Person)
    case group(Group)
    case duty(Duty)
    case placement(Placement)
    case schoolUnitOffering(SchoolUnitOffering)
    case studyPlan(StudyPlan)
    case resource(Resource)
    case room(Room)
    case activity(Activity)
    case calendarEvent(CalendarEvent)
    case attendanceSchedule(AttendanceSchedule)
    case attendanceEvent(AttendanceEvent)
    case attendance(Attendance)
    case absence(Absence)
    case aggregatedAttendance(AggregatedAttendance)
    case grade(Grade)
    case identityChange(IdentityChange)
    case roleGrant(RoleGrant)
    case accountStatus(AccountStatus)
    case transportApplication(TransportApplication)
    case transportEligibility(TransportEligibility)
    case transportDecision(TransportDecision)
    case lessonReport(LessonReport)
    case notice(Notice)

    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(_ entity: Entity, json: JSONValue) throws(RecordError) {
        switch entity {
        case .organisation: self = .organisation(try Organisation(json: json))
        case .programme: self = .programme(try Programme(json: json))
        case .syllabus: self = .syllabus(try Syllabus(json: json))
        case .person: self = .person(try Person(json: json))
        case .group: self = .group(try Group(json: json))
        case .duty: self = .duty(try Duty(json: json))
        case .placement: self = .placement(try Placement(json: json))
        case .schoolUnitOffering: self = .schoolUnitOffering(try SchoolUnitOffering(json: json))
        case .studyPlan: self = .studyPlan(try StudyPlan(json: json))
        case .resource: self = .resource(try Resource(json: json))
        case .room: self = .room(try Room(json: json))
        case .activity: self = .activity(try Activity(json: json))
        case .calendarEvent: self = .calendarEvent(try CalendarEvent(json: json))
        case .attendanceSchedule: self = .attendanceSchedule(try AttendanceSchedule(json: json))
        case .attendanceEvent: self = .attendanceEvent(try AttendanceEvent(json: json))
        case .attendance: self = .attendance(try Attendance(json: json))
        case .absence: self = .absence(try Absence(json: json))
        case .aggregatedAttendance: self = .aggregatedAttendance(try AggregatedAttendance(json: json))
        case .grade: self = .grade(try Grade(json: json))
        case .identityChange: self = .identityChange(try IdentityChange(json: json))
        case .roleGrant: self = .roleGrant(try RoleGrant(json: json))
        case .accountStatus: self = .accountStatus(try AccountStatus(json: json))
        case .transportApplication: self = .transportApplication(try TransportApplication(json: json))
        case .transportEligibility: self = .transportEligibility(try TransportEligibility(json: json))
        case .transportDecision: self = .transportDecision(try TransportDecision(json: json))
        case .lessonReport: self = .lessonReport(try LessonReport(json: json))
        case .notice: self = .notice(try Notice(json: json))
        }
    }

    /// The record in SS 12000's JSON, in its normal form.
    public var json: JSONValue {
        switch self {
        case .organisation(let record): record.json
        case .programme(let record): record.json
        case .syllabus(let record): record.json
        case .person(let record): record.json
        case .group(let record): record.json
        case .duty(let record): record.json
        case .placement(let record): record.json
        case .schoolUnitOffering(let record): record.json
        case .studyPlan(let record): record.json
        case .resource(let record): record.json
        case .room(let record): record.json
        case .activity(let record): record.json
        case .calendarEvent(let record): record.json
        case .attendanceSchedule(let record): record.json
        case .attendanceEvent(let record): record.json
        case .attendance(let record): record.json
        case .absence(let record): record.json
        case .aggregatedAttendance(let record): record.json
        case .grade(let record): record.json
        case .identityChange(let record): record.json
        case .roleGrant(let record): record.json
        case .accountStatus(let record): record.json
        case .transportApplication(let record): record.json
        case .transportEligibility(let record): record.json
        case .transportDecision(let record): record.json
        case .lessonReport(let record): record.json
        case .notice(let record): record.json
        }
    }
}

extension SchoolRecord {
    /// Checks a record and brings it to its normal form: known fields only, ids and codes in one spelling.
    ///
    /// Normalising what is normal changes nothing.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public static func validate(_ entity: Entity, _ json: JSONValue) throws(RecordError) -> JSONValue {
        try SchoolRecord(entity, json: json).json
    }

    /// The person whom a record is about: the person itself, who has the duty, the child of the placement, the pupil
    /// of the absence. `nil` for what is about nobody in particular, and for a duty that nobody holds.
    public static func subject(_ entity: Entity, _ json: JSONValue) -> RecordKey? {
        let id: JSONValue? =
            switch entity {
            case .person: json["id"]
            case .duty, .attendanceEvent, .identityChange, .roleGrant, .accountStatus, .notice: json["person"]?["id"]
            case .placement, .transportApplication, .transportEligibility, .transportDecision: json["child"]?["id"]
            case .studyPlan, .attendance, .absence, .aggregatedAttendance, .grade: json["student"]?["id"]
            case .organisation, .programme, .syllabus, .group, .schoolUnitOffering, .resource, .room, .activity, .calendarEvent,
                .attendanceSchedule, .lessonReport:
                nil
            }
        return id?.stringValue.map { RecordKey(.person, $0) }
    }
}
