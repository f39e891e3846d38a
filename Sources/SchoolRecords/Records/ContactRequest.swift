/// The hub's own: somebody has asked through an e-service to be contacted, since the child or they themselves have a protected identity. It says which
/// case it is and nothing of whom it is about: that stays in the e-service.
public struct ContactRequest: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    /// The case in the e-service, as those who work there know it.
    public var caseNumber: String
    /// Where the case stands, in the e-service's words.
    public var status: String?
}

extension ContactRequest: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.caseNumber = try fields.required("caseNumber", fields.text("caseNumber"))
        self.status = try fields.text("status")
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("caseNumber", self.caseNumber)
        fields.set("status", self.status)
        return fields.json
    }

    static let shape = RecordShape(of: ContactRequest.self)
}

extension ContactRequest {
    /// Reads a record of the hub's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .contactRequest))
    }
}
