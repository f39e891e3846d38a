/// Points to a person.
public struct PersonReference: Sendable, Hashable {
    public var id: String
    /// Only where the source was asked to expand names.
    public var displayName: String?
    public var securityMarking: SecurityMarking?
}

extension PersonReference: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.displayName = try fields.text("displayName")
        self.securityMarking = fields.marking("securityMarking")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("displayName", self.displayName)
        fields.set("securityMarking", self.securityMarking)
        return fields.json
    }

    static let shape = RecordShape(of: PersonReference.self)
    static var fieldShape: FieldShape { .reference(.person) }
}
