import ConnectorKit
import Reconciliation
import SchoolRecords

/// Taking the probe's records away again.
extension Probe {
    func end() async throws -> [ProbeFinding] {
        let cleaner = ProbeCleaner(store: self.store, mappings: self.mappings, clock: self.clock)
        if !self.plan.lasting.values.allSatisfy(\.isEmpty) { try await self.endPlacement() }
        var findings = try await self.settle(try await cleaner.clean(), .deleted)
        for (system, _) in self.plan.scope.sorted(by: { $0.key < $1.key }) {
            guard let target = self.targets.first(where: { $0.system == system }) as? any ReadableTarget else { continue }
            findings += try await self.patiently(target, .deleted) { held in
                self.check.left(held.filter { target.removableKinds.contains($0.kind) }, in: system)
            }
        }
        return findings
    }

    /// A placement that stays somewhere must not look as if it went on.
    private func endPlacement() async throws {
        for document in self.records.documents(.second) where document.name == .placement {
            var body = document.json
            body["endDate"] = .string(CalendarDate(daysSinceEpoch: self.clock.calendarDate.daysSinceEpoch - 1).description)
            let state = RecordState(key: document.key, owner: ProbeRecords.Name.pupil.id, body: body.canonicalData)
            _ = try await self.store.take(
                [state], withheld: [], failures: [], source: ProbeRecords.source, counting: .seen, time: self.clock.timestamp)
            _ = try await self.settle(try await self.store.records([document.key]).mapValues(\.sequence), .updated)
        }
    }
}
