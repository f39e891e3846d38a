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

    let store: any HubStore
    let key: HubKey
    let mappings: MappingSet
    let directory: String
    let clock: HubClock
    private let logger: Logger
    /// Bytes of rows in memory, for each side of each system.
    let memory: Int

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
        _ run: ReconcileRun, _ targets: [Target], progress: @escaping @Sendable (Progress) async -> Void = { _ in }
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
}
