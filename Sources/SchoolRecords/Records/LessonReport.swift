/// The hub's own: how many of a unit's scheduled lessons were reported in a time, usually a month.
public struct LessonReport: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    /// The school unit.
    public var organisation: Reference
    public var schoolType: SchoolType?
    public var group: Reference?
    public var startDate: CalendarDate
    /// Inclusive.
    public var endDate: CalendarDate
    public var scheduledLessons: Int
    public var reportedLessons: Int
}

extension LessonReport: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.organisation = try fields.required("organisation", fields.reference("organisation", to: .organisation))
        self.schoolType = try fields.code("schoolType")
        self.group = try fields.reference("group", to: .group)
        self.startDate = try fields.required("startDate", fields.date("startDate"))
        self.endDate = try fields.required("endDate", fields.date("endDate"))
        self.scheduledLessons = try fields.required("scheduledLessons", fields.integer("scheduledLessons", in: 0...10_000_000))
        self.reportedLessons = try fields.required("reportedLessons", fields.integer("reportedLessons", in: 0...10_000_000))
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("organisation", self.organisation)
        fields.set("schoolType", self.schoolType)
        fields.set("group", self.group)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        fields.set("scheduledLessons", self.scheduledLessons)
        fields.set("reportedLessons", self.reportedLessons)
        return fields.json
    }

    static let shape = RecordShape(of: LessonReport.self)
}

extension LessonReport {
    /// Reads a record of the hub's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .lessonReport))
    }
}
