/// A pupil who is not with the groups of a lesson, or is without being in them.
public struct StudentException: Sendable, Hashable {
    public var student: PersonReference
    public var participates: Bool
    public var startTime: Moment?
    public var endTime: Moment?
    /// Minutes.
    public var teachingLength: Int?
}

extension StudentException: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.student = try fields.required("student", fields.object("student"))
        self.participates = try fields.required("participates", fields.boolean("participates"))
        self.startTime = try fields.moment("startTime")
        self.endTime = try fields.moment("endTime")
        self.teachingLength = try fields.integer("teachingLength")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("student", self.student)
        fields.set("participates", self.participates)
        fields.set("startTime", self.startTime)
        fields.set("endTime", self.endTime)
        fields.set("teachingLength", self.teachingLength)
        return fields.json
    }

    static let shape = RecordShape(of: StudentException.self)
}
