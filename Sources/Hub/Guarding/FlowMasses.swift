import Messaging
import SchoolRecords

/// Finds out what a flow's run for everybody would change, entity by entity, when that is more than goes through unseen.
struct FlowMasses {
    let name: String
    let store: any HubStore
    let limits: ChangeLimits
    /// RFC 3339 in UTC.
    let time: String

    /// A change that is too large.
    struct Mass {
        let change: HeldChange
        let marks: [UInt64]
        let samples: [HeldSample]
    }

    func find(by runner: FlowRunner) async throws -> [Mass] {
        var sets: [Entity: (set: ChangeSet, findings: FieldFindings)] = [:]
        var after: String?
        while true {
            let persons = try await self.store.subjects(
                with: runner.triggers, flow: self.name, after: after, limit: FlowService.chunk)
            guard let last = persons.last else { break }
            after = last
            let decisions = try await runner.decide(persons).compactMap { person, outcome in
                if case .decided(let decision) = outcome { (person, decision) } else { nil }
            }
            try await self.add(decisions, to: &sets)
        }
        var masses: [Mass] = []
        for (entity, found) in sets.sorted(by: { $0.key < $1.key }) {
            let living = try await self.store.liveIDs(of: entity, source: self.name).count
            let excess = self.limits.excess(living: living, found.set.counts.total)
            guard !excess.isEmpty else { continue }
            let marks = found.set.marks
            let name = String(StableHash.of(marks.map(String.init).joined(separator: " ")), radix: 16)
            let change = HeldChange(
                id: "\(self.name)-\(entity.rawValue)-\(name)", direction: .source, system: self.name, entity: entity.rawValue,
                mode: Intake.Mode.full.rawValue, living: living, counts: found.set.counts.total, excess: excess,
                findings: found.findings.findings, time: self.time)
            masses.append(Mass(change: change, marks: marks, samples: found.findings.samples))
        }
        return masses
    }

    private func add(
        _ decisions: [(person: String, decision: FlowRunner.Decision)],
        to sets: inout [Entity: (set: ChangeSet, findings: FieldFindings)]
    ) async throws {
        let made = try await self.store.made(by: self.name, for: Set(decisions.map(\.person)))
        let states = decisions.flatMap { person, decision in
            let gone = (made[person] ?? []).subtracting(decision.states.map(\.key)).sorted()
            return decision.states + gone.map { RecordState(key: $0, owner: nil, body: nil) }
        }
        guard !states.isEmpty else { return }
        let known = try await self.store.records(states.map(\.key))
        for (state, comparison) in zip(states, try await self.store.compare(states, source: self.name)) {
            let kind: ChangeKind
            switch comparison.difference {
            case .created: kind = .creates
            case .updated: kind = .updates
            case .deleted: kind = .deletes
            case .unchanged: continue
            }
            var found = sets[state.key.entity] ?? (ChangeSet(), FieldFindings())
            let mark = "\(state.key)|\(kind.rawValue)|\(comparison.sequence)|\(comparison.content ?? "")"
            found.set.add(kind, mark: StableHash.of(mark), part: nil)
            let before = try known[state.key].flatMap { $0.operation == .upserted ? try JSONValue(parsing: $0.body) : nil }
            found.findings.add(kind, state.key, before: before, after: try state.body.map { try JSONValue(parsing: $0) })
            sets[state.key.entity] = found
        }
    }
}
