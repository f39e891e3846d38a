/// The hub's own: what a system says that it has for a person.
public struct AccountStatus: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var person: PersonReference
    /// The system that says so, e.g. `unikum`.
    public var system: String
    public var state: AccountState
    /// Names of the roles held, as the system writes them.
    public var roles: [String]?
    /// Names of the licences held, as the system writes them.
    public var licences: [String]?
    /// The last day the person was there.
    public var lastUsed: CalendarDate?
}

extension AccountStatus: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.person = try fields.required("person", fields.object("person"))
        self.system = try fields.required("system", fields.text("system"))
        self.state = try fields.required("state", fields.code("state"))
        self.roles = try fields.texts("roles")
        self.licences = try fields.texts("licences")
        self.lastUsed = try fields.date("lastUsed")
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("person", self.person)
        fields.set("system", self.system)
        fields.set("state", self.state)
        fields.set("roles", self.roles)
        fields.set("licences", self.licences)
        fields.set("lastUsed", self.lastUsed)
        return fields.json
    }

    static let shape = RecordShape(of: AccountStatus.self)
}

extension AccountStatus {
    /// Reads a record of the hub's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .accountStatus))
    }
}
