/// A pupil's attendance in one activity over a time, summed up in minutes.
public struct AggregatedAttendance: Sendable, Hashable {
    /// The standard forgot it; without one activity, pupil and days make the id.
    public var id: String
    public var meta: RecordMeta?
    public var activity: Reference
    public var student: PersonReference
    public var startDate: CalendarDate
    /// Inclusive.
    public var endDate: CalendarDate
    public var attendanceSum: Int
    public var validAbsenceSum: Int?
    public var invalidAbsenceSum: Int?
    public var otherAttendanceSum: Int?
    public var reportedSum: Int?
    public var offeredSum: Int?
}

extension AggregatedAttendance: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.meta = try fields.object("meta")
        self.activity = try fields.required("activity", fields.reference("activity", to: .activity))
        self.student = try fields.required("student", fields.object("student"))
        self.startDate = try fields.required("startDate", fields.date("startDate"))
        self.endDate = try fields.required("endDate", fields.date("endDate"))
        let parts = [self.activity.id, self.student.id, self.startDate.description, self.endDate.description]
        self.id = try fields.required("id", fields.id("id") ?? parts.joined(separator: ":"))
        self.attendanceSum = try fields.required("attendanceSum", fields.integer("attendanceSum"))
        self.validAbsenceSum = try fields.integer("validAbsenceSum")
        self.invalidAbsenceSum = try fields.integer("invalidAbsenceSum")
        self.otherAttendanceSum = try fields.integer("otherAttendanceSum")
        self.reportedSum = try fields.integer("reportedSum")
        self.offeredSum = try fields.integer("offeredSum")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("activity", self.activity)
        fields.set("student", self.student)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        fields.set("attendanceSum", self.attendanceSum)
        fields.set("validAbsenceSum", self.validAbsenceSum)
        fields.set("invalidAbsenceSum", self.invalidAbsenceSum)
        fields.set("otherAttendanceSum", self.otherAttendanceSum)
        fields.set("reportedSum", self.reportedSum)
        fields.set("offeredSum", self.offeredSum)
        return fields.json
    }

    static let shape = RecordShape(of: AggregatedAttendance.self)
}

extension AggregatedAttendance {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .aggregatedAttendance))
    }
}
