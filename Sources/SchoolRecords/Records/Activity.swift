/// Teaching or something else that groups and teachers do together; what the timetable is made of.
public struct Activity: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var displayName: String
    /// Whether it shall stand in a timetable.
    public var calendarEventsRequired: Bool?
    public var startDate: CalendarDate
    /// Inclusive.
    public var endDate: CalendarDate?
    public var activityType: ActivityType?
    public var comment: String?
    public var minutesPlanned: Int?
    public var groups: [Reference]
    public var teachers: [DutyAssignment]?
    public var syllabus: Reference?
    public var organisation: Reference
    public var parentActivity: Reference?
}

extension Activity: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.displayName = try fields.required("displayName", fields.text("displayName"))
        self.calendarEventsRequired = try fields.boolean("calendarEventsRequired")
        self.startDate = try fields.required("startDate", fields.date("startDate"))
        self.endDate = try fields.date("endDate")
        self.activityType = try fields.code("activityType")
        self.comment = try fields.text("comment")
        self.minutesPlanned = try fields.integer("minutesPlanned")
        self.groups = try fields.required("groups", fields.references("groups", to: .group))
        self.teachers = try fields.list("teachers")
        self.syllabus = try fields.reference("syllabus", to: .syllabus)
        self.organisation = try fields.required("organisation", fields.reference("organisation", to: .organisation))
        self.parentActivity = try fields.reference("parentActivity", to: .activity)
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("displayName", self.displayName)
        fields.set("calendarEventsRequired", self.calendarEventsRequired)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        fields.set("activityType", self.activityType)
        fields.set("comment", self.comment)
        fields.set("minutesPlanned", self.minutesPlanned)
        fields.set("groups", self.groups)
        fields.set("teachers", self.teachers)
        fields.set("syllabus", self.syllabus)
        fields.set("organisation", self.organisation)
        fields.set("parentActivity", self.parentActivity)
        return fields.json
    }

    static let shape = RecordShape(of: Activity.self)
}

extension Activity {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .activity))
    }
}
