/// When a child is to be at preschool or in after-school care: times that come back every so many weeks.
public struct AttendanceSchedule: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var placement: Reference
    /// After how many weeks the entries begin anew.
    public var numberOfWeeks: Int
    public var startDate: CalendarDate
    /// Inclusive.
    public var endDate: CalendarDate?
    /// Whether it stands in for another schedule during its time.
    public var temporary: Bool?
    /// Its history; the last registered is what holds.
    public var state: [AttendanceScheduleState]?
    /// The standard requires them by the name `scheduleDays`, which it doesn't define.
    public var scheduleEntries: [AttendanceScheduleEntry]?
}

extension AttendanceSchedule: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        let fields = fields.reading("scheduleDays", as: "scheduleEntries")
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.placement = try fields.required("placement", fields.reference("placement", to: .placement))
        self.numberOfWeeks = try fields.required("numberOfWeeks", fields.integer("numberOfWeeks"))
        self.startDate = try fields.required("startDate", fields.date("startDate"))
        self.endDate = try fields.date("endDate")
        self.temporary = try fields.boolean("temporary")
        self.state = try fields.list("state")
        self.scheduleEntries = try fields.list("scheduleEntries")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("placement", self.placement)
        fields.set("numberOfWeeks", self.numberOfWeeks)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        fields.set("temporary", self.temporary)
        fields.set("state", self.state)
        fields.set("scheduleEntries", self.scheduleEntries)
        return fields.json
    }

    static let shape = RecordShape(of: AttendanceSchedule.self)
}

extension AttendanceSchedule {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .attendanceSchedule))
    }
}
