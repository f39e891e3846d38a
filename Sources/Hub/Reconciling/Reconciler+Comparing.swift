import ConnectorKit
import Foundation
import Mapping
import Reconciliation
import SchoolRecords

/// Holding both sides of each system against each other.
extension Reconciler {
    /// How long it may take from a record's time until it is stored.
    private static let storingSeconds = 2.0

    func compare(
        _ run: inout ReconcileRun, _ targets: [Target], _ found: Findings,
        _ progress: @escaping @Sendable (Progress) async -> Void
    ) async throws {
        let open = Set(run.systems.filter { $0.state == .waiting }.map(\.system))
        let targets = targets.filter { open.contains($0.connector.system) }
        for target in targets { try await self.store.removeFindings(of: run.id, system: target.connector.system) }
        // What moves from now on is in flight, and what has moved just now: a record's time is from a moment before it is stored.
        let began = RFC3339.text(self.clock.now().addingTimeInterval(-Self.storingSeconds))
        let sides = targets.map { target in
            SystemRows(
                system: target.connector.system, settings: target.settings,
                kinds: RowKinds(target.connector.system, self.mappings), key: self.key, memory: self.memory,
                directory: self.directory)
        }
        let bases = run.scope.mode == .changed ? try await self.bases(of: targets.map(\.connector.system)) : [:]
        var reading = try await self.read(
            run, Array(zip(targets, sides)), whole: Set(targets.map(\.connector.system)).subtracting(bases.keys), progress)
        for (target, rows) in zip(targets, sides) {
            try Task.checkCancellation()
            let system = target.connector.system
            guard let index = run.systems.firstIndex(where: { $0.system == system }) else { continue }
            // What an export doesn't show yet is in flight too.
            let asOf = reading.asOf[system].map { min(RFC3339.text($0), began) } ?? began
            if let failure = reading.failures[system] {
                run.systems[index].state = .unread
                run.systems[index].problem = failure.message
            } else {
                var interest: RowInterest?
                if let base = bases[system] { interest = try await self.interest(rows, base, &reading) }
                let leaks = try await self.leakTokens(for: system)
                let cleared = try await self.leakTokens(for: system, isCleared: true)
                let given = try await SystemForms.read(self.store, system: system, self.mappings)
                var comparing = try await self.comparing(
                    rows, target, asOf, leaks, reading.unmapped[system] ?? [:], found)
                comparing.interest = interest
                let scope = run.scope
                let result = try await comparing.run { findings in
                    try await found.add(
                        findings.filter { Self.isWanted($0, scope) }.map { Self.withoutContent($0, given, cleared) })
                }
                let unmappable = try await self.unmappable(reading.unmapped[system] ?? [:], system)
                try await found.add(unmappable.filter { Self.isWanted($0, scope) })
                if scope.isWhole { try await found.add(self.withheld(system, reading, given)) }
                run.systems[index].rows = interest == nil ? result.rows : await rows.whole(result.rows)
                // A run over changes starts from one that tells everything.
                if scope.isWhole { try await self.store.keepDigest(await rows.digest.data, of: system, run: run.id) }
                run.systems[index].own = result.own
                run.systems[index].readAt = asOf
                run.systems[index].isAsGiven = target.connector.heldIsAsGiven
                await found.count(into: &run.systems[index])
                run.systems[index].state = .done
            }
            try await self.keepUnlessCancelled(run)
            await progress(.compared(run.systems[index]))
        }
    }

    private func keepUnlessCancelled(_ run: ReconcileRun) async throws {
        try await self.checkGoing(run)
        try await self.store.keep(run)
    }

    func checkGoing(_ run: ReconcileRun) async throws {
        try Task.checkCancellation()
        if try await self.store.reconcileRun(run.id)?.state == .cancelled { throw CancellationError() }
    }

    /// What differs of a protected person is told by the opaque id and the fields' names alone.
    private static func withoutContent(_ finding: Finding, _ given: SystemForms, _ cleared: LeakTokens) -> Finding {
        guard !given.isEmpty, let record = finding.record else { return finding }
        let texts = [finding.key] + finding.fields.flatMap { [$0.expected, $0.held].compactMap { $0 } }
        guard given.living[record] != nil || texts.contains(where: cleared.isShown) else { return finding }
        var safe = Finding(
            system: finding.system, kind: finding.kind, key: record.id, situation: finding.situation, cause: finding.cause,
            remedy: finding.remedy)
        safe.record = finding.record
        safe.unit = finding.unit
        safe.authority = finding.authority
        safe.message = finding.message
        safe.code = finding.code
        safe.behind = finding.behind
        safe.fields = finding.fields.map { FieldDifference(name: $0.name, nature: $0.nature, expected: nil, held: nil) }
        return safe
    }

    private static func isWanted(_ finding: Finding, _ scope: ReconcileScope) -> Bool {
        (scope.units.isEmpty || finding.unit.map(scope.units.contains) ?? false)
            && (scope.entities.isEmpty || finding.record.map { scope.entities.contains($0.entity) } ?? false)
    }

    private func comparing(
        _ rows: SystemRows, _ target: Target, _ began: String, _ leaks: LeakTokens,
        _ unmapped: [RecordKey: MappingFailure], _ found: Findings
    ) async throws -> SystemComparing {
        let system = target.connector.system
        var repaired: Set<String> = []
        if let earlier = found.earlier[system] { repaired = try await self.store.repairedRows(of: earlier, in: system) }
        let (key, repairedBefore) = (self.key, repaired)
        var authorities: [Entity: String] = [:]
        for entity in Entity.allCases { authorities[entity] = self.mappings.authority(for: entity) }
        let store = self.store
        return SystemComparing(
            rows: rows,
            reader: CaseReader(
                system: system, store: self.store, kinds: rows.kinds, removable: target.connector.removableKinds),
            classifier: Classifier(
                system: system, began: began, authorities: authorities,
                repairedBefore: {
                    !repairedBefore.isEmpty && repairedBefore.contains(key.rowMark(system: system, kind: $0, key: $1))
                }),
            leaks: leaks, unmapped: unmapped, verdicts: try await self.store.matchVerdicts(in: system),
            mark: { store.matchMark(system: system, kind: $0, keys: $1) })
    }
}
