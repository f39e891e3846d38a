public import Hub

extension ReportingTable {
    /// For programs: rows, summaries and remarks.
    ///
    /// - Throws: `EncodingError`, which doesn't happen: every value is a text or a whole number.
    public func json() throws -> String { try ReadableJSON.text(Document(self)) }

    private struct Document: Encodable {
        let from: String
        let to: String
        let rows: [RowDocument]
        let summaries: [SummaryDocument]
        let remarks: [String: Int]

        init(_ table: ReportingTable) {
            self.from = "\(table.period.first)"
            self.to = "\(table.period.last)"
            self.rows = table.rows.map(RowDocument.init)
            self.summaries = table.summaries.map(SummaryDocument.init)
            self.remarks = [
                "withheld": table.remarks.withheld, "lessonsOfNoSchool": table.remarks.lessonsOfNoSchool,
                "undividedReports": table.remarks.undividedReports,
            ]
        }
    }

    private struct ShareDocument: Encodable {
        let scheduled: Int
        let reported: Int
        /// Tenths of a percent.
        let perMille: Int

        init(_ share: ReportedShare) {
            self.scheduled = share.scheduled
            self.reported = share.reported
            self.perMille = share.tenths
        }
    }

    private struct RowDocument: Encodable {
        let form: ReportedForm
        let month: String
        let school: String
        let schoolName: String
        let schoolUnitCode: String?
        let share: ShareDocument
        let bracket: String

        init(_ row: Row) {
            self.form = row.form
            self.month = "\(row.month)"
            self.school = row.school
            self.schoolName = row.schoolName
            self.schoolUnitCode = row.schoolUnitCode
            self.share = ShareDocument(row.share)
            self.bracket = ReportedBracket(row.share).name
        }
    }

    private struct SummaryDocument: Encodable {
        let form: ReportedForm
        let month: String
        let schools: Int
        let total: ShareDocument
        let lowest: ShareDocument
        let highest: ShareDocument
        let brackets: [String: Int]

        init(_ summary: Summary) {
            self.form = summary.form
            self.month = "\(summary.month)"
            self.schools = summary.schools
            self.total = ShareDocument(summary.total)
            self.lowest = ShareDocument(summary.lowest)
            self.highest = ShareDocument(summary.highest)
            self.brackets = Dictionary(
                uniqueKeysWithValues: zip(ReportedBracket.allCases.map(\.name), summary.brackets))
        }
    }
}
