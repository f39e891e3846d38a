/// Reported lessons and stays by school and month, and what they come to. Holds nobody's name and counts no persons.
public struct ReportingTable: Sendable, Hashable {
    /// A school in a month.
    public struct Row: Sendable, Hashable {
        public let form: ReportedForm
        public let month: YearMonth
        /// The organisation's id.
        public let school: String
        public let schoolName: String
        public let schoolUnitCode: String?
        public let share: ReportedShare
    }

    /// All schools of a form in a month.
    public struct Summary: Sendable, Hashable {
        public let form: ReportedForm
        public let month: YearMonth
        public let total: ReportedShare
        public let lowest: ReportedShare
        public let highest: ReportedShare
        /// How many schools are in each step, in the order of ``ReportedBracket/allCases``.
        public let brackets: [Int]

        public var schools: Int { self.brackets.reduce(0, +) }
    }

    /// What couldn't be counted, or wasn't shown.
    public struct Remarks: Sendable, Hashable {
        /// Schools in a month with so few children that a count of stays would be about somebody.
        public var withheld = 0
        /// Lessons whose activity the register doesn't have: of no known school.
        public var lessonsOfNoSchool = 0
        /// Totals that reach over a month's or the period's edge: they can't be divided.
        public var undividedReports = 0
    }

    public let period: ReportPeriod
    /// By form, month, and the schools' names.
    public let rows: [Row]
    /// By form and month.
    public let summaries: [Summary]
    public let remarks: Remarks

    /// Makes the table of what was counted; what nothing was scheduled of has no row.
    public init(period: ReportPeriod, rows: [Row], remarks: Remarks) {
        self.period = period
        self.remarks = remarks
        let rows = rows.filter { $0.share.scheduled > 0 }.sorted {
            ($0.form, $0.month, Self.order($0.schoolName), $0.school) < ($1.form, $1.month, Self.order($1.schoolName), $1.school)
        }
        self.rows = rows
        var summaries: [Summary] = []
        var start = rows.startIndex
        while start < rows.endIndex {
            let group = rows[start...].prefix { $0.form == rows[start].form && $0.month == rows[start].month }
            summaries.append(Self.summary(of: group))
            start = group.endIndex
        }
        self.summaries = summaries
    }

    /// The schools of a form, each with its months.
    public func bySchool(_ form: ReportedForm) -> [(name: String, shares: [YearMonth: ReportedShare])] {
        var order: [String] = []
        var found: [String: (name: String, shares: [YearMonth: ReportedShare])] = [:]
        for row in self.rows where row.form == form {
            if found[row.school] == nil { order.append(row.school) }
            found[row.school, default: (row.schoolName, [:])].shares[row.month] = row.share
        }
        return order.compactMap { found[$0] }.sorted { Self.order($0.name) < Self.order($1.name) }
    }

    /// What a name is sorted by: å, ä and ö come after z, in that order, and capitals aren't told from small letters.
    public static func order(_ name: String) -> String {
        String(name.lowercased().map { ["å": "{", "ä": "|", "ö": "}"][$0] ?? $0 })
    }

    private static func summary(of rows: ArraySlice<Row>) -> Summary {
        var total = ReportedShare()
        var brackets = ReportedBracket.allCases.map { _ in 0 }
        var (lowest, highest) = (rows[rows.startIndex].share, rows[rows.startIndex].share)
        for row in rows {
            total += row.share
            brackets[ReportedBracket.allCases.firstIndex(of: ReportedBracket(row.share)) ?? 0] += 1
            if row.share.isLower(than: lowest) { lowest = row.share }
            if highest.isLower(than: row.share) { highest = row.share }
        }
        let first = rows[rows.startIndex]
        return Summary(
            form: first.form, month: first.month, total: total, lowest: lowest, highest: highest, brackets: brackets)
    }
}
