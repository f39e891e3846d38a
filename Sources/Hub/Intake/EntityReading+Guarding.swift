import Foundation
import Logging
import Mapping
import Messaging
import SchoolRecords

/// How what a reading found goes into the register.
struct Admission: Sendable {
    let counting: TakeCounting
    /// The records that change; `nil` when all of them are taken, as in the first load.
    let changed: Set<RecordKey>?
}

/// Invariant 5: a mass change waits for a person.
extension EntityReading {
    /// Counts what would change and asks whether that may go through.
    ///
    /// - Returns: `nil` when it is held; nothing is taken then.
    func judge(_ gone: Gone) async throws -> Admission? {
        let before = self.protected
        self.protected.releaseEnding()
        let isFirst =
            self.living == 0
            && (self.entity != .person || before.opaqueIDs.subtracting(before.absent).isSubset(of: self.newlyProtected))
        if isFirst {
            self.protected = before
            try await self.endProtections(gone.withheld)
            return Admission(counting: .seen, changed: nil)
        }
        let (set, changed) = try await self.changes(gone, ending: before.ending)
        self.protected = before
        let verdict = try await self.verdict(set, gone)
        guard let counting = verdict else {
            self.protected.keepEnding()
            return nil
        }
        try await self.endProtections(gone.withheld)
        return Admission(counting: counting, changed: changed)
    }

    /// Takes those out of the vault whose protection is over, and those whom the source no longer has.
    func endProtections(_ gone: [RecordKey]) async throws {
        let ending = self.protected.ending.keys.map { RecordKey(.person, $0) }
        self.protected.releaseEnding()
        let keys = Set(ending).union(gone)
        guard !keys.isEmpty else { return }
        try await self.intake.store.release(Array(keys))
        self.protected.uncarry(gone)
    }

    /// The entity has been read to its end: from now on its growth is a change.
    func finishLoad() async throws {
        let store = self.intake.store
        let time = self.intake.clock.timestamp
        if try await store.mark(source: self.run, entity: self.loadedMark) == nil {
            try await store.setMark(time, source: self.run, entity: self.loadedMark)
        }
        if self.mark == nil {
            try await store.setMark(self.mappingVersion, source: self.run, entity: self.mappingMark)
        }
    }

    /// The name of the mark that an entity of a source has been read to its end.
    static func loadedMark(of entity: Entity) -> String { "loaded.\(entity.rawValue)" }

    private var loadedMark: String { Self.loadedMark(of: self.entity) }
    private var mappingMark: String { "mapping.\(self.entity.rawValue)" }
    private var mappingVersion: String { self.intake.mappings.set.inboundVersion(system: self.run, entity: self.entity) }
    private var mode: Intake.Mode { self.mark == nil ? .full : .changes }

    // MARK: What would change

    private func changes(_ gone: Gone, ending: [String: String]) async throws -> (set: ChangeSet, changed: Set<RecordKey>) {
        let (store, key) = (self.intake.store, self.intake.key)
        let failing = try await self.openFailures()
        var set = ChangeSet()
        var changed: Set<RecordKey> = []
        try await self.forEachStaged { states in
            for (state, comparison) in zip(states, try await store.compare(states, source: self.run)) {
                guard comparison.difference != .unchanged else {
                    if failing.contains(state.key) { changed.insert(state.key) } else { self.part.unchanged += 1 }
                    continue
                }
                changed.insert(state.key)
                set.add(state.key, comparison, unit: state.unit, key: key)
            }
            self.show(.comparing, changed.count)
        }
        let states = gone.records.map { RecordState(key: $0, owner: nil, body: nil) }
        for (record, comparison) in zip(gone.records, try await store.compare(states, source: self.run)) {
            set.add(record, comparison, unit: nil, key: key)
        }
        for record in gone.withheld { set.add(.deletes, mark: key.mark("\(record)|withheld|deletes"), part: nil) }
        for opaque in ending.keys { set.add(.releases, mark: key.mark("\(opaque)|releases"), part: nil) }
        return (set, changed)
    }

    // MARK: The verdict

    private func verdict(_ set: ChangeSet, _ gone: Gone) async throws -> TakeCounting? {
        let limits = try await self.changeGuard()
        if let approved = try await self.approval(of: set, limits) { return approved }
        let excess = limits.excess(set)
        let standing = try await self.sets(in: [.held, .rejected])
        guard !excess.isEmpty else {
            for held in standing { try await self.overtake(held, "within the limits now") }
            return .unseen
        }
        let kinds = excess.kinds
        let today = self.intake.clock.calendarDate
        let plan = try await self.intake.store.plans().last { plan in
            plan.direction == .source && plan.system == self.run && plan.subject == self.entity.rawValue
                && plan.isActive(on: today) && plan.covers(kinds, of: set.counts.total)
        }
        if let plan {
            self.intake.logger.notice(
                "A planned mass change is taken",
                metadata: self.metadata(set).merging(["plan": "\(plan.id)"]) { first, _ in first })
            for held in standing { try await self.overtake(held, "taken by plan \(plan.id)") }
            // Releases are no records: they are used up here.
            try await self.intake.store.use(ChangeCounts(releases: set.counts.total.releases), ofPlan: plan.id)
            return .planned(plan.id)
        }
        let id = set.id(self.run, self.entity.rawValue, key: self.intake.key)
        if self.approved.contains(id) {
            // Named by whoever asked for this reading.
            try await self.intake.store.decide(
                id, HeldDecision(.applied, by: self.approver, reason: nil, time: self.intake.clock.timestamp))
            for held in standing where held.id != id { try await self.overtake(held, "another set was approved") }
            self.part.applied.append(id)
            return .seen
        }
        try await self.hold(id, set, excess, limits, gone, standing)
        return nil
    }

    private func changeGuard() async throws -> ChangeGuard {
        let store = self.intake.store
        let limits = self.intake.limits(for: self.entity)
        var earlier = PartedCounts()
        if limits.windowHours > 0 {
            let since = self.intake.clock.now().addingTimeInterval(Double(-limits.windowHours * 3600))
            earlier = try await store.unseen(
                .source, system: self.run, subject: self.entity.rawValue, since: RFC3339.text(since))
        }
        return ChangeGuard(
            limits: limits, living: self.living,
            livingByUnit: try await store.liveCountsByUnit(of: self.entity, source: self.run),
            withheld: self.entity == .person ? self.protected.opaqueIDs.count : 0,
            isLoaded: try await store.mark(source: self.run, entity: self.loadedMark) != nil, earlier: earlier,
            neverEmpties: self.mode == .full && Entity.roster.contains(self.entity))
    }

    /// Held sets of this entity that this reading can tell anything about: a reading of changes doesn't see what a full one found.
    private func sets(in states: Set<HeldChange.State>) async throws -> [HeldChange] {
        let sets = try await self.intake.store.heldChanges(HeldFilter(.source, self.run, self.entity.rawValue, states))
        return sets.filter { self.mode == .full || $0.mode == Intake.Mode.changes.rawValue }
    }

    /// Whether a person has approved this set. What has come on top of it must be little enough to go through by itself. An
    /// approval of another set than this one is over.
    private func approval(of set: ChangeSet, _ limits: ChangeGuard) async throws -> TakeCounting? {
        let store = self.intake.store
        var counting: TakeCounting?
        for approved in try await self.sets(in: [.approved]) {
            let marks = try await store.marks(ofHeld: approved.id)
            if counting == nil, let surplus = set.surplus(beyond: marks), limits.excess(surplus).isEmpty {
                counting = .seen
                try await store.count(
                    surplus.counts, .source, system: self.run, subject: self.entity.rawValue, time: self.intake.clock.timestamp)
                try await self.decide(approved.id, .applied, "\(marks.count) changes")
                self.intake.logger.notice(
                    "An approved mass change is taken",
                    metadata: self.metadata(set).merging([
                        "change": "\(approved.id)", "approved_by": "\(approved.decidedBy ?? "-")",
                    ]) { first, _ in first })
                self.part.applied.append(approved.id)
            } else {
                try await self.decide(approved.id, .superseded, "the source has moved on")
                self.intake.logger.warning(
                    "The source has moved on since a mass change was approved: the approval doesn't apply",
                    metadata: ["source": "\(self.run)", "entity": "\(self.entity)", "change": "\(approved.id)"])
                self.part.lapsed.append(approved.id)
            }
        }
        if counting != nil {
            for held in try await self.sets(in: [.held, .rejected]) { try await self.overtake(held, "another set was approved") }
        }
        return counting
    }

    private func decide(_ id: String, _ state: HeldChange.State, _ reason: String) async throws {
        try await self.intake.store.decide(
            id, HeldDecision(state, by: "hub", reason: reason, time: self.intake.clock.timestamp))
    }

    private func overtake(_ held: HeldChange, _ reason: String) async throws {
        try await self.decide(held.id, .superseded, reason)
        self.intake.logger.notice(
            "A held mass change is no more: \(reason)",
            metadata: ["source": "\(self.run)", "entity": "\(self.entity)", "change": "\(held.id)"])
    }

    private func metadata(_ set: ChangeSet) -> Logger.Metadata {
        let counts = set.counts.total
        return [
            "source": "\(self.run)", "entity": "\(self.entity)", "updates": "\(counts.updates)", "deletes": "\(counts.deletes)",
            "creates": "\(counts.creates)", "living": "\(self.living)",
        ]
    }

    // MARK: Holding

    private func hold(
        _ id: String, _ set: ChangeSet, _ excess: ChangeGuard.Excess, _ limits: ChangeGuard, _ gone: Gone,
        _ standing: [HeldChange]
    ) async throws {
        let (store, time) = (self.intake.store, self.intake.clock.timestamp)
        // A set that stands as it was found keeps its name while a little comes on top of it.
        for held in standing {
            guard let surplus = set.surplus(beyond: try await store.marks(ofHeld: held.id)), limits.excess(surplus).isEmpty
            else { continue }
            try await store.seeAgain(held.id, time: time)
            self.part.held = held
            return
        }
        for held in standing { try await self.overtake(held, "the source has moved on") }
        var findings = FieldFindings()
        try await self.describe(gone, &findings)
        let counts = set.counts.total
        var change = HeldChange(
            id: id, direction: .source, system: self.run, entity: self.entity.rawValue, mode: self.mode.rawValue,
            living: self.living, counts: counts, excess: excess.total,
            units: excess.units, hints: try await self.hints(set, limits), findings: findings.findings, time: time)
        if try await store.hold(change, marks: set.marks, samples: findings.samples) {
            self.intake.logger.warning(
                "A mass change waits for approval; nothing of it is taken",
                metadata: self.metadata(set).merging([
                    "change": "\(change.id)", "look": "knutpunkt held show \(change.id)",
                ]) { first, _ in first })
        } else if let known = try await store.heldChanges(
            HeldFilter(.source, self.run, self.entity.rawValue, HeldChange.State.open)
        )
        .first(where: { $0.id == change.id }) {
            change = known
        }
        self.part.held = change
    }

    private func describe(_ gone: Gone, _ findings: inout FieldFindings) async throws {
        let store = self.intake.store
        try await self.forEachStaged { states in
            let known = try await store.records(states.map(\.key))
            for (state, comparison) in zip(states, try await store.compare(states, source: self.run)) {
                let after = try state.body.map { try JSONValue(parsing: $0) }
                switch comparison.difference {
                case .updated:
                    let before = try known[state.key].map { try JSONValue(parsing: $0.body) }
                    findings.add(.updates, state.key, before: before, after: after)
                case .created: findings.add(.creates, state.key, before: nil, after: after)
                case .deleted, .unchanged: break
                }
            }
        }
        let sampled = Array(gone.records.prefix(50))
        let known = try await store.records(sampled)
        for key in sampled {
            guard let record = known[key], record.operation == .upserted else { continue }
            findings.add(.deletes, key, before: try JSONValue(parsing: record.body), after: nil)
        }
        for key in gone.withheld.prefix(5) { findings.add(.deletes, key, before: nil, after: nil) }
        for opaque in self.protected.ending.keys.sorted().prefix(5) {
            findings.add(.releases, RecordKey(.person, opaque), before: nil, after: nil)
        }
    }

    private func hints(_ set: ChangeSet, _ limits: ChangeGuard) async throws -> [SetHint] {
        let counts = set.counts.total
        var hints: [SetHint] = []
        if counts.deletes > 0, counts.deletes >= self.living { hints.append(SetHint(.everythingGone, counts.deletes)) }
        if counts.deletes > 2, counts.creates * 10 >= counts.deletes * 8, counts.creates * 8 <= counts.deletes * 10 {
            hints.append(SetHint(.asManyNew, counts.creates))
        }
        let emptied = set.counts.parts.filter { unit, counts in
            (limits.livingByUnit[unit] ?? 0) > 1 && counts.deletes >= limits.livingByUnit[unit] ?? 0
        }
        if !emptied.isEmpty { hints.append(SetHint(.wholeUnits, emptied.count)) }
        if let read = try await self.intake.store.mark(source: self.run, entity: self.mappingMark), read != self.mappingVersion {
            hints.append(SetHint(.mappingEdited, 1))
        }
        return hints
    }

    /// Many newly protected persons have gone to the vault already: waiting would have given them away. Somebody should know.
    func tellOfProtections() async throws {
        let limits = self.intake.limits(for: .person)
        guard self.living > 0, let limit = limits.limit(of: .deletes, living: self.living), self.newlyProtected.count > limit
        else { return }
        var set = ChangeSet()
        for opaque in self.newlyProtected { set.add(.deletes, mark: self.intake.key.mark("\(opaque)|protected"), part: nil) }
        let change = HeldChange(
            id: set.id(self.run, "protected", key: self.intake.key), direction: .source, system: self.run, entity: "person",
            mode: self.mode.rawValue, living: self.living, counts: ChangeCounts(deletes: self.newlyProtected.count),
            excess: [ChangeExcess(kind: .deletes, count: self.newlyProtected.count, limit: limit)],
            hints: [SetHint(.protectedAtOnce, self.newlyProtected.count)], state: .told, time: self.intake.clock.timestamp)
        if try await self.intake.store.hold(change, marks: set.marks, samples: []) {
            self.intake.logger.warning(
                "Very many persons have become protected; they have gone to the vault at once, and receivers are told to delete them",
                metadata: ["source": "\(self.run)", "persons": "\(self.newlyProtected.count)", "change": "\(change.id)"])
        }
    }
}
