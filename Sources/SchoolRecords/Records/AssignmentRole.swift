/// What a duty does for a group.
public struct AssignmentRole: Sendable, Hashable {
    public var group: Reference
    public var assignmentRoleType: AssignmentRoleType
    public var startDate: CalendarDate?
    /// Inclusive.
    public var endDate: CalendarDate?
}

extension AssignmentRole: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.group = try fields.required("group", fields.reference("group", to: .group))
        self.assignmentRoleType = try fields.required("assignmentRoleType", fields.code("assignmentRoleType"))
        self.startDate = try fields.date("startDate")
        self.endDate = try fields.date("endDate")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("group", self.group)
        fields.set("assignmentRoleType", self.assignmentRoleType)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        return fields.json
    }

    static let shape = RecordShape(of: AssignmentRole.self)
}
