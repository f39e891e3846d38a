/// A course in a study plan.
public struct StudyPlanSyllabus: Sendable, Hashable {
    public var syllabus: Reference
    public var note: String?
    public var startDate: CalendarDate?
    /// Inclusive.
    public var endDate: CalendarDate?
    public var hours: Int?
}

extension StudyPlanSyllabus: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.syllabus = try fields.required("syllabus", fields.reference("syllabus", to: .syllabus))
        self.note = try fields.text("note")
        self.startDate = try fields.date("startDate")
        self.endDate = try fields.date("endDate")
        self.hours = try fields.integer("hours")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("syllabus", self.syllabus)
        fields.set("note", self.note)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        fields.set("hours", self.hours)
        return fields.json
    }

    static let shape = RecordShape(of: StudyPlanSyllabus.self)
}
