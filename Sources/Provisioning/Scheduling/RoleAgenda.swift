public import Mapping
public import SchoolRecords

/// A plan that is to be made by itself.
public enum RoleErrand: Sendable, Hashable, CustomStringConvertible {
    /// The day's plan.
    case day(CalendarDate)
    /// The plan for a term, on its first day.
    case term(String, first: CalendarDate)

    /// `day`, `term.HT2026`: under which the last run is remembered.
    public var name: String {
        switch self {
        case .day: "day"
        case .term(let name, _): "term.\(name)"
        }
    }

    public var description: String {
        switch self {
        case .day(let date): "day \(date)"
        case .term(let name, _): "term \(name)"
        }
    }
}

/// Which plans are due when. A value: the same question has the same answer, however often it is asked.
public struct RoleAgenda: Sendable {
    let schedule: RoleSchedule
    let policy: RolePolicy

    public init(_ schedule: RoleSchedule, policy: RolePolicy) {
        self.schedule = schedule
        self.policy = policy
    }

    /// The plans that are due, terms first.
    ///
    /// - Parameters:
    ///   - date: today.
    ///   - hour: the hour of today, 0-23.
    ///   - done: ``RoleErrand/name`` → the day on which it was last done. A day that was missed is caught up on by the next.
    public func due(on date: CalendarDate, hour: Int, done: [String: CalendarDate]) -> [RoleErrand] {
        guard hour >= self.schedule.hour else { return [] }
        var errands = self.planned(from: date).filter { term in
            self.day(of: term) <= date && date <= term.last && done["term.\(term.name)"] == nil
        }.map { RoleErrand.term($0.name, first: $0.first) }
        if self.schedule.isDaily, done["day"].map({ $0 < date }) ?? true { errands.append(.day(date)) }
        return errands
    }

    /// When the plans after those are made, in the order of their days.
    public func next(after date: CalendarDate, done: [String: CalendarDate]) -> [(errand: RoleErrand, day: CalendarDate)] {
        var next = self.planned(from: date).filter { done["term.\($0.name)"] == nil }.map { term in
            (RoleErrand.term(term.name, first: term.first), max(self.day(of: term), date))
        }
        if self.schedule.isDaily {
            let isDone = done["day"].map { $0 >= date } ?? false
            let day = CalendarDate(daysSinceEpoch: date.daysSinceEpoch + (isDone ? 1 : 0))
            next.append((.day(day), day))
        }
        return next.sorted { ($0.1, $0.0.name) < ($1.1, $1.0.name) }
    }

    /// The term that a day is in or near: from so many days before its first day.
    public func term(near date: CalendarDate, within days: Int) -> (name: String, first: CalendarDate)? {
        self.terms(from: date).first { term in
            date.daysSinceEpoch >= term.first.daysSinceEpoch - days && date.daysSinceEpoch <= term.first.daysSinceEpoch + days
        }.map { ($0.name, $0.first) }
    }

    private func day(of term: Term) -> CalendarDate {
        CalendarDate(daysSinceEpoch: term.first.daysSinceEpoch - (self.schedule.weeksBefore ?? 0) * 7)
    }

    private typealias Term = (name: String, first: CalendarDate, last: CalendarDate)

    /// The terms for which plans are made.
    private func planned(from date: CalendarDate) -> [Term] { self.schedule.weeksBefore == nil ? [] : self.terms(from: date) }

    /// The terms that aren't over.
    private func terms(from date: CalendarDate) -> [Term] {
        var names = Set(self.policy.terms.keys)
        for year in date.year...(date.year + 1) { names.formUnion(["VT\(year)", "HT\(year)"]) }
        return names.compactMap { name -> Term? in
            guard let days = self.policy.term(name), days.last >= date else { return nil }
            return (name, days.first, days.last)
        }.sorted { ($0.first, $0.name) < ($1.first, $1.name) }
    }
}
