/// A stay on one day of a schedule's weeks.
public struct AttendanceScheduleEntry: Sendable, Hashable {
    /// 0 for the first week.
    public var weekOffset: Int
    public var dayOfWeek: Weekday
    public var startTime: TimeOfDay
    /// Earlier than the start when the stay goes past midnight.
    public var endTime: TimeOfDay
}

extension AttendanceScheduleEntry: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.weekOffset = try fields.required("weekOffset", fields.integer("weekOffset"))
        self.dayOfWeek = try fields.required("dayOfWeek", fields.code("dayOfWeek"))
        self.startTime = try fields.required("startTime", fields.timeOfDay("startTime"))
        // Version 2.0.0 has the stay's minutes instead of its end.
        let length = fields.recorder == nil ? try fields.integer("length") : nil
        let start = self.startTime.minutes
        let end = length.flatMap { TimeOfDay(minutes: (start + $0 % 1440) % 1440) }
        self.endTime = try fields.required("endTime", fields.timeOfDay("endTime") ?? end)
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("weekOffset", self.weekOffset)
        fields.set("dayOfWeek", self.dayOfWeek)
        fields.set("startTime", self.startTime)
        fields.set("endTime", self.endTime)
        return fields.json
    }

    static let shape = RecordShape(of: AttendanceScheduleEntry.self)
}
