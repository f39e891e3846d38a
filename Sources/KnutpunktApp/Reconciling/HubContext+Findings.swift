public import Hub
public import Reconciliation
import SchoolRecords

extension HubContext {
    /// Lets somebody look at what a run found, and writes it into the audit log where values are shown.
    ///
    /// - Throws: ``AppError`` when it isn't allowed.
    public func lookAtFindings(
        _ run: ReconcileRun, systems: Set<String>, withValues: Bool, reason: String?, by person: String, language: Language,
        clock: HubClock = .system
    ) async throws {
        let systems = systems.isEmpty ? Set(run.systems.map(\.system)) : systems
        try await self.require(.see, on: systems, by: person)
        guard withValues else { return }
        try await self.store.note(
            "reconcile.values", subject: "reconcile/\(run.id)", reason: reason, by: person, time: clock.timestamp)
    }

    /// Keeps what somebody says of two rows.
    ///
    /// - Throws: ``AppError`` when it isn't allowed, or there is nothing to decide.
    public func decideMatch(
        _ run: ReconcileRun, _ number: Int, isSame: Bool, reason: String, by person: String, language: Language,
        clock: HubClock = .system
    ) async throws -> Finding {
        var filter = FindingFilter()
        filter.after = number - 1
        filter.limit = 1
        guard let kept = try await self.store.findings(of: run.id, filter).first, kept.number == number,
            let other = kept.finding.otherKey
        else {
            throw AppError(
                .notFound,
                sv: "Om \(number) i \(run.id) finns inget att avgöra. Se: knutpunkt reconcile list --cause perhaps-same-person",
                en:
                    "There is nothing to decide about \(number) of \(run.id). See: knutpunkt reconcile list --cause perhaps-same-person"
            )
        }
        try await self.require(.repair, on: [kept.finding.system], by: person)
        try await self.store.keepVerdict(
            isSame: isSame, system: kept.finding.system, kind: kept.finding.kind, keys: (kept.finding.key, other), reason: reason,
            by: person, time: clock.timestamp)
        return kept.finding
    }
}
