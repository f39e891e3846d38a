/// A row of a personnel system's file: an employment at a place.
public struct HREmployment: Sendable, Hashable {
    public var number: String
    public var identityNumber: String
    public var unit: String
    public var unitName = ""
    /// The employer's own title code.
    public var title: String
    public var titleName = ""
    /// An AID label with the letter of responsibility, e.g. `401010L`.
    public var aid = ""
    /// In the file's word, e.g. `tillsvidare`.
    public var type = "tillsvidare"
    public var percent = "100,00"
    public var start: String
    /// As it stands in the file: a day, or one of its ways to say that there is none.
    public var end = ""
    public var leaveKind = ""
    public var leaveStart = ""
    public var leaveEnd = ""
    /// In the file's word that the identity is protected.
    public var mark = ""

    public init(_ number: String, of identityNumber: String, at unit: String, as title: String, from start: String) {
        self.number = number
        self.identityNumber = identityNumber
        self.unit = unit
        self.title = title
        self.start = start
    }

    static let columns = [
        "anstallningsnummer", "personnummer", "skyddad", "enhet", "enhet_namn", "befattning", "befattning_namn", "aid",
        "anstallningsform", "sysselsattningsgrad", "fran", "till", "ledighet", "ledig_fran", "ledig_till",
    ]

    var values: [String] {
        [
            self.number, self.identityNumber, self.mark, self.unit, self.unitName, self.title, self.titleName, self.aid,
            self.type,
            self.percent, self.start, self.end, self.leaveKind, self.leaveStart, self.leaveEnd,
        ]
    }
}
