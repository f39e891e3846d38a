public import SchoolRecords

/// What must be known of other records before one can be judged: schools and groups, and of each person some bits.
///
/// Collected by one walk over the records, entity by entity in the order of ``entities``; the order within an entity doesn't
/// matter. No name, no number and no address stays in it: of what must not be had by two, only hashes do.
public struct QualityFacts: Sendable {
    /// What is collected and examined, in this order.
    public static let entities: [Entity] = [
        .organisation, .group, .activity, .duty, .placement, .employee, .registration, .person,
    ]

    struct Place: Sendable {
        let type: OrganisationType
        let schoolTypes: Set<SchoolType>
        let last: CalendarDate?
    }

    struct GroupFact: Sendable {
        let type: GroupType
        let organisation: String
        let first: CalendarDate
        let last: CalendarDate?
    }

    let today: CalendarDate
    let settings: QualitySettings
    let titleCodes: Set<String>
    /// The code at the beginning of a duty's description.
    let titleCode: @Sendable (String) -> String?
    let hasWithheld: Bool

    /// Kinds of record that there are.
    private(set) var seen: Set<Entity> = []
    private(set) var places: [String: Place] = [:]
    /// Organisations that are the parent of a school unit.
    private(set) var parents: Set<String> = []
    /// School unit code → the units that have it.
    private(set) var unitCodes: [String: [String]] = [:]
    private(set) var groups: [String: GroupFact] = [:]
    /// Schools that have mentor groups now.
    private(set) var mentorSchools: Set<String> = []
    private(set) var mentored: Set<String> = []
    private(set) var staffed: Set<String> = []
    private(set) var taught: Set<String> = []
    private var persons: [CompactID: PersonFact] = [:]
    private var registered: [CompactID: RegisteredFact] = [:]
    private var units = UnitNames()
    var numbers = Sharing()
    var userNames = Sharing()
    var emails = Sharing()

    /// - Parameters:
    ///   - today: what is over by this day is no finding.
    ///   - titleCodes: those that the code table knows; without any, no title code is unknown.
    ///   - titleCode: finds the title code in a duty's description.
    ///   - withheld: the opaque ids of protected persons: they are there, and nothing is told of them.
    public init(
        today: CalendarDate, settings: QualitySettings = QualitySettings(), titleCodes: Set<String> = [],
        titleCode: @escaping @Sendable (String) -> String?, withheld: Set<String> = []
    ) {
        self.today = today
        self.settings = settings
        self.titleCodes = titleCodes
        self.titleCode = titleCode
        self.hasWithheld = !withheld.isEmpty
        for id in withheld { self.persons[CompactID(id), default: PersonFact()].insert(.exists) }
    }

    // MARK: Asking

    func person(_ id: String) -> PersonFact { self.persons[CompactID(id)] ?? PersonFact() }

    /// What the population register says of a person; `nil` when it has said nothing.
    func registered(_ id: String) -> RegisteredFact? { self.registered[CompactID(id)] }

    func name(of unit: UnitNames.Index) -> String? { self.units[unit] }

    /// Whether a time holds today.
    func isNow(_ first: CalendarDate?, _ last: CalendarDate?) -> Bool {
        !self.isOver(last) && (first.map { $0 <= self.today } ?? true)
    }

    /// Whether it holds today, or begins so soon that nothing is missing.
    func isNowOrSoon(_ first: CalendarDate?, _ last: CalendarDate?) -> Bool {
        guard !self.isOver(last) else { return false }
        return first.map { $0.daysSinceEpoch <= self.today.daysSinceEpoch + self.settings.horizonDays } ?? true
    }

    func isOver(_ last: CalendarDate?) -> Bool { last.map { $0 < self.today } ?? false }

    /// Whether a time ends before it begins. What began more than a year ago is over, whichever of the two days is wrong.
    func isBackwards(_ first: CalendarDate?, _ last: CalendarDate?) -> Bool {
        guard let first, let last else { return false }
        return last < first && first.daysSinceEpoch + 365 >= self.today.daysSinceEpoch
    }

    // MARK: Collecting

    public mutating func collect(_ organisation: Organisation) {
        self.seen.insert(.organisation)
        self.places[organisation.id] = Place(
            type: organisation.organisationType, schoolTypes: Set(organisation.schoolTypes ?? []), last: organisation.endDate)
        guard organisation.organisationType == .schoolUnit, !self.isOver(organisation.endDate) else { return }
        if let parent = organisation.parentOrganisation { self.parents.insert(parent.id) }
        if let code = organisation.schoolUnitCode { self.unitCodes[code, default: []].append(organisation.id) }
    }

    public mutating func collect(_ group: Group) {
        self.seen.insert(.group)
        self.groups[group.id] = GroupFact(
            type: group.groupType, organisation: group.organisation.id, first: group.startDate, last: group.endDate)
        guard self.isNowOrSoon(group.startDate, group.endDate) else { return }
        if group.groupType == .mentor { self.mentorSchools.insert(group.organisation.id) }
        guard group.groupType == .schoolClass else { return }
        let isNow = self.isNow(group.startDate, group.endDate)
        let unit = self.units.index(of: group.organisation.id)
        for member in group.groupMemberships ?? [] where self.isNowOrSoon(member.startDate, member.endDate) {
            let isInClass = isNow && self.isNow(member.startDate, member.endDate)
            self.change(member.person.id) { fact, units in
                fact.insert(.hasClass)
                if isInClass { fact.insert(.isInClass) }
                fact.classUnit = units.lesser(fact.classUnit, unit)
            }
        }
    }

    public mutating func collect(_ activity: Activity) {
        self.seen.insert(.activity)
        guard self.isNowOrSoon(activity.startDate, activity.endDate),
            (activity.teachers ?? []).contains(where: { self.isNowOrSoon($0.startDate, $0.endDate) })
        else { return }
        self.taught.formUnion(activity.groups.map(\.id))
    }

    public mutating func collect(_ duty: Duty) {
        self.seen.insert(.duty)
        if let person = duty.person {
            let (isNow, unit) = (self.isNow(duty.startDate, duty.endDate), self.units.index(of: duty.dutyAt.id))
            self.change(person.id) { fact, units in
                fact.insert(.hasHadDuty)
                guard isNow else { return }
                fact.insert(.hasDuty)
                fact.dutyUnit = units.lesser(fact.dutyUnit, unit)
            }
        }
        guard self.isNowOrSoon(duty.startDate, duty.endDate) else { return }
        for role in duty.assignmentRole ?? [] where self.isNowOrSoon(role.startDate, role.endDate) {
            if role.assignmentRoleType == .mentor { self.mentored.insert(role.group.id) }
            if role.assignmentRoleType != .administrativeStaff, role.assignmentRoleType != .scheduler {
                self.staffed.insert(role.group.id)
            }
        }
    }

    public mutating func collect(_ placement: Placement) {
        self.seen.insert(.placement)
        let isNow = self.isNow(placement.startDate, placement.endDate)
        let isSoon = self.isNowOrSoon(placement.startDate, placement.endDate)
        let unit = self.units.index(of: placement.placedAt.id)
        let isPreschool = placement.schoolType == .fs
        self.change(placement.child.id) { fact, units in
            fact.insert(.hasHadPlacement)
            if isSoon {
                fact.insert(.hasPlacement)
                fact.placementUnit = units.lesser(fact.placementUnit, unit)
            }
            guard isNow else { return }
            fact.insert(.isPlaced)
            let (one, two): (PersonFact.Bits, PersonFact.Bits) =
                isPreschool ? (.hasPreschool, .hasTwoPreschools) : (.hasAfterSchool, .hasTwoAfterSchools)
            fact.insert(fact.has(one) ? two : one)
        }
    }

    public mutating func collect(_ employee: Employee) {
        self.seen.insert(.employee)
        guard let person = employee.person else { return }
        for employment in employee.employments ?? [] {
            guard (employment.periods ?? []).contains(where: { self.isNow($0.startDate, $0.endDate) }) else { continue }
            let unit = employment.organisation.map { self.units.index(of: $0.id) }
            self.change(person.id) { fact, units in
                fact.insert(.isEmployed)
                if let unit { fact.workUnit = units.lesser(fact.workUnit, unit) }
            }
        }
    }

    public mutating func collect(_ registration: Registration) {
        self.seen.insert(.registration)
        guard let person = registration.person else { return }
        self.registered[CompactID(person.id)] = RegisteredFact(registration)
    }

    public mutating func collect(_ person: Person) {
        self.change(person.id) { fact, _ in fact.insert(.exists) }
        guard person.securityMarking?.isProtected != true else {
            self.change(person.id) { fact, _ in fact.insert(.isProtected) }
            return
        }
        self.seen.insert(.person)
        if let number = person.civicNo { self.numbers.add("\(number.nationality ?? "SE") \(number.value)") }
        for name in Set((person.eduPersonPrincipalNames ?? []).map { $0.lowercased() }) { self.userNames.add(name) }
        for mail in Self.schoolMails(person) { self.emails.add(mail) }
        let responsibles = Set((person.responsibles ?? []).compactMap(\.person?.id))
        guard !responsibles.isEmpty else { return }
        let child = ChildView(person, self)
        let isCared = child.isCurrent && child.isMinor(self.today) != false && person.personStatus != .deceased
        let unit = child.unit.map { self.units.index(of: $0) }
        for responsible in responsibles {
            self.change(responsible) { fact, units in
                fact.insert(.isResponsible)
                guard isCared else { return }
                fact.insert(.isResponsibleNow)
                if let unit { fact.childUnit = units.lesser(fact.childUnit, unit) }
            }
        }
    }

    /// E-mail addresses that the school gave: of others two may have one.
    static func schoolMails(_ person: Person) -> Set<String> {
        Set((person.emails ?? []).filter { $0.type == .pupil || $0.type == .staff }.map { $0.value.lowercased() })
    }

    private mutating func change(_ id: String, _ body: (inout PersonFact, UnitNames) -> Void) {
        let units = self.units
        body(&self.persons[CompactID(id), default: PersonFact()], units)
    }
}
