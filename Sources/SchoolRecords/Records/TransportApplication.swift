/// The hub's own: an application for school transport.
public struct TransportApplication: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    /// Who it is about; found by the number where the e-service has none of the hub's ids.
    public var child: PersonReference?
    /// The child's number, as an e-service without the hub's ids has it. The hub finds whose it is and keeps no number.
    public var civicNo: CivicNumber?
    public var applicant: PersonReference?
    /// The school unit; found by the code where the e-service has none of the hub's ids.
    public var organisation: Reference?
    /// The school unit's code, as an e-service without the hub's ids has it.
    public var schoolUnitCode: String?
    /// The place in after-school care to go to or from.
    public var placement: Reference?
    /// Where the child is fetched, when that isn't the registered address.
    public var address: PersonAddress?
    public var reasons: [TransportReason]?
    public var submittedAt: Moment
    public var startDate: CalendarDate
    /// Inclusive.
    public var endDate: CalendarDate?
}

extension TransportApplication: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.child = try fields.required("child", fields.object("child"), orBy: "civicNo")
        self.civicNo = try fields.object("civicNo")
        self.applicant = try fields.object("applicant")
        self.organisation = try fields.required(
            "organisation", fields.reference("organisation", to: .organisation), orBy: "schoolUnitCode")
        self.schoolUnitCode = try fields.text("schoolUnitCode")
        self.placement = try fields.reference("placement", to: .placement)
        self.address = try fields.object("address")
        self.reasons = try fields.codes("reasons")
        self.submittedAt = try fields.required("submittedAt", fields.moment("submittedAt"))
        self.startDate = try fields.required("startDate", fields.date("startDate"))
        self.endDate = try fields.date("endDate")
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("child", self.child)
        fields.set("civicNo", self.civicNo)
        fields.set("applicant", self.applicant)
        fields.set("organisation", self.organisation)
        fields.set("schoolUnitCode", self.schoolUnitCode)
        fields.set("placement", self.placement)
        fields.set("address", self.address)
        fields.set("reasons", self.reasons)
        fields.set("submittedAt", self.submittedAt)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        return fields.json
    }

    static let shape = RecordShape(of: TransportApplication.self)
}

extension TransportApplication {
    /// Reads a record of the hub's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .transportApplication))
    }
}
