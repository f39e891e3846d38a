public import Hub
public import Reconciliation
import SchoolRecords

extension QualityText {
    public func callAsFunction(_ language: Language) -> String { language(sv: self.sv, en: self.en) }
}

extension QualityReport {
    /// With one decimal, cut off.
    static func percent(_ numbers: Numbers, _ language: Language) -> String {
        guard numbers.examined > 0 else { return "–" }
        return "\(numbers.tenths / 10)\(language(sv: ",", en: "."))\(numbers.tenths % 10) %"
    }

    /// How a number has moved since the run before: up is worse.
    static func arrow(_ now: Int, _ before: Int?) -> String {
        guard let before else { return "" }
        if now == before { return "→" }
        return now > before ? "↑ \(now - before)" : "↓ \(before - now)"
    }

    func title(_ language: Language) -> String {
        language(sv: "Källornas kvalitet \(self.day)", en: "Source quality \(self.day)")
    }

    /// The run's time to the minute, in UTC as it is kept.
    private var day: String { self.run.time.prefix(16).replacing("T", with: " ") + " UTC" }

    func headline(_ language: Language) -> String {
        let total = self.total
        let share = Self.percent(total, language)
        let moved = Self.arrow(total.found, self.before?.total.found)
        return language(
            sv: "\(share) av \(total.examined) kontroller håller; \(total.blocking) brister hindrar, \(total.warning) varnar",
            en: "\(share) of \(total.examined) checks hold; \(total.blocking) faults block, \(total.warning) warn")
            + (moved.isEmpty ? "" : "  \(moved)")
    }

    /// For a terminal.
    ///
    /// - Parameters:
    ///   - limit: so many findings of each rule; 0 = none, `nil` = all.
    ///   - trend: also the runs before.
    public func text(_ language: Language, limit: Int?, trend: Bool) -> String {
        var lines = [self.title(language), self.headline(language)]
        lines += self.notes(language)
        if trend { lines += [""] + Self.columns(self.trendRows(language)) }
        guard self.total.found > 0 else {
            return (lines + ["", language(sv: "Inga brister.", en: "No faults.")]).joined(separator: "\n")
        }
        lines += [""] + Self.columns(self.ownerRows(language)) + [""] + Self.columns(self.schoolRows(language))
        let byRule = Dictionary(grouping: self.findings, by: \.finding.rule)
        for (rule, numbers, before) in self.rules {
            let severity = self.settings.severity(of: rule).title(language)
            let moved = Self.arrow(numbers.found, before?.found)
            lines += [
                "", "\(rule.title(language)): \(numbers.found)  \(moved)".trimmed,
                "  \(rule.rawValue) · \(severity) · \(rule.owner.title(language))",
                "  \(rule.consequence(language))",
                "  \(language(sv: "Gör så här", en: "To do")): \(rule.remedy(language))",
            ]
            let own = byRule[rule] ?? []
            let shown = limit.map { Array(own.prefix($0)) } ?? own
            lines += shown.map { "    \(self.line($0, language))" }
            if shown.count < own.count, !shown.isEmpty {
                lines.append(
                    language(
                        sv: "    … och \(own.count - shown.count) till: --rule \(rule.rawValue) --limit 0",
                        en: "    … and \(own.count - shown.count) more: --rule \(rule.rawValue) --limit 0"))
            }
        }
        return lines.joined(separator: "\n")
    }

    /// A finding in a line.
    func line(_ kept: KeptQualityFinding, _ language: Language) -> String {
        let finding = kept.finding
        var parts = [self.shown(finding.key)]
        if let related = finding.related { parts.append("(\(finding.keys.dropFirst().first.map(self.shown) ?? related))") }
        if let unit = finding.unit, finding.key.entity != .organisation { parts.append(self.name(of: unit)) }
        parts.append(language(sv: "sedan \(kept.since.prefix(10))", en: "since \(kept.since.prefix(10))"))
        return parts.joined(separator: "  ")
    }

    /// A record by its key, and what it is called where that may be told.
    func shown(_ key: RecordKey) -> String { self.names[key].map { "\(key) \($0)" } ?? "\(key)" }

    /// What a reader must know besides the numbers.
    func notes(_ language: Language) -> [String] {
        var lines: [String] = []
        guard self.run.examined > 0 else {
            return [
                language(
                    sv: "Registret är tomt: läs källorna först, knutpunkt sync SYSTEM --full",
                    en: "The register is empty: read the sources first, knutpunkt sync SYSTEM --full")
            ]
        }
        let silent = Dictionary(
            grouping: self.run.silent.filter {
                QualityRule(rawValue: $0.key).map { self.filter.rules?.contains($0) ?? true } ?? false
            }
        ) { $0.value.joined(separator: ", ") }
        for (entities, rules) in silent.sorted(by: { $0.key < $1.key }) {
            let names = rules.map(\.key).sorted().joined(separator: ", ")
            lines.append(
                language(
                    sv: "Kan inte prövas, ingen källa har \(entities): \(names)",
                    en: "Can't be examined, no source has \(entities): \(names)"))
        }
        if !self.run.off.isEmpty {
            let names = self.run.off.joined(separator: ", ")
            lines.append(language(sv: "Avstängda i quality.yaml: \(names)", en: "Switched off in quality.yaml: \(names)"))
        }
        if self.run.unreadable > 0 {
            lines.append(
                language(
                    sv: "\(self.run.unreadable) poster kunde inte läsas: knutpunkt sync --full läser källan på nytt",
                    en: "\(self.run.unreadable) records couldn't be read: knutpunkt sync --full reads the source anew"))
        }
        return lines
    }

    func ownerRows(_ language: Language) -> [[String]] {
        [[language(sv: "Vems uppgift", en: "Whose task"), self.blocks(language), self.warns(language)]]
            + self.owners.map { [$0.owner.title(language), "\($0.numbers.blocking)", "\($0.numbers.warning)"] }
    }

    func schoolRows(_ language: Language) -> [[String]] {
        let header = [
            language(sv: "Skola", en: "School"), language(sv: "Håller", en: "Holds"), self.blocks(language),
            self.warns(language), language(sv: "Sedan förra", en: "Since the last"),
        ]
        return [header]
            + self.schools(language).map { school in
                [
                    school.name, Self.percent(school.numbers, language), "\(school.numbers.blocking)",
                    "\(school.numbers.warning)", Self.arrow(school.numbers.found, school.before?.found),
                ]
            }
    }

    func trendRows(_ language: Language) -> [[String]] {
        let header = [
            language(sv: "Körning", en: "Run"), language(sv: "Håller", en: "Holds"), self.blocks(language), self.warns(language),
            language(sv: "Sedan förra", en: "Since the last"),
        ]
        return [header]
            + self.trend.enumerated().map { place, point in
                [
                    "\(point.run.time.prefix(16).replacing("T", with: " "))", Self.percent(point.total, language),
                    "\(point.total.blocking)", "\(point.total.warning)",
                    Self.arrow(point.total.found, place > 0 ? self.trend[place - 1].total.found : nil),
                ]
            }
    }

    private func blocks(_ language: Language) -> String { language(sv: "Hindrar", en: "Blocks") }
    private func warns(_ language: Language) -> String { language(sv: "Varnar", en: "Warns") }

    /// The first column to the left, the others to the right.
    static func columns(_ rows: [[String]]) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + space : space + cell
            }.joined(separator: "  ").trimmed
        }
    }
}

extension String {
    /// Without spaces at the end.
    fileprivate var trimmed: String { String(self.reversed().drop { $0 == " " }.reversed()) }
}
