/// A teacher who is not at a lesson, or is instead of another.
public struct TeacherException: Sendable, Hashable {
    public var duty: Reference
    public var participates: Bool
    public var startTime: Moment?
    public var endTime: Moment?
    /// Minutes.
    public var teachingLength: Int?
}

extension TeacherException: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.duty = try fields.required("duty", fields.reference("duty", to: .duty))
        self.participates = try fields.required("participates", fields.boolean("participates"))
        self.startTime = try fields.moment("startTime")
        self.endTime = try fields.moment("endTime")
        self.teachingLength = try fields.integer("teachingLength")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("duty", self.duty)
        fields.set("participates", self.participates)
        fields.set("startTime", self.startTime)
        fields.set("endTime", self.endTime)
        fields.set("teachingLength", self.teachingLength)
        return fields.json
    }

    static let shape = RecordShape(of: TeacherException.self)
}
