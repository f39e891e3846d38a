/// An absence over a time, announced or granted.
public struct Absence: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var startTime: Moment
    public var endTime: Moment
    public var type: AbsenceType
    public var student: PersonReference
    public var organisation: Reference?
    public var registeredBy: PersonReference?
}

extension Absence: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.startTime = try fields.required("startTime", fields.moment("startTime"))
        self.endTime = try fields.required("endTime", fields.moment("endTime"))
        self.type = try fields.required("type", fields.code("type"))
        self.student = try fields.required("student", fields.object("student"))
        self.organisation = try fields.reference("organisation", to: .organisation)
        self.registeredBy = try fields.object("registeredBy")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("startTime", self.startTime)
        fields.set("endTime", self.endTime)
        fields.set("type", self.type)
        fields.set("student", self.student)
        fields.set("organisation", self.organisation)
        fields.set("registeredBy", self.registeredBy)
        return fields.json
    }

    static let shape = RecordShape(of: Absence.self)
}

extension Absence {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .absence))
    }
}
