/// A school, a school unit, or what they belong to.
public struct Organisation: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var displayName: String
    /// The municipality's own code; preschools and after-school care have it instead of a school unit code.
    public var organisationCode: String?
    public var organisationType: OrganisationType
    public var organisationNumber: String?
    public var parentOrganisation: Reference?
    /// Skolverket's eight digits.
    public var schoolUnitCode: String?
    public var schoolTypes: [SchoolType]?
    public var address: OrganisationAddress?
    /// Four digits, with leading zero.
    public var municipalityCode: String?
    public var url: String?
    public var email: String?
    public var phoneNumber: String?
    public var contactInfo: [ContactInfo]?
    public var startDate: CalendarDate?
    public var endDate: CalendarDate?
}

extension Organisation: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.displayName = try fields.required("displayName", fields.text("displayName"))
        self.organisationCode = try fields.text("organisationCode")
        self.organisationType = try fields.required("organisationType", fields.code("organisationType"))
        self.organisationNumber = try fields.text("organisationNumber")
        self.parentOrganisation = try fields.reference("parentOrganisation", to: .organisation)
        self.schoolUnitCode = try fields.text("schoolUnitCode")
        self.schoolTypes = try fields.codes("schoolTypes")
        self.address = try fields.object("address")
        self.municipalityCode = try fields.municipalityCode("municipalityCode")
        self.url = try fields.text("url")
        self.email = try fields.text("email")
        self.phoneNumber = try fields.text("phoneNumber")
        self.contactInfo = try fields.list("contactInfo")
        self.startDate = try fields.date("startDate")
        self.endDate = try fields.date("endDate")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("displayName", self.displayName)
        fields.set("organisationCode", self.organisationCode)
        fields.set("organisationType", self.organisationType)
        fields.set("organisationNumber", self.organisationNumber)
        fields.set("parentOrganisation", self.parentOrganisation)
        fields.set("schoolUnitCode", self.schoolUnitCode)
        fields.set("schoolTypes", self.schoolTypes)
        fields.set("address", self.address)
        fields.set("municipalityCode", self.municipalityCode)
        fields.set("url", self.url)
        fields.set("email", self.email)
        fields.set("phoneNumber", self.phoneNumber)
        fields.set("contactInfo", self.contactInfo)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        return fields.json
    }

    static let shape = RecordShape(of: Organisation.self)
}

extension Organisation {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .organisation))
    }
}
