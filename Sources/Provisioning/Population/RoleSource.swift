import Mapping
import SchoolRecords

/// A record that roles can follow from, with what rules may ask of it.
struct RoleSource {
    let base: RoleBase
    let key: RecordKey
    let person: String
    var organisation: String?
    var group: String?
    /// Whom a role of scope `pupil` holds for.
    var pupils: [String] = []
    var duty: String?
    var first: CalendarDate?
    var last: CalendarDate?

    var dutyRole: String?
    var titleCode: String?
    var assignmentRole: String?
    var schoolTypes: [String] = []
    /// Ids and codes of the organisation and of those above it.
    var organisations: [String] = []
    var organisationType: String?
    var groupType: String?
    var relation: String?
    var schoolYear: Int?
    var percent: Int?
    var dutyDays: Int?

    func words(_ fact: RoleFact) -> [String] {
        switch fact {
        case .dutyRole: Self.list(self.dutyRole)
        case .titleCode: Self.list(self.titleCode)
        case .assignmentRole: Self.list(self.assignmentRole)
        case .schoolType: self.schoolTypes
        case .organisation: self.organisations
        case .organisationType: Self.list(self.organisationType)
        case .groupType: Self.list(self.groupType)
        case .relation: Self.list(self.relation)
        case .schoolYear, .percent, .dutyDays: []
        }
    }

    private static func list(_ word: String?) -> [String] { word.map { [$0] } ?? [] }

    func number(_ fact: RoleFact) -> Int? {
        switch fact {
        case .schoolYear: self.schoolYear
        case .percent: self.percent
        case .dutyDays: self.dutyDays
        default: nil
        }
    }

    func passes(_ condition: RoleCondition) -> Bool {
        condition.passes(words: self.words(condition.fact), number: self.number(condition.fact))
    }

    /// From when to when a role of a rule holds; an open side has no day.
    func window(_ rule: RoleRule) -> (first: CalendarDate?, last: CalendarDate?) {
        (self.first?.adding(-rule.daysBefore), self.last?.adding(rule.daysAfter))
    }

    /// What it has of a fact, as people read it.
    func text(_ fact: RoleFact) -> String? {
        if fact.isNumber {
            guard let number = self.number(fact) else { return nil }
            return number == .max ? "∞" : String(number)
        }
        // Ids of organisations above it say nothing to anybody.
        let words = fact == .organisation ? Array(self.organisations.prefix(1)) : self.words(fact)
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }
}

extension CalendarDate {
    func adding(_ days: Int) -> CalendarDate {
        days == 0 ? self : CalendarDate(daysSinceEpoch: self.daysSinceEpoch + days)
    }
}

/// Whether a day is within a period whose sides may be open.
func isWithin(_ date: CalendarDate, _ first: CalendarDate?, _ last: CalendarDate?) -> Bool {
    (first.map { $0 <= date } ?? true) && (last.map { date <= $0 } ?? true)
}
