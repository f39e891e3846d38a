/// The hub's own: a role that a person has in a system, and why.
///
/// Two kinds of them are in the register: what the hub decided (source ``source``), which goes to the one system that it names,
/// and what a system says that it holds (source: that system), which goes to nobody.
public struct RoleGrant: Sendable, Hashable {
    /// The source of the grants that the hub itself decides.
    public static let source = "roles"

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
    /// The pupil or child that the role holds for.
    public var pupil: PersonReference?
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
        self.pupil = try fields.object("pupil")
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
        fields.set("pupil", self.pupil)
        fields.set("duty", self.duty)
        fields.set("rule", self.rule)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        return fields.json
    }

    static let shape = RecordShape(of: RoleGrant.self)
}

extension RoleGrant {
    /// A role with the ids of what it refers to; with none of organisation, group and pupil it holds in the whole system.
    public init(
        id: String, person: String, system: String, role: String, organisation: String? = nil, group: String? = nil,
        pupil: String? = nil, duty: String? = nil, rule: String? = nil, startDate: CalendarDate? = nil,
        endDate: CalendarDate? = nil
    ) {
        self.init(
            id: id, meta: nil, person: PersonReference(id: person), system: system, role: role,
            organisation: organisation.map { Reference(id: $0) }, group: group.map { Reference(id: $0) },
            pupil: pupil.map { PersonReference(id: $0) }, duty: duty.map { Reference(id: $0) }, rule: rule,
            startDate: startDate, endDate: endDate)
    }

    /// Reads a record of the hub's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .roleGrant))
    }
}
