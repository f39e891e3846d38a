/// A note in a study plan.
public struct StudyPlanNote: Sendable, Hashable {
    public var type: StudyPlanNoteType
    public var note: String
}

extension StudyPlanNote: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.type = try fields.required("type", fields.code("type"))
        self.note = try fields.required("note", fields.text("note"))
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("type", self.type)
        fields.set("note", self.note)
        return fields.json
    }

    static let shape = RecordShape(of: StudyPlanNote.self)
}
