/// A programme of upper-secondary or adult education, or a part of one.
public struct Programme: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var name: String
    public var type: ProgrammeType?
    public var parentProgramme: Reference?
    public var schoolType: SchoolType
    public var code: String?
    public var content: [ProgrammeContent]?
}

extension Programme: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.name = try fields.required("name", fields.text("name"))
        self.type = try fields.code("type")
        self.parentProgramme = try fields.reference("parentProgramme", to: .programme)
        self.schoolType = try fields.required("schoolType", fields.code("schoolType"))
        self.code = try fields.text("code")
        self.content = try fields.list("content")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("name", self.name)
        fields.set("type", self.type)
        fields.set("parentProgramme", self.parentProgramme)
        fields.set("schoolType", self.schoolType)
        fields.set("code", self.code)
        fields.set("content", self.content)
        return fields.json
    }

    static let shape = RecordShape(of: Programme.self)
}

extension Programme {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .programme))
    }
}
