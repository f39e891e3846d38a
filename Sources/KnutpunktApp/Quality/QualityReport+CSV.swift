public import Hub
import Reconciliation

extension QualityReport {
    /// A finding a line (RFC 4180), for work lists. A cell that a spreadsheet would take for a formula begins with an apostrophe.
    public func csv(_ language: Language) -> String {
        let header = [
            language(sv: "Skola", en: "School"), language(sv: "Enhet", en: "Unit"), language(sv: "Enhetskod", en: "Unit code"),
            language(sv: "Brist", en: "Fault"), language(sv: "Allvar", en: "Severity"),
            language(sv: "Vems uppgift", en: "Whose task"), language(sv: "Post", en: "Record"), language(sv: "Namn", en: "Name"),
            language(sv: "Fält", en: "Field"), language(sv: "Gäller även", en: "Also about"), language(sv: "Sedan", en: "Since"),
            language(sv: "Gör så här", en: "To do"), language(sv: "Regel", en: "Rule"),
        ]
        let rows = self.findings.map { kept -> [String] in
            let finding = kept.finding
            let rule = finding.rule
            return [
                self.school(of: finding.unit).map { self.name(of: $0) } ?? "", finding.unit.map { self.name(of: $0) } ?? "",
                self.code(of: finding.unit) ?? "", rule.title(language), self.settings.severity(of: rule).title(language),
                rule.owner.title(language), "\(finding.key)", self.names[finding.key] ?? "", finding.field ?? "",
                finding.related ?? "", String(kept.since.prefix(10)), rule.remedy(language), rule.rawValue,
            ]
        }
        return CSVText.lines([header] + rows)
    }
}
