public import ConnectorKit
import Foundation
public import Logging
public import Mapping
import Reconciliation
import SchoolRecords

/// Compares what receiving systems hold with what they should hold, and keeps what differs.
///
/// Reads the register once for all systems, each system whole, and holds them against each other by sorted merge: memory doesn't
/// grow with the number of records. Writes nothing but its own run.
public struct Reconciler: Sendable {
    /// How far a run is.
    public enum Progress: Sendable, Hashable {
        /// So many records of the register have been mapped.
        case expected(records: Int)
        /// So many rows of a system have been read.
        case held(system: String, rows: Int)
        /// A system is compared.
        case compared(SystemAgreement)
    }

    /// A system to be read.
    public struct Target: Sendable {
        let connector: any ReadableTarget
        let settings: ReconcileSettings

        public init(_ connector: any ReadableTarget, settings: ReconcileSettings) {
            self.connector = connector
            self.settings = settings
        }
    }

    /// How long it may take from a record's time until it is stored.
    private static let storingSeconds = 2.0

    let store: any HubStore
    let key: HubKey
    let mappings: MappingSet
    private let directory: String
    let clock: HubClock
    private let logger: Logger
    /// Bytes of rows in memory, for each side of each system.
    private let memory: Int

    /// - Parameter directory: where rows are set aside that don't fit into memory, sealed.
    public init(
        store: any HubStore, key: HubKey, mappings: MappingSet, directory: String, clock: HubClock = .system,
        memory: Int = 2 << 20, logger: Logger
    ) {
        self.store = store
        self.key = key
        self.mappings = mappings
        self.directory = directory
        self.clock = clock
        self.memory = memory
        self.logger = logger
    }

    /// Begins a run.
    ///
    /// - Parameter systems: the systems that it is about, by name.
    public func begin(_ scope: ReconcileScope, systems: [String], by person: String) async throws -> ReconcileRun {
        let time = self.clock.timestamp
        let run = ReconcileRun(
            id: "run-" + self.key.contentHash(Data("\(time)|\(person)|\(systems)".utf8)).prefix(8), scope: scope, madeBy: person,
            beganAt: time, mappings: self.mappings.version, systems: systems)
        try await self.store.keep(run)
        return run
    }

    /// Carries a run out, or what is left of one that was interrupted: systems that are done aren't read again.
    ///
    /// A system that can't be read is told as such, and the others are compared. A run that somebody cancels ends at the next page.
    ///
    /// - Returns: the run as it is kept at its end.
    /// - Throws: ``StoreError``, ``SpillFailure``, `CancellationError`; the run is kept as broken, or cancelled, then.
    public func carryOut(
        _ run: ReconcileRun, _ targets: [Target], progress: @Sendable (Progress) async -> Void = { _ in }
    ) async throws -> ReconcileRun {
        var run = run
        let found = Findings(
            store: self.store, run: run, last: try await self.store.lastFinding(of: run.id),
            earlier: try await self.earlier(than: run), time: self.clock.timestamp)
        do {
            try await self.compare(&run, targets, found, progress)
            run.state = .done
            (run.units, run.causes) = await found.summary()
        } catch {
            (run.units, run.causes) = await found.summary()
            run.state = error is CancellationError ? .cancelled : .broken
            run.problem = error is CancellationError ? nil : "\(error)"
            run.endedAt = self.clock.timestamp
            // Also where this task is cancelled, what was found so far is kept.
            let ended = run
            try await Task { try await self.store.keep(ended) }.value
            throw error
        }
        run.endedAt = self.clock.timestamp
        try await self.store.keep(run)
        try await self.verifyRepairs(run)
        self.logger.notice(
            "Systems compared",
            metadata: [
                "run": "\(run.id)", "differences": "\(run.differences)", "in_flight": "\(run.inFlight)",
                "unread": "\(run.systems.filter { $0.state == .unread }.map(\.system))",
            ])
        return run
    }

    /// For each system the latest run before that told all of it: since when something differs, and what repairs were sent for, stand there.
    private func earlier(than run: ReconcileRun) async throws -> [String: String] {
        var earlier: [String: String] = [:]
        for known in try await self.store.reconcileRuns(states: [.done], limit: 100)
        where known.id != run.id && known.scope.isWhole {
            for system in known.systems where system.state == .done && earlier[system.system] == nil {
                earlier[system.system] = known.id
            }
        }
        return earlier
    }

    /// Says of repairs that were sent before what has become of their rows.
    private func verifyRepairs(_ run: ReconcileRun) async throws {
        guard run.scope.isWhole else { return }
        let read = Set(run.systems.filter { $0.state == .done }.map(\.system))
        for var order in try await self.store.repairs(of: nil)
        where order.state == .sent && order.run != run.id && read.isSuperset(of: order.parts.map(\.system)) {
            (order.state, order.verifiedBy) = (.verified, run.id)
            order.left = try await self.store.stillDiffering(of: order, in: run.id)
            try await self.store.keep(order)
        }
    }

    private func compare(
        _ run: inout ReconcileRun, _ targets: [Target], _ found: Findings,
        _ progress: @Sendable (Progress) async -> Void
    ) async throws {
        let open = Set(run.systems.filter { $0.state == .waiting }.map(\.system))
        let targets = targets.filter { open.contains($0.connector.system) }
        for target in targets { try await self.store.removeFindings(of: run.id, system: target.connector.system) }
        // What moves from now on is in flight, and what has moved just now: a record's time is from a moment before it is stored.
        let began = RFC3339.text(self.clock.now().addingTimeInterval(-Self.storingSeconds))
        let leaks = try await self.leakTokens()
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
                var comparing = try await self.comparing(
                    rows, target, asOf, leaks, reading.unmapped[system] ?? [:], found)
                comparing.interest = interest
                let scope = run.scope
                let result = try await comparing.run { try await found.add($0.filter { Self.isWanted($0, scope) }) }
                let unmappable = try await self.unmappable(reading.unmapped[system] ?? [:], system)
                try await found.add(unmappable.filter { Self.isWanted($0, scope) })
                if scope.isWhole { try await found.add(self.withheld(system, reading)) }
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
