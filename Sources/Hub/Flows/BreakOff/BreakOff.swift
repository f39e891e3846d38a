public import Mapping
public import SchoolRecords

/// A young person who was in upper-secondary school, isn't in any studies now and hasn't completed them: the municipality's activity
/// responsibility (KAA, Skollagen 29 kap. 9 §) is to be told.
///
/// The notice goes when other studies have begun or are about to, and on the day when the person is too old for it. No number
/// and no birth date stands in it.
public struct BreakOff: Flow {
    static let flowName = "break-off"

    public let name = Self.flowName
    public let reads: Set<Entity> = [.person]
    public let triggers: Set<Entity> = [.person]
    public let writes: Set<Entity> = [.notice]

    private let recipient: String
    private let schoolTypes: Set<String>
    private let otherStudies: Set<String>
    private let beginsWithin: Int
    private let belowAge: Int
    private let completedYear: Int
    private let completedYearAdapted: Int
    private let completedMonth: Int
    private let municipality: Int?

    public init(_ settings: FlowDescription) {
        self.recipient = settings.text("recipient")
        self.schoolTypes = Set(settings.texts("school_types"))
        self.otherStudies = Set(settings.texts("other_studies"))
        self.beginsWithin = settings.integer("begins_within_days") ?? 30
        self.belowAge = settings.integer("below_age") ?? 20
        self.completedYear = settings.integer("completed_year") ?? 3
        self.completedYearAdapted = settings.integer("completed_year_adapted") ?? 4
        self.completedMonth = settings.integer("completed_month") ?? 6
        self.municipality = settings.integer("home_municipality").flatMap { $0 == 0 ? nil : $0 }
    }

    public func decide(_ state: SubjectState, today: CalendarDate) throws -> [DerivedRecord] {
        guard let record = state.records(.person).first else { return [] }
        let person = try Person(json: record.json)
        guard person.personStatus ?? .active == .active, self.isAtHome(person), self.isYoung(person, today) else { return [] }
        let enrolments = person.enrolments ?? []
        guard !enrolments.contains(where: { self.isInStudies($0, today) }) else { return [] }
        let ended = enrolments.compactMap { enrolment -> (enrolment: Enrolment, end: CalendarDate, isCancelled: Bool)? in
            guard self.schoolTypes.contains(enrolment.schoolType.rawValue), enrolment.startDate < today else { return nil }
            if let end = enrolment.endDate, end < today { return (enrolment, end, enrolment.cancelled == true) }
            // Broken off before its end, and nobody says when: at the latest on the day when the hub learned it.
            guard enrolment.cancelled == true, let learned = RFC3339.date(record.time) else { return nil }
            return (enrolment, max(enrolment.startDate, RFC3339.swedishDate(learned)), true)
        }
        let last = ended.max { ($0.end, $0.enrolment.startDate) < ($1.end, $1.enrolment.startDate) }
        guard let last, last.isCancelled || !self.isCompleted(last.enrolment, on: last.end) else { return [] }
        let unit = last.enrolment.enroledAt.id
        let id = DerivedID.of(flow: self.name, person.id, unit, "\(last.enrolment.startDate)")
        let json: JSONValue = [
            "id": .string(id), "noticeType": .string(NoticeType.studiesBrokenOff.rawValue), "person": ["id": .string(person.id)],
            "recipient": .string(self.recipient), "organisation": ["id": .string(unit)],
            "schoolType": .string(last.enrolment.schoolType.rawValue), "date": .string("\(last.end)"),
        ]
        return [
            DerivedRecord(
                key: RecordKey(.notice, id), json: json,
                rule: last.isCancelled ? "enrolment-broken-off" : "enrolment-ended-without-studies", origins: [record.key])
        ]
    }

    /// Now, or about to begin.
    private func isInStudies(_ enrolment: Enrolment, _ today: CalendarDate) -> Bool {
        let soon = CalendarDate(daysSinceEpoch: today.daysSinceEpoch + self.beginsWithin)
        return enrolment.cancelled != true && self.otherStudies.contains(enrolment.schoolType.rawValue)
            && enrolment.startDate <= soon && enrolment.endDate ?? today >= today
    }

    /// SS 12000 gives no reason for an end: who leaves the last year in the month of graduation has graduated.
    private func isCompleted(_ enrolment: Enrolment, on end: CalendarDate) -> Bool {
        let isAdapted = enrolment.schoolType != .gy
        return enrolment.schoolYear ?? 0 >= (isAdapted ? self.completedYearAdapted : self.completedYear)
            && end.month == self.completedMonth
    }

    /// A person of unknown age isn't told of: what may not be passed on isn't.
    private func isYoung(_ person: Person, _ today: CalendarDate) -> Bool {
        let number = person.civicNo.flatMap { try? PersonalIdentityNumber($0.value, today: today) }
        guard let birth = person.birthDate ?? number?.birthDate else { return false }
        return today < CalendarDate(year: birth.year + self.belowAge, month: birth.month, day: birth.day)
    }

    private func isAtHome(_ person: Person) -> Bool {
        guard let municipality else { return true }
        let registered = person.addresses?.first { $0.type == .registered }
        return registered?.municipalityCode.map { $0 == municipality } ?? true
    }
}

extension FlowKind {
    /// Notices to the municipality's activity responsibility.
    public static let breakOff = FlowKind(name: BreakOff.flowName, reads: [.person]) { set in
        set.flows[BreakOff.flowName].flatMap { $0.isEnabled ? BreakOff($0) : nil }
    }
}
