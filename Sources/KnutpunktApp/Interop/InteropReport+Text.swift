public import Hub
import Reconciliation
import SchoolRecords

extension InteropReport {
    /// For a terminal.
    public func text(_ language: Language) -> String {
        let words = InteropWords(language)
        var lines = Self.columns(self.matrixTable(words))
        if let fields { lines += [""] + Self.columns(self.fieldTable(FieldTable(fields), words)) + Self.unfilled(fields, words) }
        lines += [""] + self.probeLines(words)
        lines += self.verdict(words)
        return lines.joined(separator: "\n")
    }

    /// The matrix with a line of headings.
    func matrixTable(_ words: InteropWords) -> [[String]] {
        let language = words.language
        let header =
            language == .sv
            ? [
                "System", "Post", "Riktning", "Läge", "Poster", "Senast", "På väg", "Fel", "Fel %", "Stämmer %",
                "Äldsta skillnad",
            ]
            : [
                "System", "Record", "Direction", "State", "Records", "Last", "Under way", "Failed", "Failed %", "Agrees %",
                "Oldest difference",
            ]
        return [header]
            + self.matrix.cells.map { cell in
                [
                    cell.system, cell.entity.rawValue, words.direction(cell.direction), words.state(cell.state),
                    String(cell.records), words.time(cell.exercised), String(cell.underWay), String(cell.failed),
                    words.percent(cell.failedPercent),
                    cell.agreement == nil
                        ? language(sv: "inte jämfört", en: "not compared") : words.percent(cell.agreement?.percent),
                    cell.agreement?.oldestDifference.map { words.time($0) } ?? "–",
                ]
            }
    }

    /// The field matrix with a line of headings; `✓` is what the probe got back as it should be, `✗` what it didn't.
    func fieldTable(_ table: FieldTable, _ words: InteropWords) -> [[String]] {
        let header = [words.language(sv: "Fält", en: "Field"), words.language(sv: "Från", en: "From")] + table.systems
        return [header]
            + table.rows.map { row in
                let master = row.master.map { "\($0.system): \(words.nature($0.line.nature))" } ?? "–"
                return ["\(row.field.entity.rawValue).\(row.field.path)", master]
                    + table.systems.map { system in
                        guard let nature = FieldTable.worst(row.given[system]) else { return "·" }
                        let isProven = FieldTable.isProven(row.given[system], self.probe, self.findings)
                        return words.nature(nature) + (isProven.map { $0 ? " ✓" : " ✗" } ?? "")
                    }
            }
    }

    private static func unfilled(_ fields: [FieldLine], _ words: InteropWords) -> [String] {
        let lost = FieldTable(fields).unfilled
        guard !lost.isEmpty else { return [] }
        let names = lost.map { "\($0.system) \($0.kind).\($0.field)" }.joined(separator: ", ")
        return ["", words.language(sv: "Ingen regel fyller: \(names)", en: "No rule fills: \(names)")]
    }

    /// What the probe did.
    func probeLines(_ words: InteropWords) -> [String] {
        let language = words.language
        if let interrupted {
            return [
                language(
                    sv:
                        "Sonden \(words.time(interrupted)) avbröts. Hubben tar bort det som blev kvar; genast: knutpunkt interop --clean-up",
                    en:
                        "The probe of \(words.time(interrupted)) was cut off. The hub takes away what it left; at once: knutpunkt interop --clean-up"
                )
            ]
        }
        guard let probe else {
            return [
                language(
                    sv: "Ingen sond har varit ute: knutpunkt interop --probe visar vad systemen gör med fälten.",
                    en: "No probe has been sent: knutpunkt interop --probe shows what the systems do with the fields.")
            ]
        }
        var lines = [
            language(
                sv: "Sond \(words.time(probe.startedAt)) av \(probe.by):",
                en: "Probe of \(words.time(probe.startedAt)) by \(probe.by):")
        ]
        lines += Self.partLines(probe.parts, words)
        for kind in probe.lasting {
            lines.append("  " + language(sv: "\(kind): ligger kvar, avslutad", en: "\(kind): stays there, ended"))
        }
        if !probe.isClean {
            lines.append(
                "  "
                    + language(
                        sv:
                            "Allt är inte borttaget. Rätta det som hindrar det, och kör sonden igen: den tar med sig det som ligger kvar.",
                        en:
                            "Not everything is gone. Mend what hinders it, and send the probe again: it takes what is left with it."
                    ))
        }
        return lines
    }

    /// How far each entity went, on a line for each system.
    public static func partLines(_ parts: [ProbeReport.Part], _ language: Language) -> [String] {
        Self.partLines(parts, InteropWords(language))
    }

    private static func partLines(_ parts: [ProbeReport.Part], _ words: InteropWords) -> [String] {
        let language = words.language
        return parts.map { part in
            let kinds = part.kinds.isEmpty ? "" : " (\(part.kinds.joined(separator: ", ")))"
            guard let omission = part.omission else {
                return "  \(part.system) \(part.entity.rawValue)\(kinds): "
                    + language(sv: "skrivs, läses tillbaka, ändras och tas bort", en: "written, read back, changed and deleted")
            }
            let tried = part.kinds.isEmpty ? "" : language(sv: "bara mappningen prövas; ", en: "only the mapping is tried; ")
            return "  \(part.system) \(part.entity.rawValue)\(kinds): \(tried)\(words.omission(omission))"
        }
    }

    /// The findings, and what they come to.
    func verdict(_ words: InteropWords) -> [String] {
        let language = words.language
        var lines: [String] = []
        if !self.isAgreed {
            lines.append(
                language(
                    sv:
                        "Ingen överenskommelse att jämföra mappningarna med. Granska fälten (--fields) och spara dem: knutpunkt interop --accept",
                    en:
                        "There is no agreement to hold the mappings against. Review the fields (--fields) and keep them: knutpunkt interop --accept"
                ))
        }
        lines.append("")
        for cell in self.under {
            lines.append(
                language(
                    sv: "\(cell.system) \(cell.entity.rawValue): stämmer till \(words.percent(cell.agreement?.percent)) %",
                    en: "\(cell.system) \(cell.entity.rawValue): agrees to \(words.percent(cell.agreement?.percent)) %"))
        }
        lines += self.findings.map(words.line)
        if !self.differs {
            lines.append(language(sv: "Inget skiljer sig.", en: "Nothing differs."))
        } else if !self.findings.isEmpty {
            lines.append(
                language(sv: "\(self.findings.count) fel funna.", en: "\(self.findings.count) faults found."))
        }
        return lines
    }

    private static func columns(_ rows: [[String]]) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                cell + String(repeating: " ", count: column == row.count - 1 ? 0 : widths[column] - cell.count)
            }.joined(separator: "  ")
        }
    }
}
