/// The hub's own: a person got another identity number, or two persons turned out to be one.
///
/// A number change is never a person who goes and another who comes: the person's id stays. Of two that are merged one
/// id stays, and whoever knew the other moves what it had there to the one that stays.
public struct IdentityChange: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var changeType: IdentityChangeType
    /// Who it is from now on.
    public var person: PersonReference
    /// The id that no longer stands for anybody, of two that were merged.
    public var formerPerson: PersonReference?
    /// The number from now on.
    public var civicNo: CivicNumber?
    /// The number before.
    public var formerCivicNo: CivicNumber?
    /// When the source says it happened.
    public var date: CalendarDate?
}

extension IdentityChange: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.changeType = try fields.required("changeType", fields.code("changeType"))
        self.person = try fields.required("person", fields.object("person"))
        self.formerPerson = try fields.object("formerPerson")
        self.civicNo = try fields.object("civicNo")
        self.formerCivicNo = try fields.object("formerCivicNo")
        self.date = try fields.date("date")
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("changeType", self.changeType)
        fields.set("person", self.person)
        fields.set("formerPerson", self.formerPerson)
        fields.set("civicNo", self.civicNo)
        fields.set("formerCivicNo", self.formerCivicNo)
        fields.set("date", self.date)
        return fields.json
    }

    static let shape = RecordShape(of: IdentityChange.self)
}

extension IdentityChange {
    /// Reads a record of the hub's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .identityChange))
    }
}
