/// A person's telephone number.
public struct PhoneNumber: Sendable, Hashable {
    public var value: String
    public var type: PhoneNumberType?
    public var mobile: Bool?
}

extension PhoneNumber: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.value = try fields.required("value", fields.text("value"))
        self.type = try fields.code("type")
        self.mobile = try fields.boolean("mobile")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("value", self.value)
        fields.set("type", self.type)
        fields.set("mobile", self.mobile)
        return fields.json
    }

    static let shape = RecordShape(of: PhoneNumber.self)
}
