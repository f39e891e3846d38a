/// A part of a programme with its courses.
public struct ProgrammeContent: Sendable, Hashable {
    public var type: ProgrammeContentType
    public var points: Int?
    public var content: [Reference]?
}

extension ProgrammeContent: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.type = try fields.required("type", fields.code("type"))
        self.points = try fields.integer("points")
        self.content = try fields.references("content", to: .syllabus)
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("type", self.type)
        fields.set("points", self.points)
        fields.set("content", self.content)
        return fields.json
    }

    static let shape = RecordShape(of: ProgrammeContent.self)
}
