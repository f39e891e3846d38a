import Foundation
public import Hub
import Logging
import Mapping
import SchoolRecords

/// Mass changes that wait for a person.
extension HubContext {
    /// The user of the operating system, for who did what.
    public static var userName: String {
        let name = NSUserName()
        return name.isEmpty ? "uid \(getuid())" : name
    }

    /// Who decides: the operating system's user, and whom they name.
    public static func decider(_ name: String?) -> String {
        name.map { "\($0) (\(Self.userName))" } ?? Self.userName
    }

    /// A held change by its id, or by a beginning that no other has.
    ///
    /// - Throws: ``AppError`` when there is none, or more than one.
    public func heldChange(_ id: String) async throws -> HeldChange {
        let matches = try await self.store.heldChanges(HeldFilter()).filter { $0.id.hasPrefix(id) }
        if let exact = matches.first(where: { $0.id == id }) { return exact }
        guard let match = matches.first else {
            throw AppError(
                .notFound, sv: "Det finns ingen ändring \(id) som hålls. Se: knutpunkt held --all",
                en: "There is no held change \(id). See: knutpunkt held --all")
        }
        guard matches.count == 1 else {
            let names = matches.map(\.id).joined(separator: ", ")
            throw AppError(
                .notFound, sv: "Flera börjar med \(id): \(names). Skriv mer av den du menar.",
                en: "Several begin with \(id): \(names). Write more of the one that you mean.")
        }
        return match
    }

    /// Approves or rejects a held change.
    ///
    /// - Throws: ``AppError`` when there is none, or nothing is left to decide about it.
    public func decide(
        _ id: String, _ state: HeldChange.State, by name: String?, reason: String, clock: HubClock = .system
    ) async throws -> HeldChange {
        try await self.decide(id, state, as: Self.decider(name), reason: reason, clock: clock)
    }

    /// The same for somebody whose name is known.
    func decide(
        _ id: String, _ state: HeldChange.State, as person: String, reason: String, clock: HubClock
    ) async throws -> HeldChange {
        let change = try await self.decidable(id, state)
        guard let next = change.outcome(of: state) else { throw Self.undecidable(change) }
        let decision = HeldDecision(next, by: person, reason: reason, time: clock.timestamp)
        guard let decided = try await self.store.decide(change.id, decision) else {
            throw Self.undecidable(change)
        }
        self.logger.notice(
            "Held change decided", metadata: ["change": "\(change.id)", "state": "\(next.rawValue)", "by": "\(decision.by)"])
        return decided
    }

    /// A held change about which this can be decided.
    ///
    /// - Throws: as ``decide(_:_:by:reason:clock:)``.
    public func decidable(_ id: String, _ state: HeldChange.State) async throws -> HeldChange {
        let change = try await self.heldChange(id)
        guard change.outcome(of: state) != nil else { throw Self.undecidable(change) }
        return change
    }

    /// Whether records are read from a system of this name: flows hold changes, too.
    public func isSource(_ name: String) -> Bool { self.mappings.set.systems[name]?.source != nil }

    private static func undecidable(_ change: HeldChange) -> AppError {
        switch change.state {
        case .superseded:
            AppError(
                .notFound,
                sv:
                    "\(change.id) är inte längre vad systemet skulle göra: det har gått vidare. Se vad som hålls nu: knutpunkt held",
                en:
                    "\(change.id) isn't what the system would do any more: it has moved on. Look at what is held now: knutpunkt held"
            )
        case .applied:
            AppError(
                .notFound, sv: "\(change.id) har redan gått igenom (\(change.decidedAt ?? change.lastAt)).",
                en: "\(change.id) has gone through already (\(change.decidedAt ?? change.lastAt)).")
        case .told:
            AppError(
                .notFound, sv: "\(change.id) gjordes genast och kan inte avvisas. Godkänn den för att säga att du har sett den.",
                en: "\(change.id) has been done at once and can't be rejected. Approve it to say that you have seen it.")
        case .approved:
            AppError(.notFound, sv: "\(change.id) är redan godkänd.", en: "\(change.id) is approved already.")
        case .rejected:
            AppError(.notFound, sv: "\(change.id) är redan avvisad.", en: "\(change.id) is rejected already.")
        case .held:
            AppError(.notFound, sv: "\(change.id) väntar redan.", en: "\(change.id) is held already.")
        }
    }

    /// What is in a held change, with values where they are asked for; that is written down.
    public func samples(of change: HeldChange, withValues: Bool, by name: String?, clock: HubClock = .system) async throws
        -> [HeldSample]
    {
        let samples = try await self.store.samples(ofHeld: change.id)
        if withValues {
            let event = HeldEvent(
                time: clock.timestamp, event: "values-shown", by: Self.decider(name), note: "\(samples.count) records")
            try await self.store.note(event, ofHeld: change.id)
            self.logger.notice(
                "Values of a held change shown", metadata: ["change": "\(change.id)", "by": "\(event.by ?? "-")"])
            return samples
        }
        return samples.map { sample in
            HeldSample(
                key: sample.key, change: sample.change, kind: sample.kind,
                fields: sample.fields.map { .init(name: $0.name, before: nil, after: nil) })
        }
    }

    /// Announces a mass change.
    ///
    /// - Parameters:
    ///   - entity: of a source; or `kind` of row of a receiving system.
    /// - Throws: ``AppError`` when there is no such system, entity or kind, or the days are none.
    public func planChange(
        system: String, entity: String?, kind: String?, bounds: ChangeCounts, from: String, to: String, reason: String,
        by name: String?, clock: HubClock = .system
    ) async throws -> PlannedChange {
        let description = try self.mappings.set.system(system)
        let subject: String
        if let entity {
            guard description.source != nil else {
                throw AppError(.notFound, "\(system) is no source: say the kind of row that changes with --kind.")
            }
            let known = self.mappings.set.inboundEntities(system: system).map(\.rawValue)
            guard known.contains(entity) else {
                throw AppError(.notFound, "\(system) gives no \(entity). It gives: \(known.joined(separator: ", ")).")
            }
            subject = entity
        } else {
            guard description.target != nil, let kind else {
                throw AppError(.notFound, "\(system) is no receiving system: say the entity that changes with --entity.")
            }
            subject = kind
        }
        guard let first = CalendarDate(from), let last = CalendarDate(to), first <= last else {
            throw AppError(.configuration, "--from \(from) --to \(to): write two days as yyyy-MM-dd, the first one first.")
        }
        guard last >= clock.calendarDate else { throw AppError(.configuration, "--to \(to): that day is over.") }
        return try await self.store.plan(
            PlannedChange(
                id: 0, direction: entity == nil ? .target : .source, system: system, subject: subject, bounds: bounds,
                from: "\(first)", to: "\(last)", reason: reason, madeBy: Self.decider(name), madeAt: clock.timestamp))
    }
}
