/// An address of a person.
public struct PersonAddress: Sendable, Hashable {
    public var type: PersonAddressType?
    public var streetAddress: String?
    public var locality: String?
    public var postalCode: String?
    public var countyCode: Int?
    /// A number here, so without leading zero: 180 for 0180.
    public var municipalityCode: Int?
    public var realEstateDesignation: String?
    public var country: String?
}

extension PersonAddress: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.type = try fields.code("type")
        self.streetAddress = try fields.text("streetAddress")
        self.locality = try fields.text("locality")
        self.postalCode = try fields.text("postalCode")
        self.countyCode = try fields.integer("countyCode")
        self.municipalityCode = try fields.integer("municipalityCode")
        self.realEstateDesignation = try fields.text("realEstateDesignation")
        self.country = try fields.text("country")
    }

    /// The value in SS 12000's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("type", self.type)
        fields.set("streetAddress", self.streetAddress)
        fields.set("locality", self.locality)
        fields.set("postalCode", self.postalCode)
        fields.set("countyCode", self.countyCode)
        fields.set("municipalityCode", self.municipalityCode)
        fields.set("realEstateDesignation", self.realEstateDesignation)
        fields.set("country", self.country)
        return fields.json
    }

    static let shape = RecordShape(of: PersonAddress.self)
}
