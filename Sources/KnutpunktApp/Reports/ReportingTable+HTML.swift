public import Hub

extension ReportingTable {
    /// One page that stands by itself: for each form a picture with the summary's table beside it, and the schools.
    public func html(_ language: Language) -> String {
        let words = ReportingWords(language: language)
        var body = ["<h1>\(HTMLText.escaped(words.title(self.period)))</h1>"]
        if self.rows.isEmpty { body.append("<p>\(words.nothing)</p>") }
        for form in ReportedForm.allCases {
            let summaries = self.summaries.filter { $0.form == form }
            guard !summaries.isEmpty else { continue }
            let chart = ReportingChart(form: form, summaries: summaries, words: words)
            body.append(
                """
                <h2>\(words.name(of: form))</h2>
                <p>\(words.measure(of: form)), %</p>
                <div class="beside">
                <div>\(chart.svg)</div>
                \(Self.summaryTable(summaries, form, words))
                </div>
                \(self.schoolTable(form, summaries.map(\.month), words))
                """)
        }
        body += words.remarks(self.remarks).map { "<p>\(HTMLText.escaped($0))</p>" }
        return """
            <!DOCTYPE html>
            <html lang="\(language.rawValue)">
            <head><meta charset="utf-8"><title>\(HTMLText.escaped(words.title(self.period)))</title>
            <style>body{font:14px/1.4 sans-serif;margin:2em}table{border-collapse:collapse;margin:1em 0}\
            th,td{border:1px solid #999;padding:.3em .6em;text-align:right}th:first-child,td:first-child{text-align:left}\
            th{background:#eee}.beside{display:flex;flex-wrap:wrap;gap:2em;align-items:flex-start}</style></head>
            <body>
            \(body.joined(separator: "\n"))
            </body></html>
            """
    }

    private static func summaryTable(_ summaries: [Summary], _ form: ReportedForm, _ words: ReportingWords) -> String {
        let brackets = form.countsLessons ? ReportedBracket.allCases.map { "\($0.name) %" } : []
        let header = [words.month] + brackets + [words.schools, words.total, words.lowest, words.highest]
        return Self.table(
            header,
            summaries.map { month in
                ["\(month.month)"] + (form.countsLessons ? month.brackets.map(String.init) : []) + [String(month.schools)]
                    + [month.total, month.lowest, month.highest].map { "\(words.percent($0)) %" }
            })
    }

    private func schoolTable(_ form: ReportedForm, _ months: [YearMonth], _ words: ReportingWords) -> String {
        Self.table(
            [words.school] + months.map(\.description),
            self.bySchool(form).map { school in
                [school.name]
                    + months.map { month in
                        school.shares[month].map { "\(words.percent($0)) % (\($0.reported)/\($0.scheduled))" } ?? "–"
                    }
            })
    }

    private static func table(_ header: [String], _ rows: [[String]]) -> String {
        func row(_ cells: [String], _ tag: String) -> String {
            "<tr>\(cells.map { "<\(tag)>\(HTMLText.escaped($0))</\(tag)>" }.joined())</tr>"
        }
        return """
            <table><thead>\(row(header, "th"))</thead><tbody>
            \(rows.map { row($0, "td") }.joined(separator: "\n"))
            </tbody></table>
            """
    }
}
