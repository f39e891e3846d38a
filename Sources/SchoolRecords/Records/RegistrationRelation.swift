/// A relation to another person, as the population register has it.
public struct RegistrationRelation: Sendable, Hashable {
    public var relationType: RegistrationRelationType
    /// Who it is, where the hub knows a person with the number.
    public var person: PersonReference?
    /// As the source has it. The hub takes it away when it looks for the person: nobody's record holds somebody else's number.
    public var civicNo: CivicNumber?
}

extension RegistrationRelation: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.relationType = try fields.required("relationType", fields.code("relationType"))
        self.person = try fields.object("person")
        self.civicNo = try fields.object("civicNo")
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("relationType", self.relationType)
        fields.set("person", self.person)
        fields.set("civicNo", self.civicNo)
        return fields.json
    }

    static let shape = RecordShape(of: RegistrationRelation.self)
}
