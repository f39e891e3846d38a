extension Employee {
    /// The record with what follows from what the employer says, whatever stood there before: the same employment at the same place, told
    /// once for each leave, as one with all of them; when the person is at work; the days of each employment over all its places. A
    /// last day in the year 9999 is none.
    ///
    /// - Throws: ``RecordError`` when an employment or a leave ends before it begins.
    public func completed() throws(RecordError) -> Employee {
        var employments: [Employment] = []
        for (place, given) in (self.employments ?? []).enumerated() {
            var employment = given
            employment.endDate = Self.lastDay(given.endDate)
            employment.leaves = (given.leaves ?? []).map { leave in
                EmploymentPeriod(startDate: leave.startDate, endDate: Self.lastDay(leave.endDate))
            }
            let times =
                [("", EmploymentPeriod(startDate: employment.startDate, endDate: employment.endDate))]
                + (employment.leaves ?? []).map { ("leaves.", $0) }
            for (name, time) in times where time.endDate.map({ $0 < time.startDate }) ?? false {
                throw RecordError(
                    entity: .employee, field: "employments[\(place)].\(name)endDate", problem: "is before the startDate")
            }
            employments.append(employment)
        }
        var completed = self
        completed.employments = Self.merged(Self.withWholeDays(employments)).sorted { one, other in
            Self.order(one).lexicographicallyPrecedes(Self.order(other))
        }
        return completed
    }

    private static func lastDay(_ date: CalendarDate?) -> CalendarDate? { date.flatMap { $0.year >= 9999 ? nil : $0 } }

    private static func order(_ employment: Employment) -> [String] {
        [employment.employmentNumber, "\(employment.startDate)", employment.unitCode ?? "", employment.titleCode ?? ""]
    }

    private static func withWholeDays(_ employments: [Employment]) -> [Employment] {
        let wholes = Dictionary(grouping: employments, by: \.employmentNumber)
        return employments.map { given in
            var employment = given
            let all = wholes[given.employmentNumber] ?? []
            employment.wholeStartDate = all.map(\.startDate).min()
            let ends = all.map(\.endDate)
            employment.wholeEndDate = ends.contains(nil) ? nil : ends.compactMap(\.self).max()
            return employment
        }
    }

    private static func merged(_ employments: [Employment]) -> [Employment] {
        var leaves: [Employment: Set<EmploymentPeriod>] = [:]
        var order: [Employment] = []
        for employment in employments {
            var bare = employment
            (bare.leaves, bare.periods) = (nil, nil)
            if leaves[bare] == nil { order.append(bare) }
            leaves[bare, default: []].formUnion(employment.leaves ?? [])
        }
        return order.map { bare in
            var employment = bare
            let own = (leaves[bare] ?? []).sorted { Self.days($0) < Self.days($1) }
            let periods = EmploymentPeriod(startDate: bare.startDate, endDate: bare.endDate).without(own)
            employment.leaves = own.isEmpty ? nil : own
            employment.periods = periods.isEmpty ? nil : periods
            return employment
        }
    }

    private static func days(_ period: EmploymentPeriod) -> (CalendarDate, Int) {
        (period.startDate, period.endDate?.daysSinceEpoch ?? .max)
    }
}
