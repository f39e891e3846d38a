/// What a specialisation course of a school's own is about.
public struct SpecialisationCourseContent: Sendable, Hashable {
    public var title: String
    public var description: String?
    public var titleEnglish: String?
    public var descriptionEnglish: String?
}

extension SpecialisationCourseContent: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        let fields = fields.reading("titleEngish", as: "titleEnglish")
        self.title = try fields.required("title", fields.text("title"))
        self.description = try fields.text("description")
        self.titleEnglish = try fields.text("titleEnglish")
        self.descriptionEnglish = try fields.text("descriptionEnglish")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("title", self.title)
        fields.set("description", self.description)
        fields.set("titleEnglish", self.titleEnglish)
        fields.set("descriptionEnglish", self.descriptionEnglish)
        return fields.json
    }

    static let shape = RecordShape(of: SpecialisationCourseContent.self)
}
