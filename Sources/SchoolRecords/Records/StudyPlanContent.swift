/// A part of a study plan.
public struct StudyPlanContent: Sendable, Hashable {
    public var title: String?
    public var type: StudyPlanContentType?
    public var points: Int?
    public var syllabuses: [StudyPlanSyllabus]
}

extension StudyPlanContent: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.title = try fields.text("title")
        self.type = try fields.code("type")
        self.points = try fields.integer("points")
        self.syllabuses = try fields.required("syllabuses", fields.list("syllabuses"))
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("title", self.title)
        fields.set("type", self.type)
        fields.set("points", self.points)
        fields.set("syllabuses", self.syllabuses)
        return fields.json
    }

    static let shape = RecordShape(of: StudyPlanContent.self)
}
