/// When the source made and last changed a record.
public struct RecordMeta: Sendable, Hashable {
    /// RFC 3339, as the source wrote it.
    public var created: String?
    /// RFC 3339, as the source wrote it.
    public var modified: String?
}

extension RecordMeta: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.created = try fields.text("created")
        self.modified = try fields.text("modified")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("created", self.created)
        fields.set("modified", self.modified)
        return fields.json
    }

    static let shape = RecordShape(of: RecordMeta.self)
}
