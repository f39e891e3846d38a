import ConnectorKit
import Foundation
import Logging
import Mapping
import SchoolRecords

/// Holds what a delivery would do in a receiving system against the limits of the system (invariant 5).
///
/// A record whose rows would be too many changes too much is set aside with the held change, and its message is settled: the
/// queue goes on. Approved, the record is sent again. What a person has approved on its way in isn't held here once more.
struct DeliveryGuard: Sendable {
    let system: String
    let store: any HubStore
    let key: HubKey
    let mappings: MappingSet
    let clock: HubClock
    let logger: Logger
    let living: LivingRows

    /// The subject of what is counted, and the entity of what is held.
    static let subject = "rows"
    /// Hours for which what follows from an approved record isn't held.
    private static let followingHours = 24.0

    private var rules: LimitRules? { self.mappings.systems[self.system]?.target?.limits }

    /// Looks at a plan before it is stored.
    ///
    /// - Returns: the records that are set aside. When there are any, the rest has to be planned and judged again, since rows
    ///   can belong to several records; when there are none, the plan is counted and may be written.
    func judge(_ plan: DeliveryPlan) async throws -> Set<RecordKey> {
        let risky = plan.effects.filter {
            !plan.isRestoring($0) && self.limits($0.kind).limit(of: $0.change, living: 0) != nil
        }
        guard !risky.isEmpty else { return [] }
        let standing = try await self.store.heldChanges(HeldFilter(.target, self.system, nil, [.held, .approved, .rejected]))
        let (open, aside) = try await self.withoutDecided(risky, standing)
        guard aside.isEmpty else { return aside }
        let exempt = try await self.exempt(Set(open.map(\.record)), plan)
        let counted = open.filter { !exempt.contains($0.record) }
        guard !counted.isEmpty else { return [] }
        if plan.effects.contains(where: { $0.change == .deletes }) { self.living.forget() }
        var own = PartedCounts()
        for effect in counted { own.add(effect.change, part: effect.kind) }
        let lasting = Set(
            counted.filter { Entity.roster.contains($0.record.entity) || $0.record.entity == .roleGrant }.map(\.kind))
        let excess = try await self.excess(own, lasting: lasting, standing)
        guard !excess.isEmpty else {
            try await self.store.count(
                own, .target, system: self.system, subject: Self.subject, time: self.clock.timestamp)
            return []
        }
        let tooMany = Set(
            counted.filter { effect in excess[effect.kind]?.contains { $0.kind == effect.change } == true }.map(\.record))
        try await self.hold(plan.effects.filter { tooMany.contains($0.record) }, excess, standing)
        return tooMany
    }

    private func limits(_ kind: String) -> ChangeLimits { ChangeLimits(forRows: kind, rules: self.rules) }

    /// Takes away what has been approved, and sets aside again what waits or was rejected.
    private func withoutDecided(
        _ effects: [RowEffect], _ standing: [HeldChange]
    ) async throws -> (open: [RowEffect], aside: Set<RecordKey>) {
        guard !standing.isEmpty else { return (effects, []) }
        var approved: Set<UInt64> = []
        var waiting: [UInt64: String] = [:]
        for held in standing {
            let marks = try await self.store.marks(ofHeld: held.id)
            if held.state == .approved { approved.formUnion(marks) } else { for mark in marks { waiting[mark] = held.id } }
        }
        var open: [RowEffect] = []
        var aside: [String: Set<RecordKey>] = [:]
        for effect in effects {
            let mark = effect.mark(self.key)
            if approved.contains(mark) { continue }
            if let id = waiting[mark] { aside[id, default: []].insert(effect.record) } else { open.append(effect) }
        }
        for (id, records) in aside { try await self.store.setAside(records, with: id) }
        return (open, aside.values.reduce(into: []) { $0.formUnion($1) })
    }

    /// Records whose present state somebody has approved and which are news to the system; those that are planned anew
    /// because such a one is; those that a flow makes of records that were looked at; those that a repair sends, which has limits and
    /// an approval of its own; and those that were counted when they were tried before.
    private func exempt(_ records: Set<RecordKey>, _ plan: DeliveryPlan) async throws -> Set<RecordKey> {
        var exempt = records.intersection(
            plan.triedBefore.union(plan.repairs).union(plan.derived.intersection(plan.news)))
        exempt.formUnion(try await self.store.seen(records.intersection(plan.news), since: nil))
        let followers = records.subtracting(exempt).intersection(plan.followers)
        guard !followers.isEmpty else { return exempt }
        var references: [RecordKey: Set<RecordKey>] = [:]
        for settlement in plan.settlements where followers.contains(settlement.key) {
            if case .applied(_, let referred, _) = settlement.outcome { references[settlement.key] = referred }
        }
        let since = RFC3339.text(self.clock.now().addingTimeInterval(-Self.followingHours * 3600))
        let seen = try await self.store.seen(references.values.reduce(into: []) { $0.formUnion($1) }, since: since)
        for (record, referred) in references where !referred.isDisjoint(with: seen) { exempt.insert(record) }
        return exempt
    }

    /// The kinds of row with too many changes, with what went through unseen and what waits already.
    ///
    /// - Parameter lasting: kinds of what doesn't come and go by the day; the others are looked at batch by batch.
    private func excess(_ own: PartedCounts, lasting: Set<String>, _ standing: [HeldChange]) async throws -> [String:
        [ChangeExcess]]
    {
        let waiting = standing.filter { $0.state == .held && $0.entity == Self.subject }.flatMap(\.kinds)
        var excess: [String: [ChangeExcess]] = [:]
        let now = self.clock.now()
        for (kind, counts) in own.parts.sorted(by: { $0.key < $1.key }) {
            let limits = self.limits(kind)
            var earlier = ChangeCounts()
            if limits.windowHours > 0, lasting.contains(kind) {
                let since = RFC3339.text(self.clock.now().addingTimeInterval(Double(-limits.windowHours) * 3600))
                let unseen = try await self.store.unseen(.target, system: self.system, subject: Self.subject, since: since)
                earlier = unseen.parts[kind] ?? ChangeCounts()
            }
            let gone = earlier.deletes
            for held in waiting where held.kind == kind {
                earlier += ChangeCounts(creates: held.creates, updates: held.updates, deletes: held.deletes)
            }
            // The floor first: counting all rows takes its time.
            func tooMany(_ living: Int) -> [ChangeExcess] {
                limits.excess(living: living, counts + earlier).filter { counts[$0.kind] > 0 }
            }
            guard !tooMany(1).isEmpty else { continue }
            var found = tooMany((try await self.living.rows(in: self.system, self.store, now: now)[kind] ?? 0) + gone)
            if !found.isEmpty {
                found = tooMany((try await self.living.countAgain(in: self.system, self.store, now: now)[kind] ?? 0) + gone)
            }
            if !found.isEmpty { found = try await self.unplanned(found, kind, counts) }
            if !found.isEmpty { excess[kind] = found }
        }
        return excess
    }

    /// Without what a plan covers, which is used up by it.
    private func unplanned(_ excess: [ChangeExcess], _ kind: String, _ counts: ChangeCounts) async throws -> [ChangeExcess] {
        let today = self.clock.calendarDate
        let plan = try await self.store.plans().last { plan in
            plan.direction == .target && plan.system == self.system && plan.subject == kind && plan.isActive(on: today)
                && plan.covers(Set(excess.map(\.kind)), of: counts)
        }
        guard let plan else { return excess }
        var used = ChangeCounts()
        for one in excess { used[one.kind] = counts[one.kind] }
        try await self.store.use(used, ofPlan: plan.id)
        return []
    }

    // MARK: Holding

    /// Adds to what waits for this system. The set is another one then, with another name.
    private func hold(_ effects: [RowEffect], _ excess: [String: [ChangeExcess]], _ standing: [HeldChange]) async throws {
        let open = standing.first { $0.state == .held && $0.entity == Self.subject }
        var held = HeldRows(self.system, Self.subject, key: self.key)
        if let open {
            held.add(
                open, marks: try await self.store.marks(ofHeld: open.id), samples: try await self.store.samples(ofHeld: open.id))
        }
        held.add(effects)
        let change = held.change(
            excess: excess, living: try await self.store.rowCounts(in: self.system), time: self.clock.timestamp)
        let isNew = try await self.store.hold(
            change, marks: held.marks, samples: held.samples, aside: Set(effects.map(\.record)),
            replacing: open?.id == change.id ? nil : open?.id)
        guard isNew else { return }
        self.logger.warning(
            "A mass change in a receiving system waits for approval; its records are set aside",
            metadata: [
                "system": "\(self.system)", "updates": "\(change.updates)", "deletes": "\(change.deletes)",
                "living": "\(change.living)", "change": "\(change.id)", "look": "knutpunkt held show \(change.id)",
            ])
    }
}
