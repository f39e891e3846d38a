/// A step in the life of a stay schedule.
public struct AttendanceScheduleState: Sendable, Hashable {
    public var state: AttendanceScheduleStateType
    public var registeredAt: Moment
    public var comment: String?
    public var registeredBy: PersonReference?
}

extension AttendanceScheduleState: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.state = try fields.required("state", fields.code("state"))
        self.registeredAt = try fields.required("registeredAt", fields.moment("registeredAt"))
        self.comment = try fields.text("comment")
        self.registeredBy = try fields.object("registeredBy")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("state", self.state)
        fields.set("registeredAt", self.registeredAt)
        fields.set("comment", self.comment)
        fields.set("registeredBy", self.registeredBy)
        return fields.json
    }

    static let shape = RecordShape(of: AttendanceScheduleState.self)
}
