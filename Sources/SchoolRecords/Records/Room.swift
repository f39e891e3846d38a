/// A room that lessons are held in.
public struct Room: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var displayName: String
    public var seats: Int?
    public var owner: Reference
}

extension Room: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.displayName = try fields.required("displayName", fields.text("displayName"))
        self.seats = try fields.integer("seats")
        self.owner = try fields.required("owner", fields.reference("owner", to: .organisation))
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("displayName", self.displayName)
        fields.set("seats", self.seats)
        fields.set("owner", self.owner)
        return fields.json
    }

    static let shape = RecordShape(of: Room.self)
}

extension Room {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .room))
    }
}
