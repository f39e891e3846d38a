/// An employee's duty at an organisation.
public struct Duty: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var person: PersonReference?
    public var assignmentRole: [AssignmentRole]?
    public var dutyAt: Reference
    public var dutyRole: DutyRole
    public var description: String?
    public var signature: String?
    public var dutyPercent: Int?
    public var hoursPerYear: Int?
    public var startDate: CalendarDate
    /// Inclusive.
    public var endDate: CalendarDate?
}

extension Duty: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.person = try fields.object("person")
        self.assignmentRole = try fields.list("assignmentRole")
        self.dutyAt = try fields.required("dutyAt", fields.reference("dutyAt", to: .organisation))
        self.dutyRole = try fields.required("dutyRole", fields.code("dutyRole"))
        self.description = try fields.text("description")
        self.signature = try fields.text("signature")
        self.dutyPercent = try fields.integer("dutyPercent")
        self.hoursPerYear = try fields.integer("hoursPerYear")
        self.startDate = try fields.required("startDate", fields.date("startDate"))
        self.endDate = try fields.date("endDate")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("person", self.person)
        fields.set("assignmentRole", self.assignmentRole)
        fields.set("dutyAt", self.dutyAt)
        fields.set("dutyRole", self.dutyRole)
        fields.set("description", self.description)
        fields.set("signature", self.signature)
        fields.set("dutyPercent", self.dutyPercent)
        fields.set("hoursPerYear", self.hoursPerYear)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        return fields.json
    }

    static let shape = RecordShape(of: Duty.self)
}

extension Duty {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .duty))
    }
}
