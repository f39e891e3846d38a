/// A pupil's attendance at one lesson, in minutes.
public struct Attendance: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var calendarEvent: Reference
    public var student: PersonReference
    public var reporter: PersonReference?
    public var isReported: Bool
    public var attendanceMinutes: Int?
    public var validAbsenceMinutes: Int?
    public var invalidAbsenceMinutes: Int?
    public var otherAttendanceMinutes: Int?
    public var absenceReason: String?
    public var reportedTimestamp: Moment?
}

extension Attendance: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.calendarEvent = try fields.required("calendarEvent", fields.reference("calendarEvent", to: .calendarEvent))
        self.student = try fields.required("student", fields.object("student"))
        self.reporter = try fields.object("reporter")
        self.isReported = try fields.required("isReported", fields.boolean("isReported"))
        self.attendanceMinutes = try fields.integer("attendanceMinutes")
        self.validAbsenceMinutes = try fields.integer("validAbsenceMinutes")
        self.invalidAbsenceMinutes = try fields.integer("invalidAbsenceMinutes")
        self.otherAttendanceMinutes = try fields.integer("otherAttendanceMinutes")
        self.absenceReason = try fields.text("absenceReason")
        self.reportedTimestamp = try fields.moment("reportedTimestamp")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("calendarEvent", self.calendarEvent)
        fields.set("student", self.student)
        fields.set("reporter", self.reporter)
        fields.set("isReported", self.isReported)
        fields.set("attendanceMinutes", self.attendanceMinutes)
        fields.set("validAbsenceMinutes", self.validAbsenceMinutes)
        fields.set("invalidAbsenceMinutes", self.invalidAbsenceMinutes)
        fields.set("otherAttendanceMinutes", self.otherAttendanceMinutes)
        fields.set("absenceReason", self.absenceReason)
        fields.set("reportedTimestamp", self.reportedTimestamp)
        return fields.json
    }

    static let shape = RecordShape(of: Attendance.self)
}

extension Attendance {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .attendance))
    }
}
