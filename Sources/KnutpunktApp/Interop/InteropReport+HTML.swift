public import Hub
import Reconciliation
import SchoolRecords

extension InteropReport {
    /// One page that stands by itself. Every colour is also said in words, so that nothing is lost in black and white or to who can't
    /// tell colours apart.
    public func html(_ language: Language) -> String {
        let words = InteropWords(language)
        let title = language(sv: "Hur systemen stämmer", en: "How the systems agree")
        var body = ["<h1>\(HTMLText.escaped(title))</h1>", "<p>\(words.time(self.at)) UTC</p>"]
        let verdict = self.verdict(words).filter { !$0.isEmpty }
        body.append("<ul>\(verdict.map { "<li>\(HTMLText.escaped($0))</li>" }.joined())</ul>")
        body.append("<h2>\(language(sv: "System och poster", en: "Systems and records"))</h2>")
        body.append(
            Self.table(self.matrixTable(words)) { row, column in
                column == 3 ? Self.shade(self.matrix.cells[row].state) : nil
            })
        if let fields {
            let table = FieldTable(fields)
            body.append("<h2>\(language(sv: "Fält för fält", en: "Field by field"))</h2>")
            body.append(
                Self.table(self.fieldTable(table, words)) { row, column in
                    guard column > 1 else { return nil }
                    let given = table.rows[row].given[table.systems[column - 2]]
                    let isWrong = FieldTable.isProven(given, self.probe, self.findings) == false
                    return isWrong ? "bad" : FieldTable.worst(given).map(Self.shade)
                })
        }
        body.append("<h2>\(language(sv: "Sonden", en: "The probe"))</h2>")
        body.append("<ul>\(self.probeLines(words).map { "<li>\(HTMLText.escaped($0))</li>" }.joined())</ul>")
        return """
            <!DOCTYPE html>
            <html lang="\(language.rawValue)">
            <head><meta charset="utf-8"><title>\(HTMLText.escaped(title))</title>
            <style>body{font:14px/1.4 sans-serif;margin:2em}table{border-collapse:collapse;margin:1em 0}\
            th,td{border:1px solid #999;padding:.3em .6em;text-align:left}th{background:#eee;position:sticky;top:0}\
            .good{background:#cfe8cf}.plain{background:#e6f0e6}.changed{background:#fff2c2}.bad{background:#f6c6c0}\
            .none{background:#f4f4f4;color:#555}</style></head>
            <body>
            \(body.joined(separator: "\n"))
            </body></html>
            """
    }

    private static func shade(_ state: InteropMatrix.State) -> String {
        switch state {
        case .agreeing: "good"
        case .exercised: "plain"
        case .neverExercised: "changed"
        case .differing: "bad"
        case .switchedOff: "none"
        }
    }

    private static func shade(_ nature: FieldLine.Nature) -> String {
        switch nature {
        case .exact: "good"
        case .converted, .derived, .constant: "plain"
        case .shortened: "changed"
        case .altered, .lost: "bad"
        }
    }

    private static func table(_ rows: [[String]], _ shade: (_ row: Int, _ column: Int) -> String?) -> String {
        let head = (rows.first ?? []).map { "<th>\(HTMLText.escaped($0))</th>" }.joined()
        let lines = rows.dropFirst().enumerated().map { row, cells in
            let cells = cells.enumerated().map { column, cell in
                let shade = shade(row, column).map { " class=\"\($0)\"" } ?? ""
                return "<td\(shade)>\(HTMLText.escaped(cell))</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return "<table><thead><tr>\(head)</tr></thead><tbody>\n\(lines.joined(separator: "\n"))\n</tbody></table>"
    }
}
