/// A pupil's enrolment at a school unit.
public struct Enrolment: Sendable, Hashable {
    /// Always a Skolenhet.
    public var enroledAt: Reference
    /// 0 (preschool class) to 10.
    public var schoolYear: Int?
    public var schoolType: SchoolType
    public var startDate: CalendarDate
    /// Inclusive.
    public var endDate: CalendarDate?
    public var cancelled: Bool?
    public var educationCode: String?
    public var programme: Reference?
    public var specification: String?
}

extension Enrolment: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.enroledAt = try fields.required("enroledAt", fields.reference("enroledAt", to: .organisation))
        self.schoolYear = try fields.schoolYear("schoolYear")
        self.schoolType = try fields.required("schoolType", fields.code("schoolType"))
        self.startDate = try fields.required("startDate", fields.date("startDate"))
        self.endDate = try fields.date("endDate")
        self.cancelled = try fields.boolean("cancelled")
        self.educationCode = try fields.text("educationCode")
        self.programme = try fields.reference("programme", to: .programme)
        self.specification = try fields.text("specification")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("enroledAt", self.enroledAt)
        fields.set("schoolYear", self.schoolYear)
        fields.set("schoolType", self.schoolType)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        fields.set("cancelled", self.cancelled)
        fields.set("educationCode", self.educationCode)
        fields.set("programme", self.programme)
        fields.set("specification", self.specification)
        return fields.json
    }

    static let shape = RecordShape(of: Enrolment.self)
}
