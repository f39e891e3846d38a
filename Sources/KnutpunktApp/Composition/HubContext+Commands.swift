import Mapping
import ConnectorKit
import Connectors
public import Hub
public import SchoolRecords

/// What the command line (and later the console) does with a hub's data.
extension HubContext {
    /// Reads one source now.
    ///
    /// - Parameter entities: these alone; `nil` = all that it gives.
    /// - Throws: ``AppError`` when there is no such source, it doesn't give an entity, or it can't be read.
    public func sync(
        _ system: String, mode: Intake.Mode, approved: Set<String> = [], by approver: String = HubContext.userName,
        only entities: Set<Entity>? = nil, clock: HubClock = .system,
        progress: @escaping @Sendable (IntakeProgress) -> Void = { _ in }
    ) async throws -> IntakeReport {
        _ = try self.mappings.set.system(system)
        guard let (source, settings) = try self.connectors(only: [system]).sources.first else {
            throw AppError(.notFound, "\(system) is no source: records are written to it, not read from it.")
        }
        if let stranger = entities?.subtracting(source.entities).min() {
            await source.shutdown()
            let known = source.entities.sorted().map(\.rawValue).joined(separator: ", ")
            throw AppError(.notFound, "\(system) gives no \(stranger.rawValue). It gives: \(known).")
        }
        do {
            let intake = self.intake(source, settings: settings, clock: clock)
            let report = try await self.sourceLock(clock: clock).withLock(source: system) {
                try await intake.run(mode, approved: approved, by: approver, only: entities, progress: progress)
            }
            await source.shutdown()
            return report
        } catch let failure as ConnectorFailure {
            await source.shutdown()
            throw AppError(failure.kind == .misconfigured ? .configuration : .systems, failure.message, cause: failure)
        } catch {
            await source.shutdown()
            throw error
        }
    }

    /// The way of a person's records, of a record, a message or a trace.
    ///
    /// - Parameter limit: at most so many records.
    /// - Throws: ``AppError`` when the hub knows of no such thing, or there is no such system.
    public func trace(_ question: JourneyQuestion, limit: Int) async throws -> JourneyReader.Answer {
        if case .record(_, let system?) = question { _ = try self.mappings.set.system(system) }
        let reader = JourneyReader(store: self.store, mappings: self.mappings.set, key: self.key)
        guard let answer = try await reader.answer(question, limit: limit) else {
            throw AppError(
                .notFound,
                "The hub knows of no such person, record, message or trace. Failed messages: knutpunkt failed list")
        }
        return answer
    }

    /// What each system has of a person. The audit log gets who asks and why, before anything is looked up.
    ///
    /// - Parameters:
    ///   - id: the person's id.
    ///   - systems: receiving systems; empty = all.
    ///   - showsValues: show also what is as it should be.
    /// - Throws: ``AppError`` when the hub knows of no such person, or there is no such system.
    public func person(
        _ id: String, systems: [String], showsValues: Bool, reason: String, by person: String, clock: HubClock = .system
    ) async throws -> PersonView {
        for system in systems where try self.mappings.set.system(system).target == nil {
            throw AppError(.notFound, "\(system) is a source: nothing is given to it.")
        }
        let reader = PersonReader(
            store: self.store, mappings: self.mappings.set, key: self.key, today: clock.calendarDate)
        try await self.store.note(
            showsValues ? "person.values" : "person.show", of: try await reader.subject(of: id), reason: reason, by: person,
            time: clock.timestamp)
        guard
            let view = try await reader.view(of: id, systems: systems.isEmpty ? nil : Set(systems), showsValues: showsValues)
        else { throw AppError(.notFound, "The hub knows of no such person.") }
        return view
    }

    /// What the vault has of a protected person, for who is named for it in the permissions. Who looks, and why, is in the audit log
    /// before the vault is opened.
    ///
    /// - Throws: ``AppError`` when the person isn't allowed to, or the hub knows of no such protected person.
    public func protectedPerson(
        _ id: String, reason: String, by person: String, clock: HubClock = .system
    ) async throws -> PersonView {
        try await self.require(.seeProtected, on: [], by: person, clock: clock)
        let reader = PersonReader(
            store: self.store, mappings: self.mappings.set, key: self.key, today: clock.calendarDate)
        try await self.store.note(
            "person.protected", of: try await reader.subject(of: id), reason: reason, by: person, time: clock.timestamp)
        guard let view = try await reader.clearedView(of: id) else {
            throw AppError(
                .notFound, sv: "Hubben känner ingen sådan skyddad person.", en: "The hub knows of no such protected person.")
        }
        return view
    }

    /// How far everything has come.
    public func status() async throws -> HubStatus {
        var status = HubStatus(
            running: RunState.read(from: self.configuration.dataDirectory),
            records: [:], withheld: [:], outbox: try await self.store.backlog(),
            waiting: try await self.store.waitingCounts(), failed: [:], counts: try await self.store.counts(), lag: [:],
            derived: try await self.store.derivedCounts())
        for (entity, count) in try await self.store.liveCounts() { status.records[entity.rawValue] = count }
        for (entity, count) in try await self.store.withheldCounts() { status.withheld[entity.rawValue] = count }
        for flow in self.mappings.set.flows.keys { status.derived[flow, default: 0] += 0 }
        let failures: [FailedMessage.State: Int] = try await self.store.counts()
        for (state, count) in failures { status.failed[state.rawValue] = count }
        for system in self.mappings.set.systems.keys {
            let entities = self.mappings.set.deliveredEntities(system: system)
            guard !entities.isEmpty else { continue }
            status.lag[system] = try await self.store.lag(of: system, entities: Set(entities))
        }
        var filter = HeldFilter()
        filter.states = HeldChange.State.open
        status.held = try await self.store.heldChanges(filter).map(HubStatus.Held.init)
        return status
    }
}

/// A hub at a glance.
public struct HubStatus: Sendable, Codable, Hashable {
    public var running: RunState?
    /// Live records by entity.
    public var records: [String: Int]
    /// Protected persons' records in the vault, by entity.
    public var withheld: [String: Int]
    /// Changes that wait to be published.
    public var outbox: Int
    /// Records that wait for another record or for a planned retry, by system.
    public var waiting: [String: Int]
    /// Failed messages by state.
    public var failed: [String: Int]
    public var counts: HubCounts
    /// Records whose present state a system hasn't been given yet, by system.
    public var lag: [String: Int]
    /// Records that flows have made and hold up, by flow; flows in use that have made none are there with 0.
    public var derived: [String: Int]
    /// Mass changes that wait for somebody, or were rejected and still stand.
    public var held: [Held] = []

    /// A held change in short.
    public struct Held: Sendable, Codable, Hashable {
        public let id: String
        public let state: String
        public let system: String
        public let entity: String
        public let living: Int
        public let creates: Int
        public let updates: Int
        public let deletes: Int
        public let releases: Int

        init(_ change: HeldChange) {
            self.id = change.id
            self.state = change.state.rawValue
            self.system = change.system
            self.entity = change.entity
            self.living = change.living
            self.creates = change.creates
            self.updates = change.updates
            self.deletes = change.deletes
            self.releases = change.releases
        }
    }
}
