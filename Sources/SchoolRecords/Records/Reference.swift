/// Points to another record.
public struct Reference: Sendable, Hashable {
    public var id: String
    /// Only where the source was asked to expand names.
    public var displayName: String?
}

extension Reference: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.displayName = try fields.text("displayName")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("displayName", self.displayName)
        return fields.json
    }

    static let shape = RecordShape(of: Reference.self)
}
