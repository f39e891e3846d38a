import SchoolRecords

/// A person as a child or a pupil.
struct ChildView {
    /// Those that aren't cancelled and do not end before they begin.
    let enrolments: [Enrolment]
    /// Now.
    let current: [Enrolment]
    /// Now or soon.
    let coming: [Enrolment]
    let birthDate: CalendarDate?
    /// The unit of the enrolment, the placement or the class.
    let unit: String?
    let isPlaced: Bool
    let hasPlacement: Bool

    init(_ person: Person, _ facts: QualityFacts) {
        let fact = facts.person(person.id)
        self.enrolments = (person.enrolments ?? []).filter { enrolment in
            enrolment.cancelled != true && (enrolment.endDate.map { $0 >= enrolment.startDate } ?? true)
        }
        self.current = self.enrolments.filter { facts.isNow($0.startDate, $0.endDate) }
        self.coming = self.enrolments.filter { facts.isNowOrSoon($0.startDate, $0.endDate) }
        self.birthDate = person.birthDate ?? Self.birthDate(in: person.civicNo, facts.today)
        self.isPlaced = fact.has(.isPlaced)
        self.hasPlacement = fact.has(.hasPlacement)
        let enrolled = (self.current.isEmpty ? self.coming : self.current).map(\.enroledAt.id).min()
        self.unit = enrolled ?? facts.name(of: fact.placementUnit) ?? facts.name(of: fact.classUnit)
    }

    /// Whether the person goes to school or is placed today.
    var isCurrent: Bool { !self.current.isEmpty || self.isPlaced }

    /// Whether a school or a preschool has the person, today or soon.
    var isExpected: Bool { !self.coming.isEmpty || self.hasPlacement }

    /// Under 18; `nil` when nobody knows.
    func isMinor(_ today: CalendarDate) -> Bool? {
        self.birthDate.map { today < CalendarDate(year: $0.year + 18, month: $0.month, day: $0.day) }
    }

    /// Whether the Education Act (7 kap. 10–12 §§) has the person go to school: from the autumn of the year in which a child
    /// becomes six, for ten school years.
    func isOfSchoolAge(_ today: CalendarDate) -> Bool {
        guard let birthDate else { return false }
        let schoolYear = today.month >= 7 ? today.year : today.year - 1
        return (6...15).contains(schoolYear - birthDate.year)
    }

    private static func birthDate(in number: CivicNumber?, _ today: CalendarDate) -> CalendarDate? {
        guard let number, number.nationality ?? "SE" == "SE" else { return nil }
        return (try? PersonalIdentityNumber(number.value, today: today))?.birthDate
    }
}
