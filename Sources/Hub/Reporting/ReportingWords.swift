/// The words of a report on lessons and stays, in one language.
public struct ReportingWords: Sendable {
    public let language: Language

    public init(language: Language) { self.language = language }

    public var title: String {
        self.language(sv: "Rapporterade lektioner och vistelser", en: "Reported lessons and stays")
    }
    public var school: String { self.language(sv: "Skola", en: "School") }
    public var code: String { self.language(sv: "Skolenhetskod", en: "School unit code") }
    public var form: String { self.language(sv: "Verksamhet", en: "Schooling") }
    public var month: String { self.language(sv: "Månad", en: "Month") }
    public var schools: String { self.language(sv: "Skolor", en: "Schools") }
    public var scheduled: String { self.language(sv: "Schemalagda", en: "Scheduled") }
    public var reported: String { self.language(sv: "Rapporterade", en: "Reported") }
    public var percent: String { self.language(sv: "Procent", en: "Percent") }
    public var bracket: String { self.language(sv: "Intervall", en: "Bracket") }
    public var total: String { self.language(sv: "Totalt", en: "Total") }
    public var lowest: String { self.language(sv: "Lägst", en: "Lowest") }
    public var highest: String { self.language(sv: "Högst", en: "Highest") }
    public var nothing: String {
        self.language(
            sv: "Inga lektioner eller vistelser finns för perioden.", en: "There are no lessons or stays in this period.")
    }

    public func name(of form: ReportedForm) -> String {
        switch form {
        case .preschool: self.language(sv: "Förskola", en: "Preschool")
        case .afterSchool: self.language(sv: "Fritidshem", en: "After-school care")
        case .compulsory: self.language(sv: "Grundskola", en: "Compulsory school")
        case .upperSecondary: self.language(sv: "Gymnasieskola", en: "Upper-secondary school")
        case .other: self.language(sv: "Annan undervisning", en: "Other teaching")
        }
    }

    /// What the form's numbers count.
    public func measure(of form: ReportedForm) -> String {
        form.countsLessons
            ? self.language(sv: "rapporterade lektioner", en: "reported lessons")
            : self.language(sv: "rapporterad närvaro mot planerad vistelse", en: "reported presence against planned stays")
    }

    /// With one decimal, cut off.
    public func percent(_ share: ReportedShare) -> String {
        "\(share.tenths / 10)\(self.language(sv: ",", en: "."))\(share.tenths % 10)"
    }

    public func title(_ period: ReportPeriod) -> String { "\(self.title) \(period.first) – \(period.last)" }

    /// What a reader must know besides the numbers.
    public func remarks(_ remarks: ReportingTable.Remarks) -> [String] {
        var lines: [String] = []
        if remarks.withheld > 0 {
            let fewest = StayTally.fewestChildren
            lines.append(
                self.language(
                    sv: "\(remarks.withheld) enheter och månader visas inte: färre än \(fewest) barn.",
                    en: "\(remarks.withheld) units and months are not shown: fewer than \(fewest) children."))
        }
        if remarks.lessonsOfNoSchool > 0 {
            lines.append(
                self.language(
                    sv: "\(remarks.lessonsOfNoSchool) lektioner hör till en aktivitet som navet inte har.",
                    en: "\(remarks.lessonsOfNoSchool) lessons belong to an activity that the hub doesn't have."))
        }
        if remarks.undividedReports > 0 {
            lines.append(
                self.language(
                    sv: "\(remarks.undividedReports) summor går över en gräns för månad eller period och är inte med.",
                    en: "\(remarks.undividedReports) totals reach over the edge of a month or the period and are left out."))
        }
        return lines
    }
}
