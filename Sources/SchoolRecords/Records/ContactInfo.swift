/// A contact text of an organisation.
public struct ContactInfo: Sendable, Hashable {
    public var infoType: ContactInfoType?
    public var info: String?
}

extension ContactInfo: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.infoType = try fields.code("infoType")
        self.info = try fields.text("info")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("infoType", self.infoType)
        fields.set("info", self.info)
        return fields.json
    }

    static let shape = RecordShape(of: ContactInfo.self)
}
