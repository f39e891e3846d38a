/// A person's id in another system.
public struct ExternalIdentifier: Sendable, Hashable {
    public var value: String
    public var context: String
    public var globallyUnique: Bool?
}

extension ExternalIdentifier: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.value = try fields.required("value", fields.text("value"))
        self.context = try fields.required("context", fields.text("context"))
        self.globallyUnique = try fields.boolean("globallyUnique")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("value", self.value)
        fields.set("context", self.context)
        fields.set("globallyUnique", self.globallyUnique)
        return fields.json
    }

    static let shape = RecordShape(of: ExternalIdentifier.self)
}
