/// A class, a department, a teaching group.
public struct Group: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var displayName: String
    public var startDate: CalendarDate
    /// Inclusive.
    public var endDate: CalendarDate?
    public var groupType: GroupType
    public var schoolType: SchoolType?
    public var organisation: Reference
    public var groupMemberships: [GroupMembership]?
}

extension Group: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.displayName = try fields.required("displayName", fields.text("displayName"))
        self.startDate = try fields.required("startDate", fields.date("startDate"))
        self.endDate = try fields.date("endDate")
        self.groupType = try fields.required("groupType", fields.code("groupType"))
        self.schoolType = try fields.code("schoolType")
        self.organisation = try fields.required("organisation", fields.reference("organisation", to: .organisation))
        self.groupMemberships = try fields.list("groupMemberships")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("displayName", self.displayName)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        fields.set("groupType", self.groupType)
        fields.set("schoolType", self.schoolType)
        fields.set("organisation", self.organisation)
        fields.set("groupMemberships", self.groupMemberships)
        return fields.json
    }

    static let shape = RecordShape(of: Group.self)
}

extension Group {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .group))
    }
}
