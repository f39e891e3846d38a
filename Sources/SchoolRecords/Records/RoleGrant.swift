/// The hub's own: a role that a person has in a system, and why.
public struct RoleGrant: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var person: PersonReference
    /// The receiving system, e.g. `unikum`.
    public var system: String
    /// The role's name in that system.
    public var role: String
    /// Where the role holds; without one (and without a group) in the whole system.
    public var organisation: Reference?
    /// The group that the role holds for.
    public var group: Reference?
    /// The duty that the role follows from.
    public var duty: Reference?
    /// The rule of the role policy, as file and line.
    public var rule: String?
    public var startDate: CalendarDate?
    /// Inclusive.
    public var endDate: CalendarDate?
}

extension RoleGrant: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.person = try fields.required("person", fields.object("person"))
        self.system = try fields.required("system", fields.text("system"))
        self.role = try fields.required("role", fields.text("role"))
        self.organisation = try fields.reference("organisation", to: .organisation)
        self.group = try fields.reference("group", to: .group)
        self.duty = try fields.reference("duty", to: .duty)
        self.rule = try fields.text("rule")
        self.startDate = try fields.date("startDate")
        self.endDate = try fields.date("endDate")
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("person", self.person)
        fields.set("system", self.system)
        fields.set("role", self.role)
        fields.set("organisation", self.organisation)
        fields.set("group", self.group)
        fields.set("duty", self.duty)
        fields.set("rule", self.rule)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        return fields.json
    }

    static let shape = RecordShape(of: RoleGrant.self)
}

extension RoleGrant {
    /// Reads a record of the hub's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .roleGrant))
    }
}
