public import ConnectorKit
import Foundation
import Mapping
public import Reconciliation
import SchoolRecords

/// Sends marked synthetic records the whole way: through the mappings of their masters, register, outbox, broker, delivery, the
/// systems' mappings and connectors, into the systems; reads them back; changes every field; deletes them; and sees to it that nothing
/// is left.
///
/// The register knows them as records of a source of their own (``ProbeRecords/source``), which every receiving system takes
/// as it takes those of the master. Which of them a system is given at all says the kept run (``ProbeRun/scope``).
public struct Probe: Sendable {
    let store: any HubStore
    let mappings: MappingBook
    let targets: [any TargetConnector]
    let plan: ProbePlan
    let check: ProbeCheck
    let records: ProbeRecords
    let unit: String
    let parent: String?
    let patience: ProbePatience
    let clock: HubClock

    /// - Parameters:
    ///   - unit: the id of the school unit that the records belong to, and of the organisation above it.
    ///   - agreed: `nil` when nothing was agreed yet.
    public init(
        store: any HubStore, mappings: MappingBook, targets: [any TargetConnector], plan: ProbePlan, agreed: AgreedFields?,
        unit: String, parent: String?, numbers: [String], patience: ProbePatience = ProbePatience(), clock: HubClock = .system
    ) {
        self.store = store
        self.mappings = mappings
        self.targets = targets
        self.plan = plan
        self.check = ProbeCheck(agreed: agreed, now: mappings.set.fieldCarriages.map(FieldLine.init))
        self.records = ProbeRecords(unit: unit, numbers: numbers, today: clock.calendarDate)
        self.unit = unit
        self.parent = parent
        self.patience = patience
        self.clock = clock
    }

    /// Runs the probe from the beginning to the clean end.
    ///
    /// - Parameter progress: told what it is about to do.
    /// - Throws: what the store throws; what was written is taken away before.
    public func run(
        by person: String, progress: @Sendable (ProbeFinding.Phase) -> Void = { _ in }
    ) async throws -> ProbeReport {
        let started = self.clock.timestamp
        let id = "probe-" + started.filter(\.isNumber)
        var run = ProbeRun(id: id, by: person, startedAt: started, scope: self.plan.scope)
        let cleaner = ProbeCleaner(store: self.store, mappings: self.mappings, clock: self.clock)
        // What an interrupted run has left goes first, by that run's own scope.
        let left = try await cleaner.clean()
        if !left.isEmpty { _ = try await self.settle(left, .deleted) }
        try await self.store.keep(run)
        let findings: [ProbeFinding]
        let proven: [String: Set<String>]
        do {
            (findings, proven) = try await self.walk(progress)
        } catch {
            _ = try await cleaner.clean()
            throw error
        }
        var report = ProbeReport(
            run: id, by: person, startedAt: started, finishedAt: self.clock.timestamp, unit: self.unit, parts: self.plan.parts,
            findings: ProbeFinding.first(of: findings), proven: proven, lasting: [], isClean: true)
        report.lasting = self.plan.lasting.flatMap { system, kinds in kinds.map { "\(system)/\($0)" } }.sorted()
        let isRegisterClean = try await cleaner.leftovers().isEmpty
        report.isClean = isRegisterClean && !findings.contains { $0.phase == .deleted }
        report.finishedAt = self.clock.timestamp
        run.finishedAt = report.finishedAt
        run.report = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
        try await self.store.keep(run)
        return report
    }

    private func walk(
        _ progress: @Sendable (ProbeFinding.Phase) -> Void
    ) async throws -> (findings: [ProbeFinding], proven: [String: Set<String>]) {
        progress(.created)
        let first = try await self.send(.first, .created)
        var findings = first.findings
        findings += try await self.look(first, before: [:], .created)
        progress(.updated)
        let second = try await self.send(.second, .updated)
        findings += second.findings
        findings += try await self.look(second, before: first.given, .updated)
        let proven = Self.proven(second.given, findings)
        progress(.deleted)
        findings += try await self.end()
        return (findings, proven)
    }

    /// The fields that were given and about which there is nothing to say.
    private static func proven(
        _ given: [String: [RecordKey: [TargetRow]]], _ findings: [ProbeFinding]
    ) -> [String: Set<String>] {
        given.reduce(into: [:]) { proven, entry in
            let (system, rows) = entry
            let wrong = findings.filter { $0.system == system }
            // Of a row that isn't there, or of a system that didn't answer, nothing is proven.
            let lost = Set(wrong.filter { $0.field == nil }.map(\.kind))
            guard !lost.contains(Self.everyKind) else { return }
            var fields: Set<String> = []
            for row in rows.values.joined() where !lost.contains(row.kind) {
                fields.formUnion(row.fields.keys.map { "\(row.kind).\($0)" })
            }
            proven[system] = fields.subtracting(wrong.map { "\($0.kind).\($0.field ?? "")" })
        }
    }

    static let everyKind = "*"
}
