/// What a school unit offers.
public struct SchoolUnitOffering: Sendable, Hashable {
    /// The standard forgot it; without one the unit and the first day make the id.
    public var id: String
    public var meta: RecordMeta?
    public var startDate: CalendarDate?
    /// Inclusive.
    public var endDate: CalendarDate?
    public var offeredAt: Reference
    public var offeredSyllabuses: [Reference]?
    public var offeredProgrammes: [Reference]?
}

extension SchoolUnitOffering: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.meta = try fields.object("meta")
        self.startDate = try fields.date("startDate")
        self.endDate = try fields.date("endDate")
        let offeredAt = try fields.required("offeredAt", fields.reference("offeredAt", to: .organisation))
        self.offeredAt = offeredAt
        let id = try fields.id("id") ?? [offeredAt.id, self.startDate?.description].compactMap(\.self).joined(separator: ":")
        self.id = try fields.required("id", id)
        self.offeredSyllabuses = try fields.references("offeredSyllabuses", to: .syllabus)
        self.offeredProgrammes = try fields.references("offeredProgrammes", to: .programme)
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("id", self.id)
        fields.set("meta", self.meta)
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        fields.set("offeredAt", self.offeredAt)
        fields.set("offeredSyllabuses", self.offeredSyllabuses)
        fields.set("offeredProgrammes", self.offeredProgrammes)
        return fields.json
    }

    static let shape = RecordShape(of: SchoolUnitOffering.self)
}

extension SchoolUnitOffering {
    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(json: JSONValue) throws(RecordError) {
        try self.init(FieldReader(json, entity: .schoolUnitOffering))
    }
}
