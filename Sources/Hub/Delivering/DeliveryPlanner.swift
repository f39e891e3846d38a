import ConnectorKit
import Foundation
import Mapping
import Messaging
import SchoolRecords

/// Plans what a set of messages means for one system, from the mappings, the register, and what the system has.
///
/// Reads the store, writes nothing.
struct DeliveryPlanner {
    let system: String
    let mappings: MappingSet
    let today: CalendarDate
    let store: any HubStore
    /// Whether the system is given all rows of a record when one of them changes.
    var givesWholeRecords = false

    /// - Parameter forms: what is sent as it was, not as today's mapping makes it.
    func plan(
        _ changes: [RecordChange], forms: [RecordKey: KeptForm] = [:]
    ) async throws -> DeliveryPlan {
        var plan = DeliveryPlan(settlements: [], writes: [])
        let states = try await self.store.states(of: Array(Set(changes.map(\.key))), in: self.system)
        var candidates: [RecordKey: RecordChange] = [:]
        let protected = try await self.store.forms(of: Set(changes.map(\.key)), for: self.system)
        let systemForms = try await SystemForms.read(self.store, system: self.system, self.mappings)
        let overtaken = try await Withdrawal(store: self.store).overtaken(
            changes, forms: protected, isAllowed: self.mappings.privacy.systems.contains(self.system))
        plan.protected = Set(protected.keys)
        for (place, change) in changes.enumerated() {
            if overtaken.contains(place) {
                plan.settlements.append(Settlement(key: change.key, sequence: change.sequence, outcome: .superseded))
                continue
            }
            if let state = states[change.key] {
                let isNews = change.sequence > state.sequence
                let isAgain = change.sequence == state.sequence && change.redelivery != nil
                guard isNews || isAgain else {
                    plan.settlements.append(Settlement(key: change.key, sequence: change.sequence, outcome: .superseded))
                    continue
                }
            }
            if change.source == self.system {
                // A system never gets its own records back. What it was given of this record before is its own now.
                let kept = change.operation == .upserted ? states[change.key]?.rows ?? [] : []
                plan.settlements.append(
                    Settlement(
                        key: change.key, sequence: change.sequence,
                        outcome: .applied(rows: kept, references: [], missing: [])))
                continue
            }
            if let earlier = candidates[change.key] {
                let newer = change.sequence >= earlier.sequence ? change : earlier
                let older = change.sequence >= earlier.sequence ? earlier : change
                candidates[change.key] = newer
                plan.settlements.append(Settlement(key: older.key, sequence: older.sequence, outcome: .superseded))
            } else {
                candidates[change.key] = change
            }
        }
        var projections = Projections(
            planner: self, candidates: candidates, given: Set(states.keys), forms: forms,
            protected: systemForms, unwanted: try await self.outsideOfProbe(candidates))
        try await projections.settle()

        var rowChanges: [RowChange] = []
        for (key, change) in candidates.sorted(by: { $0.key < $1.key }) {
            if change.sequence > states[key]?.sequence ?? 0 { plan.news.insert(key) }
            if FlowCatalog.names.contains(change.source) { plan.derived.insert(key) }
            if change.redelivery == "reference" { plan.followers.insert(key) }
            if change.redelivery == "repair", change.sequence == states[key]?.sequence { plan.repairs.insert(key) }
            if change.redelivery == "retry" { plan.triedBefore.insert(key) }
            switch projections.outcome(of: key) {
            case .failed(let failure):
                plan.settlements.append(Settlement(key: key, sequence: change.sequence, outcome: .failed(failure)))
            case .projected(let projected, let references, let missing):
                var old = states[key]?.rows ?? []
                let known = Set(old.map(\.identity))
                old += (projections.revoked[key] ?? []).filter { !known.contains($0.identity) }
                var rows = projected
                if !missing.isDisjoint(with: projections.behind) {
                    // What it refers to is about to change: until then nothing is taken away, only to be set again.
                    let given = Set(projected.map(\.identity))
                    rows += old.filter { !given.contains($0.identity) }
                }
                rowChanges.append(RowChange(key: key, sequence: change.sequence, old: old, new: rows, trace: change.trace))
                plan.settlements.append(
                    Settlement(
                        key: key, sequence: change.sequence,
                        outcome: .applied(rows: rows, references: references, missing: missing)))
            }
        }
        let changes = RowChanges(rowChanges)
        let others = try await self.otherRows(changes.touched, besides: Set(candidates.keys))
        plan.writes = changes.writes(others: others, areWhole: self.givesWholeRecords)
        plan.effects = changes.effects(plan.writes, others: others)
        return plan
    }

    /// Records of a probe that this system isn't given: a probe says who gets which.
    private func outsideOfProbe(_ candidates: [RecordKey: RecordChange]) async throws -> Set<RecordKey> {
        let keys = candidates.filter { $0.value.source == ProbeRecords.source }.keys
        guard !keys.isEmpty else { return [] }
        let scope = try await self.store.lastProbeRun()?.scope[self.system] ?? []
        return Set(keys.filter { !scope.contains($0.entity) })
    }

    /// The rows of these identities as records outside of the plan hold them.
    private func otherRows(
        _ identities: Set<RowIdentity>, besides planned: Set<RecordKey>
    ) async throws -> [RowIdentity: [TargetRow]] {
        guard !identities.isEmpty else { return [:] }
        var givers: [RowIdentity: Set<RecordKey>] = [:]
        for (identity, keys) in try await self.store.givers(of: identities, in: self.system) {
            let others = keys.subtracting(planned)
            if !others.isEmpty { givers[identity] = others }
        }
        guard !givers.isEmpty else { return [:] }
        let states = try await self.store.states(
            of: Array(givers.values.reduce(into: Set()) { $0.formUnion($1) }), in: self.system)
        return givers.mapValues { keys in
            keys.sorted().flatMap { key in states[key]?.rows ?? [] }
        }.reduce(into: [:]) { result, entry in
            result[entry.key] = entry.value.filter { $0.identity == entry.key }
        }
    }
}
