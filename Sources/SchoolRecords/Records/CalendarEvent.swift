/// A lesson: an activity at a time in a place.
public struct CalendarEvent: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var activity: Reference
    public var startTime: Moment
    public var endTime: Moment
    public var cancelled: Bool?
    /// Minutes.
    public var teachingLengthTeacher: Int?
    /// Minutes.
    public var teachingLengthStudent: Int?
    public var comment: String?
    public var studentExceptions: [StudentException]?
    public var teacherExceptions: [TeacherException]?
    public var rooms: [Reference]?
    public var resources: [Reference]?
}

extension CalendarEvent: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.activity = try fields.required("activity", fields.reference("activity", to: .activity))
        self.startTime = try fields.required("startTime", fields.moment("startTime"))
        self.endTime = try fields.required("endTime", fields.moment("endTime"))
        self.cancelled = try fields.boolean("cancelled")
        self.teachingLengthTeacher = try fields.integer("teachingLengthTeacher")
        self.teachingLengthStudent = try fields.integer("teachingLengthStudent")
        self.comment = try fields.text("comment")
        self.studentExceptions = try fields.list("studentExceptions")
        self.teacherExceptions = try fields.list("teacherExceptions")
        self.rooms = try fields.references("rooms", to: .room)
        self.resources = try fields.references("resources", to: .resource)
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("activity", self.activity)
        fields.set("startTime", self.startTime)
        fields.set("endTime", self.endTime)
        fields.set("cancelled", self.cancelled)
        fields.set("teachingLengthTeacher", self.teachingLengthTeacher)
        fields.set("teachingLengthStudent", self.teachingLengthStudent)
        fields.set("comment", self.comment)
        fields.set("studentExceptions", self.studentExceptions)
        fields.set("teacherExceptions", self.teacherExceptions)
        fields.set("rooms", self.rooms)
        fields.set("resources", self.resources)
        return fields.json
    }

    static let shape = RecordShape(of: CalendarEvent.self)
}

extension CalendarEvent {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .calendarEvent))
    }
}
