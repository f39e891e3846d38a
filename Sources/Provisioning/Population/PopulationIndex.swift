import Mapping
import SchoolRecords

/// A population, found by what is asked for. Made once for a plan; nothing in it depends on the order of the records.
struct PopulationIndex {
    /// What rules ask of an organisation.
    struct Place {
        var type: OrganisationType?
        var schoolTypes: [String] = []
        var names: [String] = []
        /// The organisation itself and those above it, the nearest first.
        var above: [(id: String, type: OrganisationType)] = []
    }

    /// A child's enrolment or placement.
    struct Stay {
        let key: RecordKey
        let organisation: String
        let schoolType: String
        let schoolYear: Int?
        let first: CalendarDate
        let last: CalendarDate?
    }

    private(set) var decisions: [String: [ManualDecision]]
    let accounts: [String: [String: AccountState]]
    /// Organisers: what holds there holds everywhere.
    let wholes: Set<String>
    private(set) var persons: [String: PersonFacts] = [:]
    private(set) var groups: [String: Group] = [:]
    private var places: [String: Place] = [:]
    private var duties: [String: [Duty]] = [:]
    private var placements: [String: [Placement]] = [:]
    private var memberships: [String: [(group: String, membership: GroupMembership)]] = [:]
    private var children: [String: [(child: String, relation: RelationType?)]] = [:]

    init(_ population: Population) {
        self.decisions = Dictionary(grouping: population.decisions.sorted { ($0.id.count, $0.id) < ($1.id.count, $1.id) }) {
            $0.person
        }
        self.accounts = population.accounts
        self.wholes = population.wholes.union(population.organisations.filter { $0.organisationType == .principal }.map(\.id))
        for person in population.persons { self.persons[person.id] = person }
        for group in population.groups { self.groups[group.id] = group }
        self.places = Self.places(population.organisations)
        for duty in population.duties {
            if let person = duty.person { self.duties[person.id, default: []].append(duty) }
        }
        for placement in population.placements { self.placements[placement.child.id, default: []].append(placement) }
        for group in population.groups {
            for membership in group.groupMemberships ?? [] {
                self.memberships[membership.person.id, default: []].append((group.id, membership))
            }
        }
        for person in population.persons {
            for responsible in person.responsibles {
                self.children[responsible.person, default: []].append((person.id, responsible.relation))
            }
        }
    }

    /// Everybody whom records are about, in order.
    func everybody(and others: some Sequence<String>) -> [String] {
        Set(self.persons.keys).union(self.duties.keys).union(self.placements.keys).union(self.memberships.keys)
            .union(self.children.keys).union(self.decisions.keys).union(others).sorted()
    }

    /// Whether somebody works in the schools, or did.
    func isStaff(_ person: String) -> Bool { self.duties[person] != nil }

    /// The title codes of some of a person's duties.
    func titleCodes(of person: String, duties: Set<String>) -> [String?] {
        (self.duties[person] ?? []).filter { duties.contains($0.id) }.map { RolePolicy.titleCode(in: $0.description) }
    }

    /// A person's duties on a day.
    func duties(of person: String, on date: CalendarDate) -> [Duty] {
        (self.duties[person] ?? []).filter { isWithin(date, $0.startDate, $0.endDate) }.sorted { $0.id < $1.id }
    }

    /// The unit that a scope belongs to; `nil` for what holds everywhere, and where nobody knows.
    func unit(of scope: GrantScope) -> String? {
        switch scope {
        case .municipality: nil
        case .unit(let id): id
        case .group(let id): self.groups[id]?.organisation.id
        case .pupil(let id): self.stays(of: id).first?.organisation
        }
    }

    // MARK: Organisations

    private static func places(_ organisations: [Organisation]) -> [String: Place] {
        let byID = Dictionary(organisations.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var below: [String: [String]] = [:]
        for organisation in byID.values {
            if let parent = organisation.parentOrganisation { below[parent.id, default: []].append(organisation.id) }
        }
        func types(_ id: String, _ seen: inout Set<String>) -> Set<String> {
            guard seen.insert(id).inserted, let organisation = byID[id] else { return [] }
            if let own = organisation.schoolTypes, !own.isEmpty { return Set(own.map(\.rawValue)) }
            var found: Set<String> = []
            for child in below[id] ?? [] { found.formUnion(types(child, &seen)) }
            return found
        }
        return byID.mapValues { organisation in
            var names: [String] = []
            var above: [(id: String, type: OrganisationType)] = []
            var seen: Set<String> = []
            var current: Organisation? = organisation
            while let place = current, seen.insert(place.id).inserted {
                names += [place.id, place.schoolUnitCode, place.organisationCode].compactMap { $0 }
                above.append((place.id, place.organisationType))
                current = place.parentOrganisation.flatMap { byID[$0.id] }
            }
            var walked: Set<String> = []
            return Place(
                type: organisation.organisationType, schoolTypes: types(organisation.id, &walked).sorted(), names: names,
                above: above)
        }
    }

    /// The nearest organisation of a type: the one itself or one above it; itself where there is none.
    func nearest(_ type: OrganisationType, of id: String) -> String {
        self.places[id]?.above.first { $0.type == type }?.id ?? id
    }

    /// Whether two organisations are the same, or one of them is a part of the other.
    func meet(_ one: String, _ other: String) -> Bool {
        func isWithin(_ id: String, _ whole: String) -> Bool { self.places[id]?.above.contains { $0.id == whole } ?? false }
        return one == other || isWithin(one, other) || isWithin(other, one)
    }

    /// Has decisions made by hand hold where the systems have it.
    mutating func place(decisions scope: (GrantScope, RoleName) -> GrantScope) {
        self.decisions = self.decisions.mapValues { $0.map { $0.at(scope($0.scope, $0.role)) } }
    }

    private func place(_ id: String) -> Place { self.places[id] ?? Place(names: [id]) }

    // MARK: What a person is

    /// All records of a person that roles can follow from, past and coming ones too, in an order of their own.
    func sources(of person: String) -> [RoleSource] {
        var sources: [RoleSource] = []
        for duty in (self.duties[person] ?? []).sorted(by: { $0.id < $1.id }) {
            let source = self.source(duty, person)
            sources.append(source)
            for role in duty.assignmentRole ?? [] { sources.append(self.source(role, of: duty, source)) }
        }
        for (index, enrolment) in (self.persons[person]?.enrolments ?? []).enumerated() {
            sources.append(self.source(Self.stay(enrolment, index, of: person), .enrolment, person))
        }
        for placement in (self.placements[person] ?? []).sorted(by: { $0.id < $1.id }) {
            var source = self.source(Self.stay(placement), .placement, person)
            source.group = placement.group?.id
            sources.append(source)
        }
        for (group, membership) in (self.memberships[person] ?? []).sorted(by: { $0.group < $1.group }) {
            if let source = self.source(membership, in: group, person) { sources.append(source) }
        }
        for (child, relation) in (self.children[person] ?? []).sorted(by: { $0.child < $1.child }) {
            guard self.persons[child]?.isDeceased != true else { continue }
            for stay in self.stays(of: child) {
                var source = self.source(stay, .guardianship, person)
                source.pupils = [child]
                source.relation = relation?.rawValue
                sources.append(source)
            }
        }
        return sources
    }

    private func source(_ duty: Duty, _ person: String) -> RoleSource {
        let place = self.place(duty.dutyAt.id)
        var source = RoleSource(base: .duty, key: RecordKey(.duty, duty.id), person: person)
        source.organisation = duty.dutyAt.id
        source.duty = duty.id
        source.first = duty.startDate
        source.last = duty.endDate
        source.dutyRole = duty.dutyRole.rawValue
        source.titleCode = RolePolicy.titleCode(in: duty.description)
        source.schoolTypes = place.schoolTypes
        source.organisations = place.names
        source.organisationType = place.type?.rawValue
        source.percent = duty.dutyPercent
        source.dutyDays = duty.endDate.map { max(0, $0.daysSinceEpoch - duty.startDate.daysSinceEpoch + 1) } ?? .max
        return source
    }

    private func source(_ role: AssignmentRole, of duty: Duty, _ source: RoleSource) -> RoleSource {
        let group = self.groups[role.group.id]
        var inner = RoleSource(base: .assignment, key: source.key, person: source.person)
        inner.duty = duty.id
        inner.dutyRole = source.dutyRole
        inner.titleCode = source.titleCode
        inner.percent = source.percent
        inner.dutyDays = source.dutyDays
        inner.group = role.group.id
        inner.assignmentRole = role.assignmentRoleType.rawValue
        inner.groupType = group?.groupType.rawValue
        let organisation = group?.organisation.id ?? duty.dutyAt.id
        let place = self.place(organisation)
        inner.organisation = organisation
        inner.organisations = place.names
        inner.organisationType = place.type?.rawValue
        inner.schoolTypes = group?.schoolType.map { [$0.rawValue] } ?? place.schoolTypes
        inner.first = [duty.startDate, role.startDate, group?.startDate].compactMap { $0 }.max()
        inner.last = [duty.endDate, role.endDate, group?.endDate].compactMap { $0 }.min()
        return inner
    }

    private func source(_ membership: GroupMembership, in id: String, _ person: String) -> RoleSource? {
        guard let group = self.groups[id] else { return nil }
        let place = self.place(group.organisation.id)
        var source = RoleSource(base: .membership, key: RecordKey(.group, id), person: person)
        source.group = id
        source.organisation = group.organisation.id
        source.organisations = place.names
        source.groupType = group.groupType.rawValue
        source.schoolTypes = group.schoolType.map { [$0.rawValue] } ?? place.schoolTypes
        source.first = [group.startDate, membership.startDate].compactMap { $0 }.max()
        source.last = [group.endDate, membership.endDate].compactMap { $0 }.min()
        return source
    }

    private func source(_ stay: Stay, _ base: RoleBase, _ person: String) -> RoleSource {
        var source = RoleSource(base: base, key: stay.key, person: person)
        source.organisation = stay.organisation
        source.organisations = self.place(stay.organisation).names
        source.schoolTypes = [stay.schoolType]
        source.schoolYear = stay.schoolYear
        source.first = stay.first
        source.last = stay.last
        return source
    }

    private func stays(of child: String) -> [Stay] {
        (self.persons[child]?.enrolments ?? []).enumerated().map { Self.stay($1, $0, of: child) }
            + (self.placements[child] ?? []).sorted { $0.id < $1.id }.map(Self.stay)
    }

    private static func stay(_ enrolment: Enrolment, _ index: Int, of person: String) -> Stay {
        Stay(
            key: RecordKey(.person, person), organisation: enrolment.enroledAt.id, schoolType: enrolment.schoolType.rawValue,
            schoolYear: enrolment.schoolYear, first: enrolment.startDate, last: enrolment.endDate)
    }

    private static func stay(_ placement: Placement) -> Stay {
        Stay(
            key: RecordKey(.placement, placement.id), organisation: placement.placedAt.id,
            schoolType: placement.schoolType.rawValue, schoolYear: nil, first: placement.startDate, last: placement.endDate)
    }

    /// The pupils of a source on a day: who is in the group then, or the child. Before the source begins, those of its first
    /// day; after it has ended, those of its last.
    func pupils(of source: RoleSource, on date: CalendarDate) -> [String] {
        guard source.base == .assignment, let group = source.group.flatMap({ self.groups[$0] }) else { return source.pupils }
        var day = source.first.map { max($0, date) } ?? date
        if let last = source.last { day = min(day, last) }
        return Set(
            (group.groupMemberships ?? []).filter { isWithin(day, $0.startDate, $0.endDate) }.map(\.person.id)
        ).sorted()
    }
}
