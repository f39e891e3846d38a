/// The hub's own: a decision about school transport.
public struct TransportDecision: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var application: Reference?
    public var child: PersonReference
    /// The school unit.
    public var organisation: Reference?
    public var outcome: TransportOutcome
    public var preliminary: Bool
    public var reasons: [TransportReason]?
    public var decidedDate: CalendarDate
    public var startDate: CalendarDate?
    /// Inclusive.
    public var endDate: CalendarDate?
    /// Why a person must look at it.
    public var reviews: [TransportReview]?
    /// The way to school.
    public var distanceMetres: Int?
    /// The answer that it rests on, and when that was given.
    public var eligibility: Reference?
    public var answeredAt: Moment?
    /// From where, as it was when the answer came.
    public var address: PersonAddress?
    /// The after-school care that was looked at, as it was when the answer came.
    public var placement: Reference?
    public var placedAt: Reference?
}

extension TransportDecision: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.application = try fields.reference("application", to: .transportApplication)
        self.child = try fields.required("child", fields.object("child"))
        self.organisation = try fields.reference("organisation", to: .organisation)
        self.outcome = try fields.required("outcome", fields.code("outcome"))
        self.preliminary = try fields.required("preliminary", fields.boolean("preliminary"))
        self.reasons = try fields.codes("reasons")
        self.decidedDate = try fields.required("decidedDate", fields.date("decidedDate"))
        self.startDate = try fields.date("startDate")
        self.endDate = try fields.date("endDate")
        self.reviews = try fields.codes("reviews")
        self.distanceMetres = try fields.integer("distanceMetres")
        self.eligibility = try fields.reference("eligibility", to: .transportEligibility)
        self.answeredAt = try fields.moment("answeredAt")
        self.address = try fields.object("address")
        self.placement = try fields.reference("placement", to: .placement)
        self.placedAt = try fields.reference("placedAt", to: .organisation)
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("application", self.application)
        fields.set("child", self.child)
        fields.set("organisation", self.organisation)
        fields.set("outcome", self.outcome)
        fields.set("preliminary", self.preliminary)
        fields.set("reasons", self.reasons)
        fields.set("decidedDate", self.decidedDate)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        fields.set("reviews", self.reviews)
        fields.set("distanceMetres", self.distanceMetres)
        fields.set("eligibility", self.eligibility)
        fields.set("answeredAt", self.answeredAt)
        fields.set("address", self.address)
        fields.set("placement", self.placement)
        fields.set("placedAt", self.placedAt)
        return fields.json
    }

    static let shape = RecordShape(of: TransportDecision.self)
}

extension TransportDecision {
    /// Reads a record of the hub's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .transportDecision))
    }
}
