public import ConnectorKit
public import Foundation
public import Logging
import Mapping
public import SchoolRecords

/// Reads a source into the register.
///
/// Records are set aside until an entity has been read to its end, compared with the register, and only then taken:
/// a read that breaks off changes nothing, and a change of very many waits for approval (invariant 5).
public struct Intake: Sendable {
    public enum Mode: String, Sendable {
        /// Everything the source has; what it no longer has is deleted.
        case full
        /// What changed since the last complete reading; an entity never read before is read in full.
        case changes
        /// Some records, and what is said to be gone: of all others it says nothing, so that nothing is deleted by absence.
        case part
    }

    let source: any SourceConnector
    let store: any HubStore
    let key: HubKey
    let mappings: MappingBook
    /// The limits of every entity, instead of what the system's file says.
    private let fixedLimits: ChangeLimits?
    var overlap: TimeInterval
    /// Whether the source can be asked for a record again.
    private let asksAgain: Bool
    let clock: HubClock
    let logger: Logger

    /// - Parameters:
    ///   - limits: instead of those that the system's file sets.
    ///   - overlap: how far before the high-water mark a reading of changes begins, in seconds: a source's clock and its
    ///     transactions don't end in step.
    ///   - asksAgain: whether the source can be asked for a record again. One that only hands in what it likes can't.
    public init(
        source: any SourceConnector, store: any HubStore, key: HubKey, mappings: MappingBook,
        limits: ChangeLimits? = nil, overlap: TimeInterval = 300, asksAgain: Bool = true, clock: HubClock = .system,
        logger: Logger
    ) {
        self.source = source
        self.store = store
        self.key = key
        self.mappings = mappings
        self.fixedLimits = limits
        self.overlap = overlap
        self.asksAgain = asksAgain
        self.clock = clock
        self.logger = logger
    }

    var identities: IdentityWatch {
        IdentityWatch(system: self.source.system, store: self.store, key: self.key, clock: self.clock)
    }

    /// Who tells of other numbers that this source knows of; `nil` where it doesn't.
    func numberChanges(_ entity: Entity) -> IdentityWatch? { entity == .registration ? self.identities : nil }

    /// How many changes of an entity go through unseen now.
    func limits(for entity: Entity) -> ChangeLimits {
        self.fixedLimits ?? ChangeLimits(for: entity, rules: self.mappings.set.systems[self.source.system]?.source?.limits)
    }

    /// Reads the source once. One reading of a source at a time; the caller sees to that. A source that can't tell its changes
    /// any more (``ConnectorFailure/needsFullRead``) is read in full; the report's mode says so.
    ///
    /// - Parameters:
    ///   - approved: ids of held changes that whoever asks for this reading lets through (``HeldChange/id``), beside those
    ///     approved in the store.
    ///   - approver: who asks.
    ///   - only: these entities alone; `nil` = all that the source has.
    ///   - scope: what a reading of changes is about; a full reading is about everything.
    ///   - progress: told now and then, from any task.
    /// - Throws: ``ConnectorFailure`` when the source can't be read to its end; entities read before it are taken.
    public func run(
        _ mode: Mode, approved: Set<String> = [], by approver: String = "hub", only entities: Set<Entity>? = nil,
        about scope: NoticeScope = .everything, progress: @escaping @Sendable (IntakeProgress) -> Void = { _ in }
    ) async throws -> IntakeReport {
        do {
            return try await self.readOnce(
                mode, approved: approved, by: approver, only: entities, about: scope, progress: progress)
        } catch let failure as ConnectorFailure where mode == .changes && failure.needsFullRead {
            self.logger.info(
                "The source can't tell its changes; it is read in full", metadata: ["source": "\(self.source.system)"])
            return try await self.readOnce(
                .full, approved: approved, by: approver, only: entities, about: .everything, progress: progress)
        }
    }

    private func readOnce(
        _ mode: Mode, approved: Set<String>, by approver: String, only chosen: Set<Entity>?, about scope: NoticeScope,
        progress: @escaping @Sendable (IntakeProgress) -> Void
    ) async throws -> IntakeReport {
        let scope = mode == .full ? .everything : scope
        let started = self.clock.now()
        let system = self.source.system
        for id in approved {
            try await self.store.decide(
                id, HeldDecision(.approved, by: approver, reason: nil, time: self.clock.timestamp))
        }
        var report = IntakeReport(source: system, mode: mode.rawValue)
        try await self.store.clearStage(run: system)
        let deletions = try await self.deletions(mode, scope)
        let asked = self.source.entities.sorted().filter {
            chosen?.contains($0) ?? true && (scope.concerns($0) || deletions[$0] != nil)
        }
        let waiting = try await self.waiting(asked)
        for (entity, needed) in waiting { report.waiting[entity.rawValue] = needed.sorted().map(\.rawValue) }
        for entity in waiting.keys.sorted() where entity.completion?.marks == true {
            try await EntityReading(
                intake: self, entity: entity, living: 0, mark: nil,
                protected: ProtectedPersons.read(self.store, key: self.key, family: self.mappings.set.privacy.family),
                progress: progress
            ).readMarks()
        }
        let entities = asked.filter { waiting[$0] == nil }
        let living = try await self.store.liveCounts(source: system, entities: Set(entities))
        let isEmpty = try await self.store.isEmpty()
        var protected = try await ProtectedPersons.read(
            self.store, key: self.key, family: self.mappings.set.privacy.family)
        let forms = FormKeeper(store: self.store, key: self.key, mappings: self.mappings, clock: self.clock)
        for entity in entities {
            if try await !self.store.withheldPersons().isSubset(of: protected.opaqueIDs) {
                // Somebody has become protected elsewhere meanwhile.
                protected = try await ProtectedPersons.read(
                    self.store, key: self.key, family: self.mappings.set.privacy.family)
            }
            let mark = try await self.store.mark(source: system, entity: entity.rawValue).flatMap(RFC3339.date)
            let reading = EntityReading(
                intake: self, entity: entity, living: living[entity] ?? 0,
                mark: mode == .full ? nil : mode == .part ? .distantPast : mark, isPart: mode == .part, protected: protected,
                approved: approved, approver: approver, progress: progress)
            let origin = ChangeOrigin.reading(at: self.clock.timestamp, trace: TraceContext.current)
            let part = try await ChangeOrigin.$current.withValue(origin) {
                try await reading.run(deletions: deletions[entity] ?? [])
            }
            report.parts[entity.rawValue] = part
            protected = await reading.protected
            if protected.changed, !isEmpty {
                try await Remasking(
                    store: self.store, key: self.key, sources: Set(self.mappings.set.sourceNames).union([system]),
                    clock: self.clock
                ).run(protected)
            }
            if entity == .person, !protected.released.isEmpty {
                try await self.bringBack(Set(protected.released.values), &protected)
            }
            protected.settle()
            // At once: whoever got another protection mustn't wait for the rest of the reading.
            if part.withheld > 0 { try await forms.refresh() }
        }
        try await forms.refresh()
        if self.asksAgain { try await self.replay(protected) }
        try await self.dropStrangers()
        if report.held.isEmpty, report.waiting.isEmpty, chosen == nil, scope.deletions {
            // Only now: deletions that were asked for and not taken are asked for again.
            try await self.store.setMark(RFC3339.text(started), source: system, entity: Self.deletionMark)
        }
        report.seconds = self.clock.now().timeIntervalSince(started)
        return report
    }

    /// Held changes of entities that aren't read any more can't be found again.
    private func dropStrangers() async throws {
        for held in try await self.store.heldChanges(HeldFilter(.source, self.source.system, nil, [.held, .approved, .rejected]))
        where !self.source.entities.contains(where: { $0.rawValue == held.entity }) {
            let reason = "the source gives no \(held.entity) any more"
            try await self.store.decide(
                held.id, HeldDecision(.superseded, by: "hub", reason: reason, time: self.clock.timestamp))
        }
    }

    /// What the source says was deleted since the last complete reading; a full reading finds out by itself.
    private func deletions(_ mode: Mode, _ scope: NoticeScope) async throws -> [Entity: [RecordKey]] {
        let system = self.source.system
        if mode == .part {
            let keys = try await self.source.deletions(after: .distantPast)
            return Dictionary(grouping: keys.map(SystemNames(system: system).registered), by: \.entity)
        }
        guard mode == .changes, scope.deletions,
            let mark = try await self.store.mark(source: system, entity: Self.deletionMark).flatMap(RFC3339.date)
        else { return [:] }
        let keys = try await self.source.deletions(after: mark.addingTimeInterval(-self.overlap))
        return Dictionary(grouping: keys.map(SystemNames(system: system).registered), by: \.entity)
    }

    private static let deletionMark = "deletions"

    /// Asks the source again for the records whose intake failed and that somebody has sent again.
    private func replay(_ protected: ProtectedPersons) async throws {
        for key in try await self.store.intakeReplays(source: self.source.system) {
            let reading = EntityReading(
                intake: self, entity: key.entity, living: 0, mark: nil, protected: protected, progress: { _ in })
            let origin = ChangeOrigin.reading(at: self.clock.timestamp, trace: TraceContext.current)
            try await ChangeOrigin.$current.withValue(origin) { try await reading.replay(key) }
        }
    }
}
