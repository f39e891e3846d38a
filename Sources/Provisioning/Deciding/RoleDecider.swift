import Mapping
import SchoolRecords

/// Decides, person by person, who should have what on a day. Pure; made once for a policy, a population and a day.
struct RoleDecider {
    let policy: RolePolicy
    let index: PopulationIndex
    let date: CalendarDate
    let rules: RuleIndex
    /// The roles that some rule gives.
    let ruled: Set<RoleName>

    init(policy: RolePolicy, index: PopulationIndex, date: CalendarDate) {
        self.policy = policy
        var placed = index
        placed.place { scope, name in Self.place(scope, in: name.system, policy, index) }
        self.index = placed
        self.date = date
        self.rules = RuleIndex(policy)
        self.ruled = Set(policy.rules.flatMap { $0.gifts.map(\.name) })
    }

    /// Whether the policy decides about a role: what no rule gives is left alone, unless the policy says otherwise.
    func decides(_ name: RoleName) -> Bool {
        !self.comesWithRecords(name) && (self.policy.unruledRoles == .revoke || self.ruled.contains(name))
    }

    /// Whether the system has a role of records: it is neither given nor taken here.
    func comesWithRecords(_ name: RoleName) -> Bool { self.policy.vocabulary.role(name)?.comesWithRecords ?? false }

    func decide(_ person: String, held: [RoleGrant]) -> PersonDecision {
        let facts = self.index.persons[person]
        var decision = PersonDecision(
            person: person, isProtected: facts?.isProtected ?? false, isDeceased: facts?.isDeceased ?? false)
        for grant in held {
            let key = self.key(of: grant)
            if let other = decision.held[key], other.id <= grant.id { continue }
            decision.held[key] = grant
        }
        decision.unruled = Set(decision.held.keys.filter { self.comesWithRecords($0.name) })
        guard !decision.isDeceased else { return decision }
        var candidates = Candidates()
        var denials: [(denial: RoleDenial, organisation: String?)] = []
        for source in self.index.sources(of: person) {
            for rule in self.rules.rules(for: source) where rule.conditions.allSatisfy(source.passes) {
                self.add(rule, source, to: &candidates)
            }
            for denial in self.rules.denials(source.base)
            where isWithin(self.date, source.first, source.last) && denial.conditions.allSatisfy(source.passes) {
                denials.append((denial, source.organisation))
            }
        }
        let known = self.index.decisions[person] ?? []
        let decisions = known.filter { $0.holds(on: self.date) }
        for manual in decisions where manual.kind == .grant { self.add(manual, to: &candidates) }
        for key in decision.held.keys where !self.decides(key.name) && candidates.all[key] == nil {
            // Somebody has decided about it, also when the time is over.
            let isDecided = known.contains { $0.role == key.name && $0.scope == key.scope }
            if !isDecided, self.denial(key, among: denials) == nil {
                decision.unruled.insert(key)
            }
        }
        self.resolve(candidates, denials, decisions.filter { $0.kind == .denial }, &decision)
        return decision
    }

    // MARK: Where roles hold

    /// Where a role at a place holds in a system: one at the organiser's own everywhere, one at a unit at what the system calls a
    /// school.
    func place(_ scope: GrantScope, in system: String) -> GrantScope { Self.place(scope, in: system, self.policy, self.index) }

    private static func place(
        _ scope: GrantScope, in system: String, _ policy: RolePolicy, _ index: PopulationIndex
    ) -> GrantScope {
        guard case .unit(let id) = scope else { return scope }
        if index.wholes.contains(id) { return .municipality }
        guard let type = policy.vocabulary.catalogs[system]?.unitType else { return scope }
        let nearest = index.nearest(type, of: id)
        return index.wholes.contains(nearest) ? .municipality : .unit(nearest)
    }

    /// The key of a grant that a system holds.
    func key(of grant: RoleGrant) -> GrantKey {
        let key = GrantKey(grant)
        return GrantKey(person: key.person, name: key.name, scope: self.place(key.scope, in: key.name.system))
    }

    /// Whether a denial for an organisation reaches a role: at the same school, or a part of it, or the whole that it is a part of.
    private func isThere(_ key: GrantKey, _ organisation: String?) -> Bool {
        guard let organisation, let unit = self.index.unit(of: key.scope) else { return false }
        return self.index.meet(unit, organisation)
    }

    // MARK: What rules give

    /// What rules give, before anything is in the way.
    private struct Candidates {
        struct Candidate {
            var unit: String?
            var reasons: [GrantReason] = []
            var first: CalendarDate?
            var last: CalendarDate?
            var title: BlockReason?
            var isManual = false
            var isStaff = false
            var precedence: Int
            var order: Int
        }

        var all: [GrantKey: Candidate] = [:]
    }

    private func add(_ rule: RoleRule, _ source: RoleSource, to candidates: inout Candidates) {
        let (first, last) = source.window(rule)
        guard isWithin(self.date, first, last) else { return }
        let title = self.titleBlock(rule, source)
        let reason = GrantReason(
            rule: rule.name, place: rule.place, source: source.key, duty: source.duty, first: first, last: last)
        for gift in rule.gifts {
            for scope in self.scopes(gift, source) {
                let key = GrantKey(person: source.person, name: gift.name, scope: scope)
                let new = Candidates.Candidate(
                    unit: self.index.unit(of: scope) ?? source.organisation, reasons: [reason], first: first, last: last,
                    title: title, isStaff: source.base.isStaff, precedence: rule.precedence, order: rule.order)
                Self.merge(key, new, into: &candidates)
            }
        }
    }

    private func add(_ manual: ManualDecision, to candidates: inout Candidates) {
        let key = GrantKey(person: manual.person, name: manual.role, scope: manual.scope)
        let reason = GrantReason(
            rule: manual.id, place: nil, source: RecordKey(.person, manual.person), first: manual.first, last: manual.last)
        let new = Candidates.Candidate(
            unit: self.index.unit(of: manual.scope), reasons: [reason], first: manual.first, last: manual.last, isManual: true,
            isStaff: self.index.isStaff(manual.person), precedence: .max, order: -1)
        Self.merge(key, new, into: &candidates)
    }

    /// Two reasons for one grant: it holds as long as either does. What is in the way of one isn't in the way of the other.
    private static func merge(_ key: GrantKey, _ new: Candidates.Candidate, into candidates: inout Candidates) {
        guard var old = candidates.all[key] else {
            candidates.all[key] = new
            return
        }
        if (old.title == nil) != (new.title == nil) {
            if new.title == nil { candidates.all[key] = new }
            return
        }
        for reason in new.reasons where !old.reasons.contains(reason) { old.reasons.append(reason) }
        old.first = if let a = old.first, let b = new.first { min(a, b) } else { nil }
        old.last = if let a = old.last, let b = new.last { max(a, b) } else { nil }
        if (new.precedence, -new.order) > (old.precedence, -old.order) {
            old.precedence = new.precedence
            old.order = new.order
        }
        // A role for the whole system that follows from two duties belongs to the first of the two schools.
        old.unit = [old.unit, new.unit].compactMap { $0 }.min()
        old.isManual = old.isManual || new.isManual
        old.isStaff = old.isStaff || new.isStaff
        old.title = [old.title, new.title].compactMap { $0 }.min {
            ($0.code, $0.details.joined()) < ($1.code, $1.details.joined())
        }
        candidates.all[key] = old
    }

    private func scopes(_ gift: RoleRule.Gift, _ source: RoleSource) -> [GrantScope] {
        switch gift.scope {
        case .municipality: [.municipality]
        case .unit: source.organisation.map { [self.place(.unit($0), in: gift.name.system)] } ?? []
        case .group: source.group.map { [.group($0)] } ?? []
        case .pupil: self.index.pupils(of: source, on: self.date).map(GrantScope.pupil)
        }
    }

    /// What the duty's title code has against it.
    func titleBlock(_ rule: RoleRule, _ source: RoleSource) -> BlockReason? {
        guard source.base.isStaff else { return nil }
        guard let code = source.titleCode else { return self.policy.missingTitles == .block ? .noTitleCode : nil }
        guard self.policy.unknownTitles == .block, self.policy.vocabulary.titleCodes[code] == nil else { return nil }
        return .unknownTitleCode(code)
    }

    // MARK: What is in the way

    private func resolve(
        _ candidates: Candidates, _ denials: [(denial: RoleDenial, organisation: String?)], _ manual: [ManualDecision],
        _ decision: inout PersonDecision
    ) {
        func rank(_ entry: (key: GrantKey, value: Candidates.Candidate)) -> (Int, Int) {
            (entry.value.precedence, -entry.value.order)
        }
        let ordered = candidates.all.sorted { rank($0) == rank($1) ? $0.key < $1.key : rank($0) > rank($1) }
        var accepted = decision.unruled.sorted()
        for (key, candidate) in ordered {
            var block = self.block(key, candidate, denials, manual, decision)
            if let found = block, found.keepsHeld, decision.held[key] != nil { block = nil }
            if block == nil, let (name, other) = self.conflict(key, among: accepted) {
                block = .exclusion(name, other.name, other.scope)
            }
            if block == nil { accepted.append(key) }
            decision.wanted.append(
                WantedGrant(
                    key: key, unit: candidate.unit, reasons: candidate.reasons.sorted(), first: candidate.first,
                    last: candidate.last, block: block, isStaff: candidate.isStaff, precedence: candidate.precedence,
                    order: candidate.order))
        }
        decision.wanted.sort { $0.key < $1.key }
    }

    private func block(
        _ key: GrantKey, _ candidate: Candidates.Candidate, _ denials: [(denial: RoleDenial, organisation: String?)],
        _ manual: [ManualDecision], _ decision: PersonDecision
    ) -> BlockReason? {
        // Also a role for a protected pupil: the system isn't told that there is one.
        let pupil: String? = if case .pupil(let id) = key.scope { id } else { nil }
        if decision.isProtected || pupil.flatMap({ self.index.persons[$0]?.isProtected }) == true,
            self.policy.vocabulary.catalogs[key.name.system]?.takesProtected != true
        {
            return .protectedPerson
        }
        if let denial = manual.first(where: { $0.role == key.name && $0.scope == key.scope }) { return .deniedByHand(denial.id) }
        if !candidate.isManual, let denial = self.denial(key, among: denials) { return .denied(denial.name) }
        if let title = candidate.title { return title }
        if let accounts = self.index.accounts[key.name.system] {
            switch accounts[key.person] {
            case .active, .invited: break
            case .suspended, .missing, nil: return .noAccount
            }
        }
        return nil
    }

    /// The denial that hits a role, the one that stands first in the file.
    private func denial(_ key: GrantKey, among denials: [(denial: RoleDenial, organisation: String?)]) -> RoleDenial? {
        denials.filter { entry in
            guard entry.denial.names(key.name) else { return false }
            return entry.denial.within == .anywhere || self.isThere(key, entry.organisation)
        }.map(\.denial).min { ($0.place.line, $0.name) < ($1.place.line, $1.name) }
    }

    // MARK: Roles that must not meet

    /// The first exclusion by which a key must not meet one of others.
    func conflict(_ key: GrantKey, among others: [GrantKey]) -> (String, GrantKey)? {
        let exclusions = self.rules.exclusions(key.name)
        guard !exclusions.isEmpty else { return nil }
        for exclusion in exclusions {
            if let other = others.first(where: { self.collide(key, $0, exclusion) }) { return (exclusion.name, other) }
        }
        return nil
    }

    func collide(_ key: GrantKey, _ other: GrantKey) -> Bool {
        self.rules.exclusions(key.name).contains { self.collide(key, other, $0) }
    }

    private func collide(_ key: GrantKey, _ other: GrantKey, _ exclusion: RoleExclusion) -> Bool {
        guard key.name != other.name, exclusion.roles.contains(key.name), exclusion.roles.contains(other.name) else {
            return false
        }
        guard exclusion.within == .unit else { return true }
        // What belongs to no unit meets everything.
        guard let unit = self.index.unit(of: key.scope), let place = self.index.unit(of: other.scope) else { return true }
        return self.index.meet(unit, place)
    }
}
