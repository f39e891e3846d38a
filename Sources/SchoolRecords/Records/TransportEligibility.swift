/// The hub's own: what the transport system answers at once about an application.
public struct TransportEligibility: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var application: Reference
    public var child: PersonReference
    public var outcome: TransportOutcome
    /// The way to school.
    public var distanceMetres: Int?
    /// From where on the distance alone is reason enough.
    public var limitMetres: Int?
    public var reasons: [TransportReason]?
    public var answeredAt: Moment
    /// Why nothing was answered, when a person must look.
    public var review: TransportReview?
    /// The question that it answers, where one was asked.
    public var question: String?
}

extension TransportEligibility: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.application = try fields.required("application", fields.reference("application", to: .transportApplication))
        self.child = try fields.required("child", fields.object("child"))
        self.outcome = try fields.required("outcome", fields.code("outcome"))
        self.distanceMetres = try fields.integer("distanceMetres")
        self.limitMetres = try fields.integer("limitMetres")
        self.reasons = try fields.codes("reasons")
        self.answeredAt = try fields.required("answeredAt", fields.moment("answeredAt"))
        self.review = try fields.code("review")
        self.question = try fields.text("question")
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("application", self.application)
        fields.set("child", self.child)
        fields.set("outcome", self.outcome)
        fields.set("distanceMetres", self.distanceMetres)
        fields.set("limitMetres", self.limitMetres)
        fields.set("reasons", self.reasons)
        fields.set("answeredAt", self.answeredAt)
        fields.set("review", self.review)
        fields.set("question", self.question)
        return fields.json
    }

    static let shape = RecordShape(of: TransportEligibility.self)
}

extension TransportEligibility {
    /// Reads a record of the hub's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .transportEligibility))
    }
}
