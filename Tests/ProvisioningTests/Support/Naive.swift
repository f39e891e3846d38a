import Mapping
import Provisioning
import SchoolRecords

/// The policy's meaning a second time, as slowly and plainly as it can be said: every rule against every record.
struct Naive {
    let world: RandomWorld
    let date = RandomWorld.date

    /// One record as a rule sees it.
    struct Record {
        var base: RoleBase
        var name: String
        var words: [RoleFact: [String]] = [:]
        var numbers: [RoleFact: Int] = [:]
        var organisation: String?
        var group: String?
        var pupils: [String] = []
        var first: CalendarDate?
        var last: CalendarDate?
    }

    enum State: Equatable { case given, blocked(String) }

    // MARK: Places

    private func organisation(_ id: String) -> Organisation? { self.world.population.organisations.first { $0.id == id } }

    private func group(_ id: String) -> Group? { self.world.population.groups.first { $0.id == id } }

    private func names(_ id: String) -> [String] {
        guard let organisation = self.organisation(id) else { return [id] }
        let own = [id, organisation.schoolUnitCode, organisation.organisationCode].compactMap { $0 }
        return own + (organisation.parentOrganisation.map { self.names($0.id) } ?? [])
    }

    private func types(_ id: String) -> [String] {
        guard let organisation = self.organisation(id) else { return [] }
        if let types = organisation.schoolTypes { return types.map(\.rawValue) }
        return self.world.population.organisations.filter { $0.parentOrganisation?.id == id }.flatMap { self.types($0.id) }
    }

    private func wholes(of id: String) -> [String] {
        [id] + (self.organisation(id)?.parentOrganisation.map { self.wholes(of: $0.id) } ?? [])
    }

    private func meet(_ left: String, _ right: String) -> Bool {
        self.wholes(of: left).contains(right) || self.wholes(of: right).contains(left)
    }

    /// Where a role at a place holds in a system.
    func place(_ scope: GrantScope, _ system: String) -> GrantScope {
        guard case .unit(let id) = scope, id != "kommun" else { return scope.kind == .unit ? .municipality : scope }
        guard let type = self.world.policy.vocabulary.catalogs[system]?.unitType else { return scope }
        return .unit(self.wholes(of: id).first { self.organisation($0)?.organisationType == type } ?? id)
    }

    func unit(_ scope: GrantScope) -> String? {
        switch scope {
        case .municipality: return nil
        case .unit(let id): return id
        case .group(let id): return self.group(id)?.organisation.id
        case .pupil(let id):
            if let enrolment = self.person(id)?.enrolments.first { return enrolment.enroledAt.id }
            return self.world.population.placements.first { $0.child.id == id }?.placedAt.id
        }
    }

    func person(_ id: String) -> PersonFacts? { self.world.population.persons.first { $0.id == id } }

    // MARK: Records

    func records(_ person: String) -> [Record] {
        self.duties(person) + self.stays(person, .enrolment, of: person) + self.memberships(person) + self.children(person)
    }

    private func duties(_ person: String) -> [Record] {
        var records: [Record] = []
        for duty in self.world.population.duties where duty.person?.id == person {
            var record = Record(base: .duty, name: "duty/\(duty.id)")
            record.words[.dutyRole] = [duty.dutyRole.rawValue]
            record.words[.titleCode] = duty.description.map { [String($0.prefix(4))] } ?? []
            record.words[.schoolType] = self.types(duty.dutyAt.id)
            record.words[.organisation] = self.names(duty.dutyAt.id)
            record.words[.organisationType] = [self.organisation(duty.dutyAt.id)?.organisationType.rawValue].compactMap { $0 }
            record.numbers[.percent] = duty.dutyPercent
            record.numbers[.dutyDays] =
                duty.endDate.map { max(0, $0.daysSinceEpoch - duty.startDate.daysSinceEpoch + 1) } ?? .max
            record.organisation = duty.dutyAt.id
            (record.first, record.last) = (duty.startDate, duty.endDate)
            records.append(record)
            for role in duty.assignmentRole ?? [] {
                var inner = record
                inner.base = .assignment
                let group = self.group(role.group.id)
                let place = group?.organisation.id ?? duty.dutyAt.id
                inner.group = role.group.id
                inner.organisation = place
                inner.words[.assignmentRole] = [role.assignmentRoleType.rawValue]
                inner.words[.groupType] = [group?.groupType.rawValue].compactMap { $0 }
                inner.words[.organisation] = self.names(place)
                inner.words[.organisationType] = [self.organisation(place)?.organisationType.rawValue].compactMap { $0 }
                inner.words[.schoolType] = group?.schoolType.map { [$0.rawValue] } ?? self.types(place)
                inner.first = [duty.startDate, role.startDate, group?.startDate].compactMap { $0 }.max()
                inner.last = [duty.endDate, role.endDate, group?.endDate].compactMap { $0 }.min()
                var day = self.date
                if let first = inner.first, first > day { day = first }
                if let last = inner.last, last < day { day = last }
                inner.pupils = (group?.groupMemberships ?? []).filter { member in
                    (member.startDate.map { $0 <= day } ?? true) && (member.endDate.map { $0 >= day } ?? true)
                }.map(\.person.id)
                records.append(inner)
            }
        }
        return records
    }

    private func stays(_ child: String, _ base: RoleBase, of person: String) -> [Record] {
        var records: [Record] = []
        for enrolment in self.person(child)?.enrolments ?? [] {
            var record = Record(base: base, name: "person/\(child)")
            record.words[.schoolType] = [enrolment.schoolType.rawValue]
            record.words[.organisation] = self.names(enrolment.enroledAt.id)
            record.numbers[.schoolYear] = enrolment.schoolYear
            record.organisation = enrolment.enroledAt.id
            (record.first, record.last) = (enrolment.startDate, enrolment.endDate)
            records.append(record)
        }
        for placement in self.world.population.placements where placement.child.id == child {
            var record = Record(base: base == .enrolment ? .placement : base, name: "placement/\(placement.id)")
            record.words[.schoolType] = [placement.schoolType.rawValue]
            record.words[.organisation] = self.names(placement.placedAt.id)
            record.organisation = placement.placedAt.id
            if base == .enrolment { record.group = placement.group?.id }
            (record.first, record.last) = (placement.startDate, placement.endDate)
            records.append(record)
        }
        return records
    }

    private func memberships(_ person: String) -> [Record] {
        self.world.population.groups.flatMap { group in
            (group.groupMemberships ?? []).filter { $0.person.id == person }.map { membership in
                var record = Record(base: .membership, name: "group/\(group.id)")
                record.words[.groupType] = [group.groupType.rawValue]
                record.words[.schoolType] = group.schoolType.map { [$0.rawValue] } ?? self.types(group.organisation.id)
                record.words[.organisation] = self.names(group.organisation.id)
                record.organisation = group.organisation.id
                record.group = group.id
                record.first = [group.startDate, membership.startDate].compactMap { $0 }.max()
                record.last = [group.endDate, membership.endDate].compactMap { $0 }.min()
                return record
            }
        }
    }

    private func children(_ person: String) -> [Record] {
        self.world.population.persons.filter { !$0.isDeceased }.flatMap { child in
            child.responsibles.filter { $0.person == person }.flatMap { responsible in
                self.stays(child.id, .guardianship, of: person).map { stay in
                    var record = stay
                    record.words[.relation] = responsible.relation.map { [$0.rawValue] } ?? []
                    record.pupils = [child.id]
                    return record
                }
            }
        }
    }

    /// The key of what a system holds.
    func key(_ grant: RoleGrant) -> GrantKey {
        let key = RandomWorld.key(grant)
        return GrantKey(person: key.person, name: key.name, scope: self.place(key.scope, key.name.system))
    }

    // MARK: Rules

    func fails(_ condition: RoleCondition, _ record: Record) -> Bool {
        let holds: Bool
        switch condition.test {
        case .among(let words): holds = !words.isDisjoint(with: record.words[condition.fact] ?? [])
        case .within(let range): holds = record.numbers[condition.fact].map { range.contains($0) } ?? false
        }
        return condition.isException ? holds : !holds
    }

    func isOutside(_ rule: RoleRule, _ record: Record) -> Bool {
        let today = self.date.daysSinceEpoch
        if let first = record.first, today < first.daysSinceEpoch - rule.daysBefore { return true }
        if let last = record.last, today > last.daysSinceEpoch + rule.daysAfter { return true }
        return false
    }

    func scopes(_ gift: RoleRule.Gift, _ record: Record) -> [GrantScope] {
        switch gift.scope {
        case .municipality: [.municipality]
        case .unit: record.organisation.map { [self.place(.unit($0), gift.name.system)] } ?? []
        case .group: record.group.map { [.group($0)] } ?? []
        case .pupil: record.pupils.map { .pupil($0) }
        }
    }

    /// Every grant of a person that the policy speaks of.
    func states(_ person: String) -> [GrantKey: State] {
        struct Claim {
            var precedence: Int
            var order: Int
            var titleBlock: String?
            var isManual = false
        }
        let policy = self.world.policy
        guard self.person(person)?.isDeceased != true else { return [:] }
        var claims: [GrantKey: [Claim]] = [:]
        for rule in policy.rules {
            for record in self.records(person) where record.base == rule.base {
                if rule.conditions.contains(where: { self.fails($0, record) }) || self.isOutside(rule, record) { continue }
                var title: String?
                if rule.base == .duty || rule.base == .assignment {
                    if let code = record.words[.titleCode]?.first {
                        if policy.unknownTitles == .block, policy.vocabulary.titleCodes[code] == nil {
                            title = "unknown-title-code"
                        }
                    } else if policy.missingTitles == .block {
                        title = "no-title-code"
                    }
                }
                for gift in rule.gifts {
                    for scope in self.scopes(gift, record) {
                        claims[GrantKey(person: person, name: gift.name, scope: scope), default: []].append(
                            Claim(precedence: rule.precedence, order: rule.order, titleBlock: title))
                    }
                }
            }
        }
        let own = self.world.population.decisions.filter { $0.person == person }
        func isAbout(_ decision: ManualDecision, _ key: GrantKey) -> Bool {
            decision.role == key.name && self.place(decision.scope, key.name.system) == key.scope
        }
        for decision in own where decision.kind == .grant && decision.holds(on: self.date) {
            claims[
                GrantKey(person: person, name: decision.role, scope: self.place(decision.scope, decision.role.system)),
                default: []
            ].append(
                Claim(precedence: .max, order: -1, isManual: true))
        }
        let held = Set(self.world.held.grants.filter { $0.person.id == person }.map(self.key))
        let ruled = Set(policy.rules.flatMap { $0.gifts.map(\.name) })
        var standing = held.filter { key in
            claims[key] == nil && policy.unruledRoles == .keep && !ruled.contains(key.name)
                && !own.contains { isAbout($0, key) } && self.denial(key) == nil
        }
        var states: [GrantKey: State] = [:]
        let ranked = claims.map { key, claims in
            // A claim without anything against its title silences those that have.
            let best = claims.contains { $0.titleBlock == nil } ? claims.filter { $0.titleBlock == nil } : claims
            let top = best.max { ($0.precedence, -$0.order) < ($1.precedence, -$1.order) } ?? Claim(precedence: 0, order: 0)
            return (key: key, top: top, title: best.compactMap(\.titleBlock).min(), isManual: best.contains(where: \.isManual))
        }.sorted { left, right in
            if left.top.precedence != right.top.precedence { return left.top.precedence > right.top.precedence }
            if left.top.order != right.top.order { return left.top.order < right.top.order }
            return left.key < right.key
        }
        for entry in ranked {
            if let hard = self.hard(entry.key, entry.isManual) {
                states[entry.key] = .blocked(hard)
                continue
            }
            var soft = entry.title
            if soft == nil, let accounts = self.world.population.accounts[entry.key.name.system] {
                let account = accounts[person]
                if account != .active && account != .invited { soft = "no-account" }
            }
            if let soft, !held.contains(entry.key) {
                states[entry.key] = .blocked(soft)
            } else if standing.contains(where: { self.collide(entry.key, $0) }) {
                states[entry.key] = .blocked("exclusion")
            } else {
                states[entry.key] = .given
                standing.insert(entry.key)
            }
        }
        return states
    }

    private func hard(_ key: GrantKey, _ isManual: Bool) -> String? {
        let isAboutProtected = key.scope.kind == .pupil && self.person(key.scope.id)?.isProtected == true
        if self.person(key.person)?.isProtected == true || isAboutProtected,
            self.world.policy.vocabulary.catalogs[key.name.system]?.takesProtected != true
        {
            return "protected-person"
        }
        let own = self.world.population.decisions.filter { $0.person == key.person && $0.holds(on: self.date) }
        let isDenied = own.contains {
            $0.kind == .denial && $0.role == key.name && self.place($0.scope, key.name.system) == key.scope
        }
        if isDenied { return "denied-by-hand" }
        return isManual ? nil : self.denial(key)
    }

    private func denial(_ key: GrantKey) -> String? {
        for denial in self.world.policy.denials {
            guard denial.roles.contains(key.name) || denial.roles.contains(RoleName(system: key.name.system, role: "*")) else {
                continue
            }
            for record in self.records(key.person) where record.base == denial.base {
                if denial.conditions.contains(where: { self.fails($0, record) }) { continue }
                if let first = record.first, self.date < first { continue }
                if let last = record.last, self.date > last { continue }
                if denial.within == .anywhere { return "denied" }
                if let unit = self.unit(key.scope), let place = record.organisation, self.meet(unit, place) { return "denied" }
            }
        }
        return nil
    }

    func collide(_ left: GrantKey, _ right: GrantKey) -> Bool {
        guard left.person == right.person, left.name != right.name else { return false }
        return self.world.policy.exclusions.contains { exclusion in
            guard exclusion.roles.isSuperset(of: [left.name, right.name]) else { return false }
            if exclusion.within == .anywhere { return true }
            guard let place = self.unit(left.scope), let other = self.unit(right.scope) else { return true }
            return self.meet(place, other)
        }
    }
}
