import Foundation
import Logging
import Mapping
import Messaging
import SchoolRecords

/// Looks at what edited mappings would change in a receiving system, before anything is written by them.
///
/// Records whose rows would change are set aside when they are too many; everything else goes on. Also what was edited
/// while the hub stood still is looked at, at its start.
actor EditedMappings {
    private let system: String
    private let store: any HubStore
    private let key: HubKey
    private let mappings: MappingBook
    private let clock: HubClock
    private let logger: Logger
    /// The version of the system's mappings that has been looked at.
    private var reviewed: String?

    static let subject = "mappings"
    private static let mark = "mappings-reviewed"
    /// What is remembered instead of a version until the look at it is over.
    private static let underWay = "under way"
    private static let page = 500

    init(system: String, store: any HubStore, key: HubKey, mappings: MappingBook, clock: HubClock, logger: Logger) {
        self.system = system
        self.store = store
        self.key = key
        self.mappings = mappings
        self.clock = clock
        self.logger = logger
    }

    /// The mappings in force, looked at.
    func current() async throws -> MappingSet {
        let set = self.mappings.set
        let version = set.outboundVersion(system: self.system)
        guard version != self.reviewed else { return set }
        var known = self.reviewed
        if known == nil { known = try await self.store.mark(source: self.system, entity: Self.mark) }
        // Before the first start nothing has been written by other ones.
        if let known, known != version {
            // They are few, and no business of who approves mass changes.
            let forms = try await self.store.livingForms(for: self.system).map(\.key)
            if !forms.isEmpty { try await self.store.redeliver(forms, to: self.system, reason: "new-day") }
            // A hub that ends while it looks looks again, whatever the mappings are by then: something may be held by these.
            try await self.store.setMark(Self.underWay, source: self.system, entity: Self.mark)
            try await self.review(set)
        }
        try await self.store.setMark(version, source: self.system, entity: Self.mark)
        self.reviewed = version
        return set
    }

    private func review(_ set: MappingSet) async throws {
        var held = HeldRows(self.system, Self.subject, key: self.key)
        var records: Set<RecordKey> = []
        var failing = 0
        let planner = DeliveryPlanner(system: self.system, mappings: set, today: self.clock.calendarDate, store: self.store)
        for entity in set.deliveredEntities(system: self.system) {
            var after: String?
            while true {
                let page = try await self.store.liveRecords(of: entity, after: after, limit: Self.page)
                guard let last = page.last else { break }
                after = last.key.id
                let plan = try await planner.plan(page.map(Self.again))
                // What the system hasn't been given yet isn't changed by the edit, nor is what it gets back.
                let effects = plan.effects.filter { !plan.news.contains($0.record) && !plan.isRestoring($0) }
                held.add(effects)
                records.formUnion(effects.map(\.record))
                failing += plan.settlements.count { if case .failed = $0.outcome { !plan.news.contains($0.key) } else { false } }
            }
        }
        let living = try await self.store.rowCounts(in: self.system)
        var excess: [String: [ChangeExcess]] = [:]
        for (kind, counts) in held.total.parts {
            let limits = ChangeLimits(forRows: kind, rules: set.systems[self.system]?.target?.limits)
            let found = limits.excess(living: living[kind] ?? 0, counts)
            if !found.isEmpty { excess[kind] = found }
        }
        var hints = [SetHint(.mappingEdited, 1)]
        if failing > 0 { hints.append(SetHint(.newlyFailing, failing)) }
        let change = held.change(excess: excess, living: living, hints: hints, time: self.clock.timestamp)
        try await self.overtake(but: excess.isEmpty ? nil : change.id)
        guard !excess.isEmpty else { return }
        let isNew = try await self.store.hold(
            change, marks: held.marks, samples: held.samples, aside: records, replacing: nil)
        guard isNew else { return }
        self.logger.warning(
            "Edited mappings would change very much in a receiving system: what they would change waits for approval",
            metadata: [
                "system": "\(self.system)", "updates": "\(change.updates)", "deletes": "\(change.deletes)",
                "living": "\(change.living)", "change": "\(change.id)", "look": "knutpunkt held show \(change.id)",
            ])
    }

    /// What other edits would have done.
    private func overtake(but id: String?) async throws {
        let filter = HeldFilter(.target, self.system, Self.subject, [.held, .approved, .rejected])
        for held in try await self.store.heldChanges(filter) where held.id != id {
            try await self.store.decide(
                held.id,
                HeldDecision(.superseded, by: "hub", reason: "the mappings have been edited since", time: self.clock.timestamp))
        }
    }

    private static func again(_ record: RegisteredRecord) -> RecordChange {
        RecordChange(
            id: "review", key: record.key, operation: record.operation, source: record.source, sequence: record.sequence,
            time: record.time, redelivery: "review", body: record.body)
    }
}
