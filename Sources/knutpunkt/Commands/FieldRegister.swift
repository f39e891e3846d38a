import Hub
import KnutpunktApp
import Mapping
import SchoolRecords

/// The register of who gets what, in the forms that people ask for.
struct FieldRegister {
    private let uses: [FieldUse]
    private let language: Language

    init(_ uses: [FieldUse], language: Language) {
        self.uses = uses
        self.language = language
    }

    private var header: [String] {
        self.language == .sv
            ? ["System", "Riktning", "Rad", "Fält", "Kommer från", "Omvandlas", "Villkor", "Personuppgift", "Ändamål", "Regel"]
            : [
                "System", "Direction", "Row", "Field", "Comes from", "Changed by", "Conditions", "Personal data", "Purpose",
                "Rule",
            ]
    }

    private func cells(_ use: FieldUse) -> [String] {
        let origins = use.origins.map { use.direction == "source" ? $0.path : "\($0.entity.rawValue).\($0.path)" }
        let none = self.language(sv: "(alltid samma)", en: "(always the same)")
        return [
            use.system,
            self.direction(use),
            use.kind, use.field, origins.isEmpty ? none : origins.joined(separator: ", "), use.steps.joined(separator: ", "),
            use.conditions.joined(separator: ", "),
            use.isPersonal ? self.language(sv: "ja", en: "yes") : self.language(sv: "nej", en: "no"),
            use.purpose.map { self.language(sv: $0.sv, en: $0.en) } ?? self.language(sv: "ANGES INTE", en: "NOT SAID"),
            use.rule,
        ]
    }

    private func direction(_ use: FieldUse) -> String {
        switch use.direction {
        case "source": self.language(sv: "till navet", en: "to the hub")
        case FieldUse.provided: self.language(sv: "hämtas av systemet", en: "fetched by the system")
        default: self.language(sv: "till systemet", en: "to the system")
        }
    }

    /// Grouped by system, row and purpose: what a person reads on a screen.
    var text: [String] {
        var lines: [String] = []
        var heading: [String] = []
        let width = self.uses.map(\.field.count).max() ?? 0
        for use in self.uses {
            let cells = self.cells(use)
            let next = [cells[0], cells[1], cells[2], cells[8]]
            if next != heading {
                if !lines.isEmpty { lines.append("") }
                lines.append("\(cells[0]) (\(cells[1])): \(cells[2])")
                lines.append("    \(self.header[8]): \(cells[8])")
                if !cells[6].isEmpty, use.conditions.count > 0 { lines.append("    \(self.header[6]): \(cells[6])") }
                heading = next
            }
            let padded = cells[3] + String(repeating: " ", count: max(0, width - cells[3].count))
            let steps = cells[5].isEmpty ? "" : " [\(cells[5])]"
            lines.append("    \(padded)  ← \(cells[4])\(steps)  \(cells[9])")
        }
        return lines
    }

    /// RFC 4180, with a line of names. A cell that a spreadsheet would take for a formula begins with an apostrophe.
    var csv: String {
        CSVText.lines([self.header] + self.uses.map(self.cells))
    }

    /// One page that stands by itself.
    var html: String {
        func row(_ cells: [String], _ tag: String) -> String {
            "<tr>\(cells.map { "<\(tag)>\(HTMLText.escaped($0))</\(tag)>" }.joined())</tr>"
        }
        let title = self.language(sv: "Personuppgifter per system", en: "Personal data by system")
        return """
            <!DOCTYPE html>
            <html lang="\(self.language.rawValue)">
            <head><meta charset="utf-8"><title>\(title)</title>
            <style>body{font:14px/1.4 sans-serif;margin:2em}table{border-collapse:collapse}\
            th,td{border:1px solid #999;padding:.3em .6em;text-align:left;vertical-align:top}th{background:#eee}</style></head>
            <body><h1>\(title)</h1>
            <table><thead>\(row(self.header, "th"))</thead><tbody>
            \(self.uses.map { row(self.cells($0), "td") }.joined(separator: "\n"))
            </tbody></table></body></html>
            """
    }
}
