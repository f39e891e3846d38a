/// A time in an employment: a leave of absence, or a time between leaves.
public struct EmploymentPeriod: Sendable, Hashable {
    public var startDate: CalendarDate
    /// Inclusive; `nil` = until the employment ends.
    public var endDate: CalendarDate?
}

extension EmploymentPeriod: RecordPart {
    init(_ fields: FieldReader) throws(RecordError) {
        self.startDate = try fields.required("startDate", fields.date("startDate"))
        self.endDate = try fields.date("endDate")
    }

    /// The value in the hub's JSON.
    public var json: JSONValue {
        var fields = FieldWriter()
        fields.set("startDate", self.startDate)
        fields.set("endDate", self.endDate)
        return fields.json
    }

    static let shape = RecordShape(of: EmploymentPeriod.self)
}

extension EmploymentPeriod {
    /// What is left of a time without others, earliest first.
    ///
    /// - Parameter others: in any order; they may overlap.
    func without(_ others: [EmploymentPeriod]) -> [EmploymentPeriod] {
        func day(_ date: CalendarDate, _ days: Int) -> CalendarDate {
            CalendarDate(daysSinceEpoch: date.daysSinceEpoch + days)
        }
        var rest: [EmploymentPeriod] = []
        var start = self.startDate
        for other in others.sorted(by: { $0.startDate < $1.startDate }) {
            if let end = self.endDate, other.startDate > end { break }
            if other.startDate > start {
                rest.append(EmploymentPeriod(startDate: start, endDate: day(other.startDate, -1)))
            }
            guard let last = other.endDate else { return rest }
            start = max(start, day(last, 1))
        }
        if self.endDate.map({ start <= $0 }) ?? true {
            rest.append(EmploymentPeriod(startDate: start, endDate: self.endDate))
        }
        return rest
    }
}
