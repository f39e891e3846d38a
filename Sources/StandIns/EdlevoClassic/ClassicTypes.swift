/// The school types that the stand-in has, as Edlevo's classic services and as SS 12000 name them.
struct ClassicType: Sendable, Hashable {
    let code: String
    let fragment: String
    let standard: String

    static let all = [
        // The synthetic municipality has no pedagogical care; the standard has no such type.
        ClassicType(code: "PC", fragment: "PedagogicalCare", standard: "PC"),
        ClassicType(code: "FS", fragment: "PreSchool", standard: "FS"),
        ClassicType(code: "F", fragment: "LeisureTimeCentre", standard: "FTH"),
        ClassicType(code: "FK", fragment: "PreSchoolClass", standard: "FKLASS"),
        ClassicType(code: "GR", fragment: "CompulsorySchool", standard: "GR"),
        ClassicType(code: "GY", fragment: "UpperSecondarySchool", standard: "GY"),
    ]

    /// Employments at these have no school type of their own.
    var isPrimary: Bool { self.code != "GY" }
}
