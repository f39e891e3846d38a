/// What a pupil is to study.
public struct StudyPlan: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var student: PersonReference
    public var content: [StudyPlanContent]?
    public var notes: [StudyPlanNote]?
    public var startDate: CalendarDate
    /// Inclusive.
    public var endDate: CalendarDate?
}

extension StudyPlan: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.student = try fields.required("student", fields.object("student"))
        self.content = try fields.list("content")
        self.notes = try fields.list("notes")
        self.startDate = try fields.required("startDate", fields.date("startDate"))
        self.endDate = try fields.date("endDate")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("student", self.student)
        fields.set("content", self.content)
        fields.set("notes", self.notes)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        return fields.json
    }

    static let shape = RecordShape(of: StudyPlan.self)
}

extension StudyPlan {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .studyPlan))
    }
}
