/// A person's identity number as the source has it; ``PersonalIdentityNumber`` reads its value.
public struct CivicNumber: Sendable, Hashable {
    public var value: String
    /// ISO 3166 alpha-2; absent means SE.
    public var nationality: String?
}

extension CivicNumber: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.value = try fields.required("value", fields.text("value"))
        self.nationality = try fields.text("nationality")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("value", self.value)
        fields.set("nationality", self.nationality)
        return fields.json
    }

    static let shape = RecordShape(of: CivicNumber.self)
}
