/// The hub's own: somebody as the population register (folkbokföringen) has them. The student register remains the master of the person;
/// this is what it is held against.
public struct Registration: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    /// Who it is. The hub keeps registrations of persons that it knows alone.
    public var person: PersonReference?
    /// The number that holds now.
    public var civicNo: CivicNumber
    /// The number before it, where the register refers from the one to the other.
    public var formerCivicNo: CivicNumber?
    public var securityMarking: SecurityMarking?
    /// All given names.
    public var givenName: String?
    public var middleName: String?
    public var familyName: String?
    /// The given name, or two of them, that the person is called by (tilltalsnamn).
    public var callName: String?
    public var deregistrationReason: DeregistrationReason?
    public var deregistrationDate: CalendarDate?
    public var relations: [RegistrationRelation]?
}

extension Registration: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.person = try fields.object("person")
        self.civicNo = try fields.required("civicNo", fields.object("civicNo"))
        self.formerCivicNo = try fields.object("formerCivicNo")
        self.securityMarking = fields.marking("securityMarking")
        self.givenName = try fields.text("givenName")
        self.middleName = try fields.text("middleName")
        self.familyName = try fields.text("familyName")
        self.callName = try fields.text("callName")
        self.deregistrationReason = try fields.code("deregistrationReason")
        self.deregistrationDate = try fields.date("deregistrationDate")
        self.relations = try fields.list("relations")
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("person", self.person)
        fields.set("civicNo", self.civicNo)
        fields.set("formerCivicNo", self.formerCivicNo)
        fields.set("securityMarking", self.securityMarking)
        fields.set("givenName", self.givenName)
        fields.set("middleName", self.middleName)
        fields.set("familyName", self.familyName)
        fields.set("callName", self.callName)
        fields.set("deregistrationReason", self.deregistrationReason)
        fields.set("deregistrationDate", self.deregistrationDate)
        fields.set("relations", self.relations)
        return fields.json
    }

    static let shape = RecordShape(of: Registration.self)
}

extension Registration {
    /// Reads a record of the hub's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .registration))
    }
}
