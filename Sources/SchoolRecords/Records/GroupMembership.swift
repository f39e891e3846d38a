/// A person's time in a group.
public struct GroupMembership: Sendable, Hashable {
    public var person: PersonReference
    public var startDate: CalendarDate?
    /// Inclusive.
    public var endDate: CalendarDate?
}

extension GroupMembership: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.person = try fields.required("person", fields.object("person"))
        self.startDate = try fields.date("startDate")
        self.endDate = try fields.date("endDate")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("person", self.person)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        return fields.json
    }

    static let shape = RecordShape(of: GroupMembership.self)
}
