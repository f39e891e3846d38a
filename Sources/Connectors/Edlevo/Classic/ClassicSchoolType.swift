/// Edlevo's school types; each has services of its own.
enum ClassicSchoolType: String, Sendable, Hashable, CaseIterable, Comparable {
    case pedagogicalCare = "PC"
    case preschool = "FS"
    case leisureTimeCentre = "F"
    case preschoolClass = "FK"
    case compulsorySchool = "GR"
    case compulsorySchoolForLearningDisabilities = "S"
    case upperSecondarySchool = "GY"
    case upperSecondarySchoolForLearningDisabilities = "GS"
    case swedishForImmigrants = "SF"
    case adultSchoolForLearningDisabilities = "SV"
    case municipalAdultSchool = "KV"
    case higherVocationalEducation = "YH"

    /// How the names of its services have it.
    var fragment: String {
        switch self {
        case .pedagogicalCare: "PedagogicalCare"
        case .preschool: "PreSchool"
        case .leisureTimeCentre: "LeisureTimeCentre"
        case .preschoolClass: "PreSchoolClass"
        case .compulsorySchool: "CompulsorySchool"
        case .compulsorySchoolForLearningDisabilities: "CompulsorySchoolForLearningDisabilities"
        case .upperSecondarySchool: "UpperSecondarySchool"
        case .upperSecondarySchoolForLearningDisabilities: "UpperSecondarySchoolForLearningDisabilities"
        case .swedishForImmigrants: "SwedishForImmigrantsSchool"
        case .adultSchoolForLearningDisabilities: "AdultSchoolForLearningDisabilities"
        case .municipalAdultSchool: "MunicipalAdultSchool"
        case .higherVocationalEducation: "HigherVocationalEducation"
        }
    }

    /// Pedagogical care has no export of changes (Organization API v12, 9.2).
    var hasDelta: Bool { self != .pedagogicalCare }

    /// Employments at units of these have no school type of their own (Personnel API v8, 5.1.1).
    var isPrimary: Bool {
        [
            .pedagogicalCare, .preschool, .leisureTimeCentre, .preschoolClass, .compulsorySchool,
            .compulsorySchoolForLearningDisabilities,
        ].contains(self)
    }

    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    static func < (left: Self, right: Self) -> Bool { left.order < right.order }
}
