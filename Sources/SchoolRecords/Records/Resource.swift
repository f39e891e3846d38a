/// Something that a lesson can need, other than a room.
public struct Resource: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var displayName: String
    public var description: String?
    public var owner: Reference
}

extension Resource: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.displayName = try fields.required("displayName", fields.text("displayName"))
        self.description = try fields.text("description")
        self.owner = try fields.required("owner", fields.reference("owner", to: .organisation))
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("displayName", self.displayName)
        fields.set("description", self.description)
        fields.set("owner", self.owner)
        return fields.json
    }

    static let shape = RecordShape(of: Resource.self)
}

extension Resource {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .resource))
    }
}
