/// What holds for records of any kind.
public enum SchoolRecord {
    /// Checks a record and brings it to its normal form: known fields only, ids and codes in one spelling.
    ///
    /// Normalising what is normal changes nothing.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public static func validate(_ entity: Entity, _ json: JSONValue) throws(RecordError) -> JSONValue {
        try entity.part.init(FieldReader(json, entity: entity)).json
    }

    /// The person whom a record is about: the person itself, who has the duty, the child of the placement, the pupil
    /// of the absence. `nil` for what is about nobody in particular, and for a duty that nobody holds.
    public static func subject(_ entity: Entity, _ json: JSONValue) -> RecordKey? {
        let id: JSONValue? =
            switch entity {
            case .person: json["id"]
            case .duty, .attendanceEvent, .identityChange, .roleGrant, .accountStatus, .notice, .employee,
                .registration:
                json["person"]?["id"]
            case .placement, .transportApplication, .transportEligibility, .transportDecision: json["child"]?["id"]
            case .studyPlan, .attendance, .absence, .aggregatedAttendance, .grade: json["student"]?["id"]
            case .organisation, .programme, .syllabus, .group, .schoolUnitOffering, .resource, .room, .activity, .calendarEvent,
                .attendanceSchedule, .lessonReport, .contactRequest:
                nil
            }
        return id?.stringValue.map { RecordKey(.person, $0) }
    }

    /// The entities whose records name no person but are about one through another record.
    public static let carried: Set<Entity> = [.attendanceSchedule]

    /// The entities of the records through which others are about a person.
    public static let carriers: Set<Entity> = [.placement]

    /// The record through which a record that names no person is about one: a stay schedule's placement.
    public static func carrier(_ entity: Entity, _ json: @autoclosure () throws -> JSONValue) rethrows -> RecordKey? {
        guard self.carried.contains(entity) else { return nil }
        return try json()["placement"]?["id"]?.stringValue.map { RecordKey(.placement, $0) }
    }
}
