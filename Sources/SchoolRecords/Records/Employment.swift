/// What somebody is employed as, where and when, as the employer says. Work at two places is two of them, with the same
/// ``employmentNumber``.
public struct Employment: Sendable, Hashable {
    /// The employer's own number of the employment.
    public var employmentNumber: String
    public var employmentType: EmploymentType
    /// SKR's code, an AID label or a code of the employer's own.
    public var titleCode: String?
    public var titleName: String?
    /// What the title means in the schools.
    public var dutyRole: DutyRole?
    /// Of full time, at this place.
    public var percent: Int?
    public var startDate: CalendarDate
    /// Inclusive; `nil` = until further notice.
    public var endDate: CalendarDate?
    /// The employer's own code of the place.
    public var unitCode: String?
    public var unitName: String?
    /// The school unit that the place is, by its national code.
    public var schoolUnitCode: String?
    public var schoolType: SchoolType?
    /// The school unit, where the hub knows one with that code.
    public var organisation: Reference?
    /// When the person is away altogether, earliest first.
    public var leaves: [EmploymentPeriod]?
    /// When the person is at work, earliest first: the employment without its leaves. See ``Employee/completed()``.
    public var periods: [EmploymentPeriod]?
    /// The first and the last day of the employment as a whole, at all places. See ``Employee/completed()``.
    public var wholeStartDate: CalendarDate?
    public var wholeEndDate: CalendarDate?
}

extension Employment: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.employmentNumber = try fields.required("employmentNumber", fields.text("employmentNumber"))
        self.employmentType = try fields.required("employmentType", fields.code("employmentType"))
        self.titleCode = try fields.text("titleCode")
        self.titleName = try fields.text("titleName")
        self.dutyRole = try fields.code("dutyRole")
        self.percent = try fields.integer("percent", in: 0...100)
        self.startDate = try fields.required("startDate", fields.date("startDate"))
        self.endDate = try fields.date("endDate")
        self.unitCode = try fields.text("unitCode")
        self.unitName = try fields.text("unitName")
        self.schoolUnitCode = try fields.text("schoolUnitCode")
        self.schoolType = try fields.code("schoolType")
        self.organisation = try fields.reference("organisation", to: .organisation)
        self.leaves = try fields.list("leaves")
        self.periods = try fields.list("periods")
        self.wholeStartDate = try fields.date("wholeStartDate")
        self.wholeEndDate = try fields.date("wholeEndDate")
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("employmentNumber", self.employmentNumber)
        fields.set("employmentType", self.employmentType)
        fields.set("titleCode", self.titleCode)
        fields.set("titleName", self.titleName)
        fields.set("dutyRole", self.dutyRole)
        fields.set("percent", self.percent)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        fields.set("unitCode", self.unitCode)
        fields.set("unitName", self.unitName)
        fields.set("schoolUnitCode", self.schoolUnitCode)
        fields.set("schoolType", self.schoolType)
        fields.set("organisation", self.organisation)
        fields.set("leaves", self.leaves)
        fields.set("periods", self.periods)
        fields.set("wholeStartDate", self.wholeStartDate)
        fields.set("wholeEndDate", self.wholeEndDate)
        return fields.json
    }

    static let shape = RecordShape(of: Employment.self)
}
