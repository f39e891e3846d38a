import Mapping
public import SchoolRecords

/// Gives role changes to the receiving systems, and says how far they have come.
///
/// They go the way of every record: register and outbox in one transaction, the broker, the system's queue, delivery with its retries,
/// failures and replays. What is delivered once isn't written again.
public struct RolePublisher: Sendable {
    private let store: any HubStore
    private let mappings: MappingBook
    private let clock: HubClock

    public init(store: any HubStore, mappings: MappingBook, clock: HubClock = .system) {
        self.store = store
        self.mappings = mappings
        self.clock = clock
    }

    /// The systems in use that take roles: those with a mapping of `rolegrant` to them.
    public var systems: Set<String> {
        let set = self.mappings.set
        return Set(set.systems.keys.filter { set.outbound(system: $0, entity: .roleGrant) != nil })
    }

    /// Takes changes and has them sent, all of them or none.
    ///
    /// - Parameter counting: `.seen` for what a person has approved: it isn't held again at the receiving system.
    /// - Returns: one for each change, in the same order; nothing was taken when one has moved.
    /// - Throws: ``RoleRefusal`` when a system takes no roles; `RecordError` for a grant that isn't one.
    @discardableResult
    public func publish(_ changes: [RoleChange], counting: TakeCounting = .seen) async throws -> [RoleTaking] {
        let strangers = Set(changes.map(\.grant.system)).subtracting(self.systems)
        guard strangers.isEmpty else { throw RoleRefusal(systems: strangers.sorted(), known: self.systems.sorted()) }
        return try await self.store.take(changes, counting: counting, time: self.clock.timestamp)
    }

    /// How far changes have come.
    ///
    /// - Parameter takings: those of ``publish(_:counting:)`` that were taken, or had been before.
    public func progress(of takings: [RoleTaking]) async throws -> [RecordKey: RoleProgress] {
        var progress: [RecordKey: RoleProgress] = [:]
        for (system, takings) in Dictionary(grouping: takings, by: \.system) {
            let states = try await self.store.states(of: takings.map(\.key), in: system)
            for taking in takings {
                progress[taking.key] = try await self.progress(of: taking, states[taking.key])
            }
        }
        return progress
    }

    /// Those that their systems have, or a later state of them: asked of all at once, where ``progress(of:)`` looks for each one.
    public func arrived(of takings: [RoleTaking]) async throws -> [RecordKey: RoleProgress] {
        var progress: [RecordKey: RoleProgress] = [:]
        for (system, takings) in Dictionary(grouping: takings, by: \.system) {
            let states = try await self.store.states(of: takings.map(\.key), in: system)
            for taking in takings { progress[taking.key] = Self.arrival(of: taking, states[taking.key]) }
        }
        return progress
    }

    private static func arrival(of taking: RoleTaking, _ state: DeliveryState?) -> RoleProgress? {
        guard let state, state.sequence >= taking.sequence else { return nil }
        guard state.sequence == taking.sequence else { return .overtaken }
        return taking.operation == .revoked || !state.rows.isEmpty ? .delivered : nil
    }

    private func progress(of taking: RoleTaking, _ state: DeliveryState?) async throws -> RoleProgress {
        if let arrival = Self.arrival(of: taking, state) { return arrival }
        let places = try await self.store.whereabouts(of: taking.key, systems: [taking.system])
        if let waits = places.waits[taking.system], !waits.isEmpty { return .waits(for: waits) }
        if let retry = places.retries[taking.system] { return .retries(due: retry.due, reason: retry.reason) }
        if let held = places.held[taking.system] { return .held(change: held) }
        var filter = FailureFilter()
        (filter.entity, filter.record, filter.system, filter.states) = (.roleGrant, taking.key.id, taking.system, [.failed])
        if let failure = try await self.store.list(filter).last, failure.failure.sequence ?? 0 >= taking.sequence {
            return .failed(failure: failure.id, code: failure.failure.code, place: failure.failure.place)
        }
        return state?.sequence == taking.sequence ? .nothingToGive : .underWay
    }
}

/// Where a role change is.
public enum RoleProgress: Sendable, Hashable {
    /// In the outbox, in the queue or being written.
    case underWay
    /// The system has it, as far as it has said so: files have been left for it.
    case delivered
    /// The system has been given nothing of it: its mapping leaves the grant out, the grant doesn't hold today, or the person's
    /// identity is protected.
    case nothingToGive
    /// These records must be there first.
    case waits(for: Set<RecordKey>)
    /// Tried again by itself; `due` in milliseconds since 1970, and the error's code.
    case retries(due: Int64, reason: String)
    /// Set aside with a mass change that somebody has to decide about.
    case held(change: String)
    /// Among the failed messages, by its number; with the file and line of the mapping where it is one of a mapping.
    case failed(failure: Int64, code: String, place: String?)
    /// The grant has been changed again, and the system has the later state.
    case overtaken

    /// Whether it will go on by itself, so that waiting makes sense.
    public var isOpen: Bool {
        switch self {
        case .underWay, .retries, .waits: true
        case .delivered, .nothingToGive, .held, .failed, .overtaken: false
        }
    }
}

/// Roles for systems that take none.
public struct RoleRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    public let systems: [String]
    /// Those that take some.
    public let known: [String]

    public var description: String {
        let known = self.known.isEmpty ? "none is switched on" : self.known.joined(separator: ", ")
        return
            "\(self.systems.joined(separator: ", ")): no roles are given to it. Systems that take roles: \(known). Switch it on "
            + "(systems.<system>.enabled), or add a rolegrant.yaml to its folder in Mappings."
    }
}
