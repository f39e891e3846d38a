/// Who is responsible for a child, and how.
public struct Responsible: Sendable, Hashable {
    public var person: PersonReference?
    public var relationType: RelationType?
}

extension Responsible: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.person = try fields.object("person")
        self.relationType = try fields.code("relationType")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("person", self.person)
        fields.set("relationType", self.relationType)
        return fields.json
    }

    static let shape = RecordShape(of: Responsible.self)
}
