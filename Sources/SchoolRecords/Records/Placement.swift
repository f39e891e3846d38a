/// A child's place at a preschool or in after-school care.
public struct Placement: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var placedAt: Reference
    public var group: Reference?
    public var child: PersonReference
    /// Who holds the place.
    public var owners: [PersonReference]?
    public var schoolType: PlacementSchoolType
    public var startDate: CalendarDate
    /// Inclusive.
    public var endDate: CalendarDate?
    public var reason: PlacementReason?
    public var maxWeeklyScheduleHours: Int?
}

extension Placement: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.placedAt = try fields.required("placedAt", fields.reference("placedAt", to: .organisation))
        self.group = try fields.reference("group", to: .group)
        self.child = try fields.required("child", fields.object("child"))
        self.owners = try fields.list("owners")
        self.schoolType = try fields.required("schoolType", fields.code("schoolType"))
        self.startDate = try fields.required("startDate", fields.date("startDate"))
        self.endDate = try fields.date("endDate")
        self.reason = try fields.code("reason")
        self.maxWeeklyScheduleHours = try fields.integer("maxWeeklyScheduleHours")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("placedAt", self.placedAt)
        fields.set("group", self.group)
        fields.set("child", self.child)
        fields.set("owners", self.owners)
        fields.set("schoolType", self.schoolType)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        fields.set("reason", self.reason)
        fields.set("maxWeeklyScheduleHours", self.maxWeeklyScheduleHours)
        return fields.json
    }

    static let shape = RecordShape(of: Placement.self)
}

extension Placement {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .placement))
    }
}
