import ConnectorKit
import Foundation
import Reconciliation
import SchoolRecords

/// Looking at what has become of the probe's records in the systems.
extension Probe {
    func look(
        _ sent: Sent, before: [String: [RecordKey: [TargetRow]]], _ phase: ProbeFinding.Phase
    ) async throws -> [ProbeFinding] {
        var findings: [ProbeFinding] = []
        for (system, entities) in self.plan.scope.sorted(by: { $0.key < $1.key }) {
            let given = sent.given[system] ?? [:]
            for record in sent.records where entities.contains(record.entity) {
                if record.entity == .roleGrant, record.body["system"]?.stringValue != system { continue }
                guard let id = record.body["id"]?.stringValue, let rows = given[RecordKey(record.entity, id)] else { continue }
                let wanted = self.plan.kinds[system]?[record.name] ?? []
                findings += self.check.mapping(rows.map(HeldRow.init), of: record, to: system, expecting: wanted, phase: phase)
            }
            guard let target = self.targets.first(where: { $0.system == system }) as? any ReadableTarget else { continue }
            let rows = Set(given.values.joined())
            let carrier = target as? any RowCarrying
            let carried = rows.compactMap { carrier?.carried($0) }
            let old = Set((before[system] ?? [:]).values.joined())
            // What an earlier probe had to leave there is none of this one's.
            let own = Set(rows.map(\.kind)).union(target.removableKinds)
            findings += try await self.patiently(target, phase) { all in
                let held = all.filter { own.contains($0.kind) }
                return self.check.held(
                    given: rows.map(HeldRow.init), carried: carried.map(HeldRow.init), before: old.map(HeldRow.init), held: held,
                    in: system, phase: phase)
            }
        }
        return findings
    }

    /// The probe's rows among those that a system shows.
    static func held(in target: any ReadableTarget) async throws -> [HeldRow] {
        let collector = HeldCollector()
        try await target.readHeld { rows in
            await collector.add(
                rows.filter { row in
                    ([row.key] + row.fields.values).contains { $0.contains(ProbeRecords.marker) || ProbeRecords.hasKey($0) }
                })
        }
        return await collector.rows.map(HeldRow.init)
    }

    private actor HeldCollector {
        private(set) var rows: [TargetRow] = []
        func add(_ rows: [TargetRow]) { self.rows += rows }
    }

    /// Looks again for a while before something is said to be wrong: a system may need a moment to show what it has taken.
    func patiently(
        _ target: any ReadableTarget, _ phase: ProbeFinding.Phase, _ look: ([HeldRow]) -> [ProbeFinding]
    ) async throws -> [ProbeFinding] {
        let end = self.clock.now().addingTimeInterval(self.patience.showing)
        while true {
            var findings: [ProbeFinding]
            do {
                findings = look(try await Self.held(in: target))
            } catch let failure as ConnectorFailure {
                // One system that doesn't answer must not keep back what is known of the others.
                findings = [
                    ProbeFinding(
                        system: target.system, hop: .system, flaw: .failed, phase: phase, kind: Self.everyKind,
                        found: failure.code)
                ]
            }
            if findings.isEmpty || self.clock.now() >= end { return findings }
            try await self.clock.sleep(.milliseconds(500))
        }
    }
}

extension HeldRow {
    init(_ row: TargetRow) { self.init(kind: row.kind, key: row.key, fields: row.fields) }
}
