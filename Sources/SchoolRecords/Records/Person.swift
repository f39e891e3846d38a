/// A child, a pupil, a guardian or an employee.
public struct Person: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var givenName: String
    public var middleName: String?
    public var familyName: String
    public var eduPersonPrincipalNames: [String]?
    public var externalIdentifiers: [ExternalIdentifier]?
    public var civicNo: CivicNumber?
    /// Need not be the date in the identity number.
    public var birthDate: CalendarDate?
    public var sex: Sex?
    public var securityMarking: SecurityMarking?
    public var personStatus: PersonStatus?
    public var emails: [Email]?
    public var phoneNumbers: [PhoneNumber]?
    public var addresses: [PersonAddress]?
    public var photo: String?
    public var enrolments: [Enrolment]?
    public var responsibles: [Responsible]?
}

extension Person: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.givenName = try fields.required("givenName", fields.text("givenName"))
        self.middleName = try fields.text("middleName")
        self.familyName = try fields.required("familyName", fields.text("familyName"))
        self.eduPersonPrincipalNames = try fields.texts("eduPersonPrincipalNames")
        self.externalIdentifiers = try fields.list("externalIdentifiers")
        self.civicNo = try fields.object("civicNo")
        self.birthDate = try fields.date("birthDate")
        self.sex = try fields.code("sex")
        self.securityMarking = fields.marking("securityMarking")
        self.personStatus = try fields.code("personStatus")
        self.emails = try fields.list("emails")
        self.phoneNumbers = try fields.list("phoneNumbers")
        self.addresses = try fields.list("addresses")
        self.photo = try fields.text("photo")
        self.enrolments = try fields.list("enrolments")
        self.responsibles = try fields.list("responsibles")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("givenName", self.givenName)
        fields.set("middleName", self.middleName)
        fields.set("familyName", self.familyName)
        fields.set("eduPersonPrincipalNames", self.eduPersonPrincipalNames)
        fields.set("externalIdentifiers", self.externalIdentifiers)
        fields.set("civicNo", self.civicNo)
        fields.set("birthDate", self.birthDate)
        fields.set("sex", self.sex)
        fields.set("securityMarking", self.securityMarking)
        fields.set("personStatus", self.personStatus)
        fields.set("emails", self.emails)
        fields.set("phoneNumbers", self.phoneNumbers)
        fields.set("addresses", self.addresses)
        fields.set("photo", self.photo)
        fields.set("enrolments", self.enrolments)
        fields.set("responsibles", self.responsibles)
        return fields.json
    }

    static let shape = RecordShape(of: Person.self)
}

extension Person {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .person))
    }
}
