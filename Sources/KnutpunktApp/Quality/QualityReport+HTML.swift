public import Hub
import Reconciliation

extension QualityReport {
    /// One page that stands by itself: the whole first, then a section for each school that prints on pages of its own.
    public func html(_ language: Language) -> String {
        var body = ["<h1>\(HTMLText.escaped(self.title(language)))</h1>", "<p>\(HTMLText.escaped(self.headline(language)))</p>"]
        body += self.notes(language).map { "<p>\(HTMLText.escaped($0))</p>" }
        body.append(QualityChart(points: self.trend, language: language).svg)
        body.append(Self.table(self.ownerRows(language)))
        body.append(Self.table(self.schoolRows(language)))
        body.append(Self.table(self.ruleRows(language)))
        let bySchool = Dictionary(grouping: self.findings) { self.school(of: $0.finding.unit) ?? "" }
        for school in self.schools(language) where school.numbers.found > 0 {
            body.append(self.section(school, bySchool[school.id ?? ""] ?? [], language))
        }
        return """
            <!DOCTYPE html>
            <html lang="\(language.rawValue)">
            <head><meta charset="utf-8"><title>\(HTMLText.escaped(self.title(language)))</title>
            <style>body{font:14px/1.4 sans-serif;margin:2em}table{border-collapse:collapse;margin:1em 0}\
            th,td{border:1px solid #999;padding:.3em .6em;text-align:left;vertical-align:top}th{background:#eee}\
            .school{break-before:page;page-break-before:always}.blocks{border-left:.4em solid #b2182b;padding-left:.6em}\
            .warns{border-left:.4em solid #fdb863;padding-left:.6em}ul{margin:.3em 0}h3{break-after:avoid}</style></head>
            <body>
            \(body.joined(separator: "\n"))
            </body></html>
            """
    }

    private func section(_ school: School, _ findings: [KeptQualityFinding], _ language: Language) -> String {
        var parts = ["<section class=\"school\"><h2>\(HTMLText.escaped(school.name))</h2>"]
        let numbers = school.numbers
        let moved = Self.arrow(numbers.found, school.before?.found)
        let line = language(
            sv: "\(Self.percent(numbers, language)) håller; \(numbers.blocking) hindrar, \(numbers.warning) varnar",
            en: "\(Self.percent(numbers, language)) hold; \(numbers.blocking) block, \(numbers.warning) warn")
        parts.append("<p>\(line)  \(moved)</p>")
        let byRule = Dictionary(grouping: findings, by: \.finding.rule)
        for (rule, _, _) in self.rules {
            let own = byRule[rule] ?? []
            let count = school.units.reduce(0) { sum, unit in
                sum + (self.latest.places[.init(rule: rule, unit: unit.isEmpty ? nil : unit)]?.found ?? 0)
            }
            guard count > 0 else { continue }
            let severity = self.settings.severity(of: rule)
            parts.append(
                """
                <div class="\(severity.rawValue)">
                <h3>\(HTMLText.escaped(rule.title(language))): \(count) \
                (\(severity.title(language)), \(rule.owner.title(language)))</h3>
                <p>\(HTMLText.escaped(rule.consequence(language)))<br>\
                <b>\(language(sv: "Gör så här", en: "To do")):</b> \(HTMLText.escaped(rule.remedy(language)))</p>
                <ul>
                \(own.map { "<li>\(HTMLText.escaped(self.line($0, language)))</li>" }.joined(separator: "\n"))
                </ul></div>
                """)
        }
        return parts.joined(separator: "\n") + "\n</section>"
    }

    private func ruleRows(_ language: Language) -> [[String]] {
        let header = [
            language(sv: "Brist", en: "Fault"), language(sv: "Antal", en: "Number"),
            language(sv: "Sedan förra", en: "Since the last"),
            language(sv: "Allvar", en: "Severity"), language(sv: "Vems uppgift", en: "Whose task"),
        ]
        return [header]
            + self.rules.map { rule, numbers, before in
                [
                    rule.title(language), "\(numbers.found)", Self.arrow(numbers.found, before?.found),
                    self.settings.severity(of: rule).title(language), rule.owner.title(language),
                ]
            }
    }

    private static func table(_ rows: [[String]]) -> String {
        guard rows.count > 1 else { return "" }
        return """
            <table><thead>\(RolePage.row(rows[0], "th"))</thead><tbody>
            \(rows.dropFirst().map { RolePage.row($0, "td") }.joined(separator: "\n"))
            </tbody></table>
            """
    }
}
