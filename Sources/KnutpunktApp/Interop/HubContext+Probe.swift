import ConnectorKit
import Connectors
import Foundation
public import Hub
import Mapping
public import Reconciliation
public import SchoolRecords

/// Sending the probe, and cleaning up after it.
extension HubContext {
    /// What a probe is to do.
    public struct ProbeOrder: Sendable {
        /// Only these; `nil` = all that can be read.
        public var systems: Set<String>?
        public var entities: Set<Entity>?
        /// School unit code, name or id; `nil` = the configuration's, or one that fits.
        public var unit: String?
        /// Whether rows are written too that a system keeps for good.
        public var writesLasting = false
        public var patience = ProbePatience()

        public init() {}
    }

    var probeLock: String { self.configuration.dataDirectory + "/probe.lock" }

    /// Whether a probe is at work on this data, in whichever process.
    var isProbing: Bool { get throws { try FileLock(path: self.probeLock) == nil } }

    /// Takes the lock, or returns `nil` when another probe holds it. The hub takes it for a moment to see whether one does.
    private func lockProbe(_ clock: HubClock) async throws -> FileLock? {
        for _ in 0..<5 {
            if let lock = try FileLock(path: self.probeLock) { return lock }
            try await clock.sleep(.milliseconds(100))
        }
        return nil
    }

    /// The systems that the last probe was given to.
    public func probedSystems() async throws -> Set<String> {
        Set(try await self.store.lastProbeRun()?.scope.keys.map { $0 } ?? [])
    }

    /// Ends a command about a system that there isn't.
    ///
    /// - Throws: ``AppError`` with the known ones.
    public func requireSystem(_ name: String) throws {
        if self.mappings.set.inactive[name] == nil { _ = try self.mappings.set.system(name) }
    }

    /// Where a probe's records would go; nothing is sent.
    ///
    /// - Throws: ``AppError`` when there is no such system.
    public func probePlan(_ order: ProbeOrder, clock: HubClock = .system) throws -> ProbePlan {
        for system in order.systems ?? [] { _ = try self.mappings.set.system(system) }
        return self.plan(order, try self.connectors().targets, clock)
    }

    private func plan(_ order: ProbeOrder, _ targets: [any TargetConnector], _ clock: HubClock) -> ProbePlan {
        ProbePlan(
            mappings: self.mappings.set, targets: targets, numbers: self.configuration.probeNumbers, systems: order.systems,
            entities: order.entities, writesLasting: order.writesLasting, today: clock.calendarDate)
    }

    /// Sends the probe through the running hub and takes everything away again.
    ///
    /// - Throws: ``AppError`` when no hub runs, another probe does, there is no unit for it, nothing could be written anywhere, or a
    ///   system can't be read.
    public func probe(
        _ order: ProbeOrder, by person: String, clock: HubClock = .system,
        progress: @Sendable (ProbeFinding.Phase) -> Void = { _ in }
    ) async throws -> ProbeReport {
        guard RunState.read(from: self.configuration.dataDirectory)?.phase == .running else {
            throw AppError(
                .systems,
                sv:
                    "Ingen hubb är igång på \(self.configuration.dataDirectory): sonden går genom den. Starta den: knutpunkt serve",
                en: "No hub runs on \(self.configuration.dataDirectory): the probe goes through it. Start it: knutpunkt serve")
        }
        guard let lock = try await self.lockProbe(clock) else {
            throw AppError(
                .alreadyRunning, sv: "En annan sond är ute. Vänta tills den är klar.",
                en: "Another probe is at work. Wait until it is done.")
        }
        defer { withExtendedLifetime(lock) {} }
        for system in order.systems ?? [] { _ = try self.mappings.set.system(system) }
        let connections = try self.connectors()
        let plan = self.plan(order, connections.targets, clock)
        guard !plan.scope.isEmpty else {
            throw AppError(
                .notFound,
                sv: "Sonden kan inte lämnas till något system. Varför: knutpunkt interop --probe --dry-run",
                en: "The probe can't be given to any system. Why: knutpunkt interop --probe --dry-run")
        }
        for target in connections.targets where plan.scope[target.system] != nil {
            do {
                try await target.probe()
            } catch let failure as ConnectorFailure {
                throw AppError(
                    .systems,
                    sv:
                        "\(target.system) svarar inte: \(failure.message). Sonden har inte skickats. Välj bort systemet genom att "
                        + "nämna de andra (--system), eller vänta tills det svarar.",
                    en: "\(target.system) doesn't answer: \(failure.message). The probe hasn't been sent. Leave it out by naming "
                        + "the others (--system), or wait until it answers.", cause: failure)
            }
        }
        let (unit, parent) = try await self.probeUnit(order.unit ?? self.configuration.probeUnit)
        try await self.store.note(
            "probe", subject: "systems/\(plan.scope.keys.sorted().joined(separator: ","))", reason: nil, by: person,
            time: clock.timestamp)
        let agreed = try FieldCheck.agreed(in: self.configuration.mappingsDirectory)
        let probe = Probe(
            store: self.store, mappings: self.mappings, targets: connections.targets, plan: plan, agreed: agreed, unit: unit,
            parent: parent, numbers: self.configuration.probeNumbers, patience: order.patience, clock: clock)
        let report = try await probe.run(by: person, progress: progress)
        for target in connections.targets { await (target as? any ReadableTarget)?.shutdown() }
        return report
    }

    /// Takes away what an interrupted probe has left; a running hub takes it out of the systems.
    ///
    /// - Returns: how many records there were.
    /// - Throws: ``AppError`` while a probe is at work.
    public func cleanUpProbe(by person: String, clock: HubClock = .system) async throws -> Int {
        guard let lock = try await self.lockProbe(clock) else {
            throw AppError(
                .alreadyRunning, sv: "En sond är ute; den städar själv efter sig.",
                en: "A probe is at work; it cleans up after itself.")
        }
        defer { withExtendedLifetime(lock) {} }
        let cleaner = ProbeCleaner(store: self.store, mappings: self.mappings, clock: clock)
        let count = try await cleaner.clean().count
        if count > 0 {
            try await self.store.note("probe.clean-up", subject: "probe", reason: nil, by: person, time: clock.timestamp)
        }
        return count
    }

    /// The unit that a probe belongs to, and the organisation above it.
    private func probeUnit(_ named: String?) async throws -> (unit: String, parent: String?) {
        var best: (unit: Organisation, worth: Int)?
        var organisations: [Organisation] = []
        try await RegisterReader(store: self.store).pages(of: .organisation) { page in
            organisations += page.compactMap { try? Organisation(json: $0.document.value) }
        }
        for unit in organisations.sorted(by: { $0.id < $1.id }) {
            if let named {
                guard [unit.id, unit.schoolUnitCode, unit.displayName].contains(named) else { continue }
            } else if unit.organisationType != .schoolUnit {
                continue
            }
            // One with pupils and after-school care is known to most systems.
            let types = Set(unit.schoolTypes?.map(\.rawValue) ?? [])
            let worth = (types.contains("GR") ? 2 : 0) + (types.contains("FTH") ? 1 : 0)
            if worth > best?.worth ?? -1 { best = (unit, worth) }
        }
        guard let unit = best?.unit else {
            throw AppError(
                .notFound,
                sv: named.map { "\($0): det finns ingen sådan enhet i registret. Ange skolenhetskod, namn eller id (--unit)." }
                    ?? "Registret har ingen skolenhet att lägga sonden vid. Läs in organisationerna först: knutpunkt sync",
                en: named.map { "\($0): there is no such unit in the register. Give school unit code, name or id (--unit)." }
                    ?? "The register has no school unit for the probe. Read the organisations first: knutpunkt sync")
        }
        return (unit.id, unit.parentOrganisation?.id)
    }
}
