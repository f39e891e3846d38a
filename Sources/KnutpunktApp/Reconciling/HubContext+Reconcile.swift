import ConnectorKit
import Foundation
public import Hub
import Mapping
import Reconciliation
import SchoolRecords

/// Systems of a run: those that can be read, and those that can't, with the reason.
struct ReconcileTargets: Sendable {
    var readable: [Reconciler.Target] = []
    var names: [String] = []
    /// Systems that tell nothing of what they hold.
    var silent: [String] = []
    private var connectors: [any ReadableTarget] = []

    mutating func add(_ connector: any ReadableTarget, _ settings: ReconcileSettings) {
        self.readable.append(Reconciler.Target(connector, settings: settings))
        self.names.append(connector.system)
        self.connectors.append(connector)
    }

    func shutdown() async { for connector in self.connectors { await connector.shutdown() } }
}

extension HubContext {
    /// Connectors of the systems that a run is about.
    ///
    /// - Parameter systems: by name; empty = all that tell what they hold.
    /// - Throws: ``AppError`` when a system isn't known, receives nothing, or tells nothing of what it holds.
    func reconcileTargets(_ systems: [String]) throws -> ReconcileTargets {
        for name in systems where try self.mappings.set.system(name).target == nil {
            let known = self.mappings.set.systems.values.filter { $0.target != nil }.map(\.name).sorted().joined(separator: ", ")
            throw AppError(
                .notFound, sv: "\(name) är inget system som tar emot något. Det finns: \(known)",
                en: "\(name) is no system that receives anything. There are: \(known)")
        }
        var targets = ReconcileTargets()
        let wanted = systems.isEmpty ? Set(self.mappings.set.systems.keys) : Set(systems)
        let connections = try self.connectors(only: wanted)
        for connector in connections.targets.sorted(by: { $0.system < $1.system }) {
            guard let readable = connector as? any ReadableTarget, readable.canReadHeld else {
                targets.silent.append(connector.system)
                continue
            }
            guard let description = self.mappings.set.systems[connector.system] else { continue }
            do {
                targets.add(readable, try ReconcileSettings(description))
            } catch let error as ReconcileSettingsError {
                throw AppError(.mappings, error.description, cause: error)
            }
        }
        if let silent = targets.silent.first(where: systems.contains) {
            throw AppError(
                .notFound,
                sv: "\(silent) berättar inte vad det har: det går inte att jämföra. Se docs/reconcile.md om exporter (held).",
                en: "\(silent) doesn't tell what it holds: it can't be compared. See docs/reconcile.md about exports (held).")
        }
        return targets
    }

    public func reconciler(clock: HubClock = .system) -> Reconciler {
        Reconciler(
            store: self.store, key: self.key, mappings: self.mappings.set, directory: self.configuration.dataDirectory,
            clock: clock,
            logger: self.logger)
    }

    public var repairer: Repairer {
        Repairer(store: self.store, mappings: self.mappings, key: self.key, logger: self.logger)
    }

    /// Compares systems with what they should hold.
    ///
    /// - Parameter resuming: a run that was interrupted: systems that it is through with aren't read again.
    /// - Throws: ``AppError`` when a system isn't known or can't be compared, another comparison is at work, or the run is through; `interrupted`
    ///   when somebody cancels the run; what ``Reconciler/carryOut(_:_:progress:)`` throws.
    public func reconcile(
        _ scope: ReconcileScope, by person: String, resuming: String? = nil, clock: HubClock = .system,
        progress: @escaping @Sendable (Reconciler.Progress) async -> Void = { _ in }
    ) async throws -> ReconcileRun {
        // Two at once would ask systems twice as fast as they are to be asked, and a run may only be gone on with once.
        guard let lock = try FileLock(path: self.configuration.dataDirectory + "/reconcile.lock") else {
            let running = try await self.store.reconcileRuns(states: [.running], limit: 1).first?.id ?? "-"
            throw AppError(
                .alreadyRunning,
                sv:
                    "En jämförelse pågår redan (\(running)). Vänta tills den är klar, eller: knutpunkt reconcile cancel \(running)",
                en:
                    "A comparison is at work already (\(running)). Wait until it is done, or: knutpunkt reconcile cancel \(running)"
            )
        }
        defer { withExtendedLifetime(lock) {} }
        let earlier = try await resuming.asyncMap { try await self.reconcileRun($0) }
        if let earlier, earlier.state == .done {
            throw AppError(
                .notFound, sv: "\(earlier.id) är redan klar. Jämför på nytt: knutpunkt reconcile",
                en: "\(earlier.id) is through already. Compare again: knutpunkt reconcile")
        }
        let targets = try self.reconcileTargets(earlier?.scope.systems ?? scope.systems)
        guard !targets.readable.isEmpty else {
            throw AppError(
                .notFound, sv: "Inget system berättar vad det har: det finns inget att jämföra. Se docs/reconcile.md",
                en: "No system tells what it holds: there is nothing to compare. See docs/reconcile.md")
        }
        let reconciler = self.reconciler(clock: clock)
        var run: ReconcileRun
        if let earlier {
            run = earlier
            run.state = .running
            run.problem = nil
            try await self.store.keep(run)
        } else {
            run = try await reconciler.begin(scope, systems: targets.names, by: person)
        }
        try await self.store.note(
            "reconcile", subject: "reconcile/\(run.id)", reason: nil, by: person, time: clock.timestamp)
        do {
            let done = try await reconciler.carryOut(run, targets.readable, progress: progress)
            await targets.shutdown()
            return done
        } catch {
            await targets.shutdown()
            if error is CancellationError, !Task.isCancelled {
                // Not this program is to end, only the run.
                throw AppError(
                    .interrupted, sv: "\(run.id) avbröts av någon. Gå vidare med den: knutpunkt reconcile --resume \(run.id)",
                    en: "\(run.id) was cancelled by somebody. Go on with it: knutpunkt reconcile --resume \(run.id)")
            }
            if let error = error as? SpillFailure { throw AppError(.store, error.description, cause: error) }
            throw error
        }
    }

    /// A run by its id, or the beginning of it; `nil` = the latest.
    ///
    /// - Throws: ``AppError`` when there is none, or several begin so.
    public func reconcileRun(_ id: String?) async throws -> ReconcileRun {
        let runs = try await self.store.reconcileRuns(states: [], limit: 1000)
        guard let id else {
            guard let latest = runs.first(where: { $0.state == .done }) ?? runs.first else {
                throw AppError(
                    .notFound, sv: "Inget är jämfört ännu. Börja med: knutpunkt reconcile",
                    en: "Nothing has been compared yet. Begin with: knutpunkt reconcile")
            }
            return latest
        }
        let matches = runs.contains { $0.id == id } ? runs.filter { $0.id == id } : runs.filter { $0.id.hasPrefix(id) }
        guard let run = matches.first, matches.count == 1 else {
            let names = matches.map(\.id).joined(separator: ", ")
            throw AppError(
                .notFound,
                sv: matches.isEmpty ? "Det finns ingen körning \(id). Se: knutpunkt reconcile runs" : "\(id) kan vara \(names).",
                en: matches.isEmpty ? "There is no run \(id). See: knutpunkt reconcile runs" : "\(id) may be \(names).")
        }
        return run
    }

    /// Marks a run so that it ends at its next page, in whichever process it runs.
    ///
    /// - Throws: ``AppError`` when there is no such run, or it isn't running.
    public func cancelReconcile(_ id: String, by person: String, clock: HubClock = .system) async throws -> ReconcileRun {
        var run = try await self.reconcileRun(id)
        guard run.state == .running else {
            throw AppError(
                .notFound, sv: "\(run.id) pågår inte (\(ReconcileWords(.sv).state(run))).",
                en: "\(run.id) isn't running (\(ReconcileWords(.en).state(run))).")
        }
        run.state = .cancelled
        run.endedAt = clock.timestamp
        try await self.store.keep(run)
        try await self.store.note(
            "reconcile.cancel", subject: "reconcile/\(run.id)", reason: nil, by: person, time: clock.timestamp)
        return run
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<Result>(_ body: (Wrapped) async throws -> Result) async rethrows -> Result? {
        if let self { try await body(self) } else { nil }
    }
}
