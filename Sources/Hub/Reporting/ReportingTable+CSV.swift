extension ReportingTable {
    /// A school in a month a line (RFC 4180). Numbers are written the same in every language, with a point. A cell that a
    /// spreadsheet would take for a formula begins with an apostrophe.
    public func csv(_ language: Language) -> String {
        let words = ReportingWords(language: language)
        let header = [
            words.form, words.month, words.school, words.code, words.scheduled, words.reported, words.percent, words.bracket,
        ]
        let rows = self.rows.map { row in
            [
                words.name(of: row.form), "\(row.month)", row.schoolName, row.schoolUnitCode ?? "", "\(row.share.scheduled)",
                "\(row.share.reported)", "\(row.share.tenths / 10).\(row.share.tenths % 10)", ReportedBracket(row.share).name,
            ]
        }
        return CSVText.lines([header] + rows)
    }
}
