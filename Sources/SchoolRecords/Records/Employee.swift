/// The hub's own: somebody as the employer sees it, with all employments. It is whole, so that what one employment's end means is
/// never told without the next.
public struct Employee: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    /// Who it is, where the hub knows a person with the number; the student register may learn of somebody from the employer.
    public var person: PersonReference?
    public var civicNo: CivicNumber
    public var employments: [Employment]?
}

extension Employee: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.person = try fields.object("person")
        self.civicNo = try fields.required("civicNo", fields.object("civicNo"))
        self.employments = try fields.list("employments")
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("person", self.person)
        fields.set("civicNo", self.civicNo)
        fields.set("employments", self.employments)
        return fields.json
    }

    static let shape = RecordShape(of: Employee.self)
}

extension Employee {
    /// Reads a record of the hub's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .employee))
    }
}
