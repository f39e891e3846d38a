import Dispatch
public import Mapping
public import SchoolRecords
import Synchronization

/// Makes plans, and answers questions about them. A value over a policy and a population on a day; nothing in it depends on
/// the order of records.
public struct RolePlanner: Sendable {
    let policy: RolePolicy
    let date: CalendarDate
    let decider: RoleDecider
    let read: Set<String>
    let heldBy: [String: [RoleGrant]]

    public init(policy: RolePolicy, population: Population, held: HeldRoles, date: CalendarDate) {
        self.policy = policy
        self.date = date
        self.decider = RoleDecider(policy: policy, index: PopulationIndex(population), date: date)
        self.read = held.systems
        self.heldBy = Dictionary(grouping: held.grants.filter { held.systems.contains($0.system) }) { $0.person.id }
    }

    var index: PopulationIndex { self.decider.index }

    func decision(_ person: String) -> PersonDecision { self.decider.decide(person, held: self.heldBy[person] ?? []) }

    /// Everybody whom the population or a system knows, in order.
    var everybody: [String] { self.index.everybody(and: self.heldBy.keys) }

    /// What systems hold, by key.
    public var held: [GrantKey: RoleGrant] {
        var held: [GrantKey: RoleGrant] = [:]
        for grant in self.heldBy.values.joined() {
            let key = self.decider.key(of: grant)
            if let other = held[key], other.id <= grant.id { continue }
            held[key] = grant
        }
        return held
    }

    /// Compares what the policy gives with what systems hold.
    ///
    /// - Parameters:
    ///   - term: only told on.
    ///   - systems: only these; `nil` = all.
    ///   - units: ids of schools and units, ``RolePlan/noUnit`` for what belongs to none; `nil` = all.
    public func plan(term: String? = nil, systems: Set<String>? = nil, units: Set<String>? = nil) -> RolePlan {
        let request = RolePlan.Request(date: self.date, term: term, systems: systems, units: units)
        let everybody = self.everybody
        let chunks = stride(from: 0, to: everybody.count, by: Self.chunk).map {
            everybody[$0..<min($0 + Self.chunk, everybody.count)]
        }
        // Persons have nothing to do with each other: as many are decided about at a time as there are cores.
        let parts = Mutex([Int: Part]())
        DispatchQueue.concurrentPerform(iterations: chunks.count) { index in
            let part = self.part(chunks[index], request)
            parts.withLock { $0[index] = part }
        }
        var all = Part()
        for (_, part) in parts.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            all.steps += part.steps
            all.kept += part.kept
            all.blocked += part.blocked
            all.print.add(part.print.text)
        }
        let read = self.policy.systems.filter { systems?.contains($0) ?? true }.subtracting(self.read)
        RevocationLimit.standard.mark(&all.steps, all.kept)
        return RolePlan(
            request: request, policyVersion: self.policy.version, stateVersion: all.print.text,
            steps: PlanOrder.sorted(all.steps), kept: all.kept, blocked: all.blocked.sorted { $0.key < $1.key },
            unread: read.sorted())
    }

    /// So many persons are decided about at a time. A part of the state's version: not to be changed lightly.
    private static let chunk = 500

    /// What a plan has of some persons.
    private struct Part {
        var steps: [PlanEntry] = []
        var kept: [PlanEntry] = []
        var blocked: [PlanEntry] = []
        var print = ContentHash()
    }

    private func part(_ persons: ArraySlice<String>, _ request: RolePlan.Request) -> Part {
        var part = Part()
        for person in persons {
            let entries = self.entries(self.decision(person), &part.print)
            var own: [PlanEntry] = []
            for entry in entries where self.isAsked(entry, request) {
                switch entry.action {
                case .grant, .revoke, .change: own.append(entry)
                case .keep: part.kept.append(entry)
                case .block: part.blocked.append(entry)
                }
            }
            guard !own.isEmpty else { continue }
            // What is to be revoked and isn't asked for stays for now, and so may stand in the way; a role that comes at another
            // unit later isn't taken here before.
            let others = entries.filter { !self.isAsked($0, request) }
            let (ordered, waiting) = PlanOrder(decider: self.decider).order(
                own, staying: others.filter { $0.action == .revoke }, coming: others.filter { $0.action == .grant })
            part.steps += ordered
            part.blocked += waiting
        }
        return part
    }

    private func isAsked(_ entry: PlanEntry, _ request: RolePlan.Request) -> Bool {
        if let systems = request.systems, !systems.contains(entry.key.name.system) { return false }
        guard let units = request.units else { return true }
        return units.contains(entry.unit ?? RolePlan.noUnit)
    }

    // MARK: One person

    /// Everything that a person has, shall have or would have.
    func entries(_ decision: PersonDecision) -> [PlanEntry] {
        var print = ContentHash()
        return self.entries(decision, &print)
    }

    private func entries(_ decision: PersonDecision, _ print: inout ContentHash) -> [PlanEntry] {
        var entries: [PlanEntry] = []
        var blocks: [GrantKey: BlockReason] = [:]
        for wanted in decision.wanted {
            let held = decision.held[wanted.key]
            let entry = self.entry(wanted, held: held, decision)
            if entry.action == .block, held != nil { blocks[wanted.key] = entry.block }
            entries.append(entry)
        }
        let kept = Set(entries.filter { $0.action != .block }.map(\.key))
        for (key, held) in decision.held where !kept.contains(key) {
            let isStaff = self.index.isStaff(decision.person)
            let marks = self.marks(key, decision)
            let unit = self.index.unit(of: key.scope)
            if decision.unruled.contains(key) {
                entries.append(
                    PlanEntry(
                        key: key, action: .keep, unit: unit, before: held, after: held, marks: marks, isStaff: isStaff))
                continue
            }
            let cause = blocks[key].map(RevocationCause.blocked) ?? self.cause(key, decision)
            entries.append(
                PlanEntry(
                    key: key, action: .revoke, unit: unit ?? decision.wanted.first { $0.key == key }?.unit, before: held,
                    cause: cause, marks: marks, isStaff: isStaff))
        }
        // One entry a key: what is revoked because something is in the way is told once, as a revocation.
        if !blocks.isEmpty { entries.removeAll { $0.action == .block && blocks[$0.key] != nil } }
        entries.sort { $0.key < $1.key }
        for entry in entries {
            print.add(entry.key.person)
            print.add(entry.key.name.description)
            print.add(entry.key.scope.description)
            print.add(entry.action.rawValue)
            for grant in [entry.before, entry.after] {
                print.add(grant?.startDate?.description)
                print.add(grant?.endDate?.description)
            }
            print.add(entry.block?.code)
        }
        return entries
    }

    private func entry(_ wanted: WantedGrant, held: RoleGrant?, _ decision: PersonDecision) -> PlanEntry {
        var marks = self.marks(wanted.key, decision)
        var block = wanted.block
        if block == nil, !self.read.contains(wanted.key.name.system) { block = .systemNotRead }
        switch block {
        case .noAccount: marks.insert(.noAccount)
        case .noTitleCode: marks.insert(.noTitleCode)
        case .unknownTitleCode: marks.insert(.unknownTitleCode)
        default: break
        }
        if wanted.isStaff, self.isWithoutTitle(wanted) { marks.insert(.noTitleCode) }
        func entry(_ action: PlanEntry.Action, after: RoleGrant?) -> PlanEntry {
            PlanEntry(
                key: wanted.key, action: action, unit: wanted.unit, before: held, after: after, reasons: wanted.reasons,
                block: action == .block ? block : nil, marks: marks, isStaff: wanted.isStaff)
        }
        if block != nil { return entry(.block, after: nil) }
        guard let held else { return entry(.grant, after: wanted.grant) }
        let holdsDates = self.policy.vocabulary.catalogs[wanted.key.name.system]?.holdsDates ?? true
        guard holdsDates, self.differs(held, wanted) else { return entry(.keep, after: held) }
        var after = held
        after.startDate = wanted.first
        after.endDate = wanted.last
        return entry(.change, after: after)
    }

    /// Whether the days of a role are other than they should be. When it began is no difference once it has begun.
    private func differs(_ held: RoleGrant, _ wanted: WantedGrant) -> Bool {
        if held.endDate != wanted.last { return true }
        return !(held.startDate.map { $0 <= self.date } ?? true)
    }

    private func isWithoutTitle(_ wanted: WantedGrant) -> Bool {
        let duties = Set(wanted.reasons.compactMap(\.duty))
        guard !duties.isEmpty else { return false }
        return self.index.titleCodes(of: wanted.key.person, duties: duties).allSatisfy { $0 == nil }
    }

    private func marks(_ key: GrantKey, _ decision: PersonDecision) -> Set<RiskMark> {
        var marks: Set<RiskMark> = []
        if self.policy.vocabulary.role(key.name)?.isPrivileged == true { marks.insert(.privilegedRole) }
        if decision.isProtected { marks.insert(.protectedPerson) }
        return marks
    }

    /// Why nothing gives a role any more.
    private func cause(_ key: GrantKey, _ decision: PersonDecision) -> RevocationCause {
        if decision.isDeceased { return .deceased }
        var ended: (record: RecordKey, last: CalendarDate?)?
        for source in self.index.sources(of: key.person) {
            for rule in self.policy.rules where rule.base == source.base && rule.gifts.contains(where: { $0.name == key.name }) {
                guard rule.conditions.allSatisfy(source.passes), self.covers(rule, key, source) else { continue }
                let last = source.window(rule).last
                // What ended last, or the first of several that are yet to come.
                if ended == nil || (last ?? key.latest) > (ended?.last ?? key.latest) { ended = (source.key, last) }
            }
        }
        let decisions = (self.index.decisions[key.person] ?? []).filter { $0.role == key.name && $0.scope == key.scope }
        if ended == nil, let denial = decisions.first(where: { $0.kind == .denial && $0.holds(on: self.date) }) {
            return .blocked(.deniedByHand(denial.id))
        }
        if ended == nil, let manual = decisions.last(where: { $0.kind == .grant }) {
            return .ended(RecordKey(.person, key.person), manual.last)
        }
        return ended.map { .ended($0.record, $0.last) } ?? .noRule
    }

    /// Whether a rule would give a role at this very place from a source, days aside.
    func covers(_ rule: RoleRule, _ key: GrantKey, _ source: RoleSource) -> Bool {
        rule.gifts.contains { gift in
            guard gift.name == key.name else { return false }
            switch (gift.scope, key.scope) {
            case (.municipality, .municipality): return true
            case (.unit, .municipality), (.unit, .unit):
                return source.organisation.map { self.decider.place(.unit($0), in: key.name.system) } == key.scope
            case (.group, .group(let id)): return source.group == id
            case (.pupil, .pupil(let id)):
                return source.pupils.contains(id) || self.index.pupils(of: source, on: self.date).contains(id)
            default: return false
            }
        }
    }
}

extension GrantKey {
    var latest: CalendarDate { CalendarDate(year: 9999, month: 12, day: 31) }
}
