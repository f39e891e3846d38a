/// A teacher's part in an activity.
public struct DutyAssignment: Sendable, Hashable {
    public var duty: Reference
    public var startDate: CalendarDate?
    /// Inclusive.
    public var endDate: CalendarDate?
    public var minutesPlanned: Int?
    /// Whether this teacher gives the grades.
    public var grader: Bool?
}

extension DutyAssignment: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.duty = try fields.required("duty", fields.reference("duty", to: .duty))
        self.startDate = try fields.date("startDate")
        self.endDate = try fields.date("endDate")
        self.minutesPlanned = try fields.integer("minutesPlanned")
        self.grader = try fields.boolean("grader")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("duty", self.duty)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        fields.set("minutesPlanned", self.minutesPlanned)
        fields.set("grader", self.grader)
        return fields.json
    }

    static let shape = RecordShape(of: DutyAssignment.self)
}
