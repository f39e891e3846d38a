import ConnectorKit
import Foundation
public import Logging
import Mapping
public import SchoolRecords

/// Takes what somebody hands in for a source: by the same mapping, guard, vault and outbox as what is read from it.
///
/// - A whole file is all that the source has of an entity: what isn't in it is deleted, when the guard lets it. It is taken as a whole or
///   not at all.
/// - Anything else says nothing of what isn't in it. Rows that can't be used are left out, and the others taken.
public struct Upload: Sendable {
    /// Rows at most.
    public static let mostRows = 50_000

    let system: String
    let entity: Entity
    let isComplete: Bool
    /// The school units that who hands it in has to do with.
    let units: UnitScope
    let person: String
    let store: any HubStore
    let key: HubKey
    let mappings: MappingBook
    let lock: any SourceLock
    let clock: HubClock
    let logger: Logger

    public init(
        system: String, entity: Entity, isComplete: Bool, units: UnitScope, by person: String, store: any HubStore, key: HubKey,
        mappings: MappingBook, lock: any SourceLock, clock: HubClock = .system, logger: Logger
    ) {
        self.system = system
        self.entity = entity
        self.isComplete = isComplete
        self.units = units
        self.person = person
        self.store = store
        self.key = key
        self.mappings = mappings
        self.lock = lock
        self.clock = clock
        self.logger = logger
    }

    /// Takes rows, or tells what would become of them.
    ///
    /// - Parameter isDryRun: nothing is changed; what is told is what would be told now.
    /// - Throws: ``UploadRefusal``, and what the store says.
    public func run(_ rows: [UploadedRow], isDryRun: Bool) async throws -> UploadReport {
        guard rows.count <= Self.mostRows else {
            throw UploadRefusal(
                .tooManyRows, sv: "Högst \(Self.mostRows) rader tas emot åt gången. Dela upp dem.",
                en: "At most \(Self.mostRows) rows are taken at a time. Divide them.")
        }
        return try await self.lock.withLock(source: self.system) { try await self.take(rows, isDryRun: isDryRun) }
    }

    private func take(_ rows: [UploadedRow], isDryRun: Bool) async throws -> UploadReport {
        if self.isComplete { try await self.mayTellAll() }
        if let needed = try await self.intake([], []).waiting([self.entity])[self.entity]?.min() {
            throw UploadRefusal(
                .tooEarly,
                sv:
                    "Navet har inte läst \(needed.rawValue) från sin källa än, och vet inte vilka som är skyddade. Försök igen när det är gjort.",
                en:
                    "The hub hasn't read \(needed.rawValue) from its source yet, and doesn't know who is protected. Try again when that is done."
            )
        }
        let looked = try await self.look(at: rows)
        var report = looked.report
        if isDryRun {
            report.outcome = .dryRun
            return report
        }
        if self.isComplete, report.count(.failed) > 0 {
            report.outcome = .refused
            return report
        }
        try await self.store.note(
            "intake.upload", of: "intake/\(self.system)/\(self.entity.rawValue)",
            reason: "\(rows.count) rows\(self.isComplete ? ", complete" : "")", by: self.person, time: self.clock.timestamp)
        let intake = self.intake(looked.records, looked.deleted)
        let result = try await intake.run(self.isComplete ? .full : .part, by: self.person, only: [self.entity])
        if let held = result.held.first {
            report.outcome = .held
            report.held = held.id
        }
        try await self.keep(looked.failures)
        return report
    }

    private func intake(_ records: [SourceRecord], _ deleted: [RecordKey]) -> Intake {
        Intake(
            source: UploadedSource(
                system: self.system, entities: self.mappings.set.inboundEntities(system: self.system), entity: self.entity,
                records: records, deleted: deleted),
            store: self.store, key: self.key, mappings: self.mappings, asksAgain: false, clock: self.clock, logger: self.logger)
    }

    /// What can't be used is a failed message like any other of the source's: somebody sees it, and it is over when the record comes again.
    private func keep(_ failures: [NewFailure]) async throws {
        guard !failures.isEmpty else { return }
        try await self.store.record(failures, time: self.clock.timestamp)
    }

    /// A whole file takes away what isn't in it: that must be of the client's own units.
    private func mayTellAll() async throws {
        guard case .units(let own) = self.units else { return }
        let live = try await self.store.liveIDs(of: self.entity, source: self.system)
        var rest = live.map { RecordKey(self.entity, $0) }[...]
        while !rest.isEmpty {
            for (key, record) in try await self.store.records(Array(rest.prefix(500))) {
                let units = UploadUnits.of(self.entity, try JSONValue(parsing: record.body), id: key.id)
                guard units.isSubset(of: own) else {
                    throw UploadRefusal(
                        .notWhole,
                        sv: "Källan har poster vid andra skolenheter än dina: du kan inte säga att filen är hela källan.",
                        en: "The source has records at other school units than yours: you can't say that the file is all of it.")
                }
            }
            rest = rest.dropFirst(500)
        }
    }
}
