public import SchoolRecords

/// The four kinds of schooling that are reported on one by one, each by what it counts.
public enum ReportedForm: String, Sendable, Codable, CaseIterable, Comparable {
    /// FS: stays.
    case preschool
    /// FTH and OPPFTH: stays.
    case afterSchool
    /// From preschool class to year 9 (10), adapted schools too: lessons.
    case compulsory
    /// GY, adapted schools too: lessons.
    case upperSecondary
    /// Adults and others: lessons.
    case other

    /// Whether lessons are counted; otherwise stays.
    public var countsLessons: Bool { self != .preschool && self != .afterSchool }

    /// The kind that a form of schooling belongs to.
    public init(_ type: SchoolType) {
        switch type {
        case .fs: self = .preschool
        case .fth, .oppfth: self = .afterSchool
        case .fklass, .gr, .grs, .tr, .sp, .sam, .gra, .gran: self = .compulsory
        case .gy, .gys, .gya, .gyan: self = .upperSecondary
        default: self = .other
        }
    }

    init(_ type: PlacementSchoolType) { self = type == .fs ? .preschool : .afterSchool }

    /// The kind of a school's lessons when nothing closer is known: what has no lessons is passed over.
    init(teachingAmong types: [SchoolType]) {
        self = types.lazy.map(Self.init).first(where: \.countsLessons) ?? .other
    }

    public static func < (left: ReportedForm, right: ReportedForm) -> Bool {
        (Self.allCases.firstIndex(of: left) ?? 0) < (Self.allCases.firstIndex(of: right) ?? 0)
    }
}
