public import Hub

extension ReportingTable {
    /// For a terminal: for each form the months' summary, then the schools' percentages month by month.
    public func text(_ language: Language) -> String {
        let words = ReportingWords(language: language)
        var lines = [words.title(self.period)]
        if self.rows.isEmpty { lines += ["", words.nothing] }
        for form in ReportedForm.allCases {
            let summaries = self.summaries.filter { $0.form == form }
            guard !summaries.isEmpty else { continue }
            lines += ["", "\(words.name(of: form)): \(words.measure(of: form)), %", ""]
            let brackets = form.countsLessons ? ReportedBracket.allCases.map { "\($0.name) %" } : []
            var summary = [[words.month] + brackets + [words.schools, words.total, words.lowest, words.highest]]
            summary += summaries.map { month in
                ["\(month.month)"] + (form.countsLessons ? month.brackets.map(String.init) : [])
                    + [String(month.schools)] + [month.total, month.lowest, month.highest].map(words.percent)
            }
            lines += Self.columns(summary) + [""]
            let months = summaries.map(\.month)
            var schools = [[words.school] + months.map(\.description)]
            schools += self.bySchool(form).map { school in
                [school.name] + months.map { month in school.shares[month].map(words.percent) ?? "–" }
            }
            lines += Self.columns(schools)
        }
        let remarks = words.remarks(self.remarks)
        if !remarks.isEmpty { lines += [""] + remarks }
        return lines.joined(separator: "\n")
    }

    /// The first column to the left, the others to the right.
    private static func columns(_ rows: [[String]]) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + space : space + cell
            }.joined(separator: "  ")
        }
    }
}
