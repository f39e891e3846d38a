/// A child came to or left preschool or after-school care.
public struct AttendanceEvent: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var time: Moment
    public var eventType: AttendanceEventType
    /// Version 2.0.0 also calls it `child`.
    public var person: PersonReference
    public var registeredBy: PersonReference?
    public var group: Reference?
}

extension AttendanceEvent: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        let fields = fields.reading("child", as: "person")
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.time = try fields.required("time", fields.moment("time"))
        self.eventType = try fields.required("eventType", fields.code("eventType"))
        self.person = try fields.required("person", fields.object("person"))
        self.registeredBy = try fields.object("registeredBy")
        self.group = try fields.reference("group", to: .group)
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("time", self.time)
        fields.set("eventType", self.eventType)
        fields.set("person", self.person)
        fields.set("registeredBy", self.registeredBy)
        fields.set("group", self.group)
        return fields.json
    }

    static let shape = RecordShape(of: AttendanceEvent.self)
}

extension AttendanceEvent {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .attendanceEvent))
    }
}
