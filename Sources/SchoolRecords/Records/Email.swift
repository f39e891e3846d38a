/// A person's mailbox.
public struct Email: Sendable, Hashable {
    public var value: String
    public var type: EmailType?
}

extension Email: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.value = try fields.required("value", fields.text("value"))
        self.type = try fields.code("type")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("value", self.value)
        fields.set("type", self.type)
        return fields.json
    }

    static let shape = RecordShape(of: Email.self)
}
