/// A title of an employment (befattning): its code, its name, and the duty role that Edlevo derives from the code.
///
/// Codes and derived roles are facts of Edlevo's published table of duty roles (version 1.0.3), oddities and all;
/// only the titles that the synthetic municipality uses are listed.
public struct EmploymentTitle: Sendable, Hashable {
    /// A four-digit code of SKR's, a code of the municipality's own, or a six-digit AID label.
    public let code: String
    public let name: String
    /// SS 12000's DutyRole; a code that Edlevo's table lacks gives `Annan personal`.
    public let dutyRole: String

    /// The title for a code: from the table, or one whose role is `Annan personal` when the table lacks the code.
    public init(code: String) {
        if let known = Self.byCode[code] {
            self = known
        } else {
            self.init(code, "Befattning \(code)", "Annan personal")
        }
    }

    init(_ code: String, _ name: String, _ dutyRole: String) {
        self.code = code
        self.name = name
        self.dutyRole = dutyRole
    }

    /// How Edlevo writes it in `Duty.description`, e.g. `2752 Grundskollärare`.
    public var description: String { "\(self.code) \(self.name)" }

    private static let administratorName =
        "Administratör, förskole-, skol-, fritids-, och annan pedagogisk verksamhet"

    /// Every title that Edlevo's table has a duty role for and the synthetic municipality uses.
    public static let all: [EmploymentTitle] = [
        EmploymentTitle("2070", "Rektor", "Rektor"),
        EmploymentTitle("2081", "Rektor Biträdande", "Rektor"),
        EmploymentTitle("3410", "Förskolechef", "Rektor"),
        EmploymentTitle("104011", "Rektor (skola)", "Rektor"),
        EmploymentTitle("2090", "Adjunkt", "Lärare"),
        EmploymentTitle("2752", "Grundskollärare", "Lärare"),
        EmploymentTitle("2902", "Lärare Grundskolans Mellanst", "Lärare"),
        EmploymentTitle("2906", "Lärare Gr-Sen Mat/No-Ämnen", "Lärare"),
        EmploymentTitle("2907", "Lärare Gr-Sen Sv/So-Ämnen", "Lärare"),
        EmploymentTitle("2915", "Lärare Gymnasiet Allmänna Ämnen", "Lärare"),
        EmploymentTitle("2925", "Lärare Verkstad/Industritekn Ämnen", "Lärare"),
        EmploymentTitle("2932", "Lärare Idrott", "Lärare"),
        EmploymentTitle("401009", "Lärare grundskola, årskurs F-3", "Lärare"),
        EmploymentTitle("401010", "Förskollärare", "Lärare"),
        EmploymentTitle("3641", "Förskollärare", "Förskollärare"),
        EmploymentTitle("3972", "Förskollärare Förskoleklass", "Förskollärare"),
        EmploymentTitle("402010", "Förskollärare", "Förskollärare"),
        EmploymentTitle("3698", "Barnskötare Outbildad", "Barnskötare"),
        EmploymentTitle("403010", "Barnskötare", "Barnskötare"),
        EmploymentTitle("2253", "Skolbibliotekarie", "Bibliotekarie"),
        EmploymentTitle("2068", "Lärarassistent", "Lärarassistent"),
        EmploymentTitle("403015", "Lärarassistent", "Lärarassistent"),
        EmploymentTitle("3465", "Fritidspedagog", "Fritidspedagog"),
        EmploymentTitle("452011", "Fritidsledare", "Fritidspedagog"),
        EmploymentTitle("4402", "Studie- o Yrkesvägledare", "Studie- och yrkesvägledare"),
        EmploymentTitle("E032", "Förstelärare", "Förstelärare"),
        EmploymentTitle("3304", "Skolkurator", "Kurator"),
        EmploymentTitle("1152", "Skolsköterska", "Skolsköterska"),
        EmploymentTitle("207014", "Undersköterska, mottagning hälso- och sjukvård", "Skolsköterska"),
        EmploymentTitle("1302", "Skolpsykolog", "Skolpsykolog"),
        EmploymentTitle("2948", "Speciallärare", "Speciallärare/specialpedagog"),
        EmploymentTitle("3112", "Specialpedagog", "Speciallärare/specialpedagog"),
        EmploymentTitle("2720", "Skoladministratör", "Skoladministratör"),
        EmploymentTitle("152016", Self.administratorName, "Skoladministratör"),
        EmploymentTitle("2084", "Skolledare", "Skoladministratör"),
        EmploymentTitle("2072", "Studierektor", "Övrig arbetsledning"),
        EmploymentTitle("104012", "Ledning, förskola, pedagogisk omsorg och fritidsverksamhet", "Övrig arbetsledning"),
    ]

    private static let byCode = Dictionary(uniqueKeysWithValues: Self.all.map { ($0.code, $0) })

    /// Which titles a kind of school employs, with weights; the first entry heads the school.
    static func weighted(for kind: SchoolKind) -> [(code: String, weight: Int)] {
        switch kind {
        case .preschool:
            [("3641", 20), ("402010", 22), ("403010", 40), ("3698", 8), ("3112", 2), ("2720", 2), ("401010", 3)]
        case .compulsory:
            [
                ("2752", 25), ("401009", 12), ("2902", 10), ("2906", 8), ("2907", 8), ("3972", 4), ("3465", 8),
                ("452011", 4), ("2068", 5), ("403015", 3), ("2948", 4), ("E032", 2), ("1152", 2), ("3304", 2),
                ("2720", 2), ("2253", 1), ("1302", 1), ("2084", 1),
            ]
        case .upperSecondary:
            [
                ("2915", 40), ("2925", 12), ("2090", 12), ("2932", 4), ("E032", 3), ("4402", 3), ("3304", 2),
                ("1152", 2), ("2253", 1), ("2720", 3), ("152016", 2), ("2072", 2), ("207014", 1),
            ]
        }
    }
}
