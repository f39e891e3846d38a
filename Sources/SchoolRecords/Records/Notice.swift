/// The hub's own: something that an authority outside of the schools must be told about a person.
public struct Notice: Sendable, Hashable {
    public var id: String
    public var meta: RecordMeta?
    public var noticeType: NoticeType
    public var person: PersonReference
    /// The system that takes it, e.g. `kaa`.
    public var recipient: String
    /// The school unit it is about.
    public var organisation: Reference?
    public var schoolType: SchoolType?
    /// The day it is about, e.g. the last day of the studies.
    public var date: CalendarDate
}

extension Notice: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.id = try fields.required("id", fields.id("id"))
        self.meta = try fields.object("meta")
        self.noticeType = try fields.required("noticeType", fields.code("noticeType"))
        self.person = try fields.required("person", fields.object("person"))
        self.recipient = try fields.required("recipient", fields.text("recipient"))
        self.organisation = try fields.reference("organisation", to: .organisation)
        self.schoolType = try fields.code("schoolType")
        self.date = try fields.required("date", fields.date("date"))
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("noticeType", self.noticeType)
        fields.set("person", self.person)
        fields.set("recipient", self.recipient)
        fields.set("organisation", self.organisation)
        fields.set("schoolType", self.schoolType)
        fields.set("date", self.date)
        return fields.json
    }

    static let shape = RecordShape(of: Notice.self)
}

extension Notice {
    /// Reads a record of the hub's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .notice))
    }
}
