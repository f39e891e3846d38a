public import Logging
public import Messaging
public import ServiceLifecycle

import Foundation
import Mapping
public import SchoolRecords

/// Runs one flow: for the persons whom changes concern, as they come, and for everybody when a day begins or the mappings
/// have changed.
///
/// Messages are acknowledged once what they led to has been taken. A message only says where to look: decisions are made
/// from the register, so that order and repetition don't matter.
public struct FlowService: Service {
    private let name: String
    private let make: @Sendable (MappingSet) -> (any Flow)?
    private let broker: any Broker
    private let store: any HubStore
    private let mappings: MappingBook
    private let limits: ChangeLimits
    private let clock: HubClock
    private let logger: Logger
    private let turn = Turn()

    public init(
        _ kind: FlowKind, broker: any Broker, store: any HubStore, mappings: MappingBook,
        limits: ChangeLimits = ChangeLimits(), clock: HubClock = .system, logger: Logger
    ) {
        self.name = kind.name
        self.make = kind.make
        self.broker = broker
        self.store = store
        self.mappings = mappings
        self.limits = limits
        self.clock = clock
        var logger = logger
        logger[metadataKey: "flow"] = "\(kind.name)"
        self.logger = logger
    }

    public func run() async throws {
        try await restarting("flow", logger: self.logger, clock: self.clock) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.takeMessages() }
                group.addTask {
                    while !Task.isCancelled {
                        // Very many messages that wait after a stop are no mass change: they are taken first.
                        let isBehind = try await self.broker.depth(of: HubTopology.flowQueue(of: self.name)) ?? 0 > 0
                        if !isBehind { try await self.runAllIfDue() }
                        try await self.clock.sleep(.seconds(isBehind ? 5 : 60))
                    }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    private func runner() -> FlowRunner {
        FlowRunner(name: self.name, flow: self.make(self.mappings.set), store: self.store, clock: self.clock)
    }

    private func takeMessages() async throws {
        let queue = HubTopology.flowQueue(of: self.name)
        try await self.broker.withSubscription(to: queue, prefetch: 1000) { subscription in
            while let batch = try await subscription.nextBatch(limit: 500, linger: .milliseconds(20)) {
                try await self.take(batch.messages)
                batch.acknowledge()
            }
        }
    }

    private func take(_ messages: [IncomingMessage]) async throws {
        var keys: Set<RecordKey> = []
        var unreadable: [NewFailure] = []
        for incoming in messages {
            do {
                let change = try RecordChange(incoming.message)
                // Nothing follows from what a probe sends.
                let isOwn = FlowCatalog.names.contains(change.source) || change.source == ProbeRecords.source
                if !isOwn { keys.insert(change.key) }
            } catch {
                unreadable.append(
                    NewFailure(
                        stage: .flow, system: self.name, key: nil, sequence: nil, kind: "undecodable",
                        code: NewFailure.Code.undecodableMessage.rawValue, field: nil, place: nil,
                        message: "A message can't be read: \(error.reason).",
                        body: incoming.message.body))
            }
        }
        if !unreadable.isEmpty { try await self.store.record(unreadable, time: self.clock.timestamp) }
        guard !keys.isEmpty else { return }
        try await self.run(for: keys)
    }

    /// Runs the flow for the persons whom records concern, as far as it has anything to do with them.
    @discardableResult
    public func run(for keys: Set<RecordKey>) async throws -> TakeResult {
        try await self.turn.take {
            let runner = self.runner()
            let persons = try await self.store.subjects(of: keys, flow: self.name)
            let concerned = try await self.store.concerned(among: persons, by: runner.triggers, flow: self.name)
            return try await runner.run(concerned.sorted())
        }
    }

    // MARK: Everybody

    private static let ranFor = "ran-for"
    private static let ranTo = "ran-to"
    static let chunk = 200

    /// Runs the flow for everybody whom it has anything to do with if a day has begun, or the mappings have changed, since that was done last; goes on where
    /// it was interrupted. Does nothing when the change would be a mass change that nobody has approved (invariant 5).
    ///
    /// - Returns: the change that waits for approval, if one does.
    @discardableResult
    public func runAllIfDue() async throws -> HeldChange? {
        let stamp = "\(self.clock.calendarDate) \(self.mappings.set.version)"
        let place = HubTopology.flowQueue(of: self.name)
        guard try await self.store.mark(source: place, entity: Self.ranFor) != stamp else { return nil }
        var after: String?
        let resumed = try await self.store.mark(source: place, entity: Self.ranTo)?.split(separator: "|", maxSplits: 1)
        if let resumed, resumed.count == 2, resumed[0] == stamp { after = String(resumed[1]) }
        if after == nil, let held = try await self.massChange() { return held }
        while true {
            let from = after
            let last = try await self.turn.take { () -> String? in
                let runner = self.runner()
                let persons = try await self.store.subjects(
                    with: runner.triggers, flow: self.name, after: from, limit: Self.chunk)
                _ = try await runner.run(persons)
                return persons.last
            }
            guard let last else { break }
            after = last
            try await self.store.setMark("\(stamp)|\(last)", source: place, entity: Self.ranTo)
        }
        try await self.store.setMark(stamp, source: place, entity: Self.ranFor)
        return nil
    }

    /// What a run for everybody would change, when that is too much to go through unseen and nobody has approved it.
    private func massChange() async throws -> HeldChange? {
        let time = self.clock.timestamp
        let masses = FlowMasses(name: self.name, store: self.store, limits: self.limits, time: time)
        let found = try await masses.find(by: self.runner())
        let filter = HeldFilter(.source, self.name, nil, [.held, .approved, .rejected])
        let standing = try await self.store.heldChanges(filter)
        for other in standing where !found.contains(where: { $0.change.id == other.id }) {
            try await self.store.decide(
                other.id, HeldDecision(.superseded, by: "hub", reason: "the records have moved on", time: time))
        }
        let approved = Set(standing.filter { $0.state == .approved }.map(\.id))
        var waiting: HeldChange?
        for mass in found where !approved.contains(mass.change.id) {
            if waiting == nil { waiting = mass.change }
            guard try await self.store.hold(mass.change, marks: mass.marks, samples: mass.samples) else { continue }
            self.logger.warning(
                "A change of very many derived records waits for approval; nothing of it is taken",
                metadata: [
                    "entity": "\(mass.change.entity)", "change": "\(mass.change.id)", "updates": "\(mass.change.updates)",
                    "deletes": "\(mass.change.deletes)", "living": "\(mass.change.living)",
                    "look": "knutpunkt held show \(mass.change.id)",
                ])
        }
        guard waiting == nil else { return waiting }
        for id in approved where found.contains(where: { $0.change.id == id }) {
            try await self.store.decide(id, HeldDecision(.applied, by: "hub", reason: nil, time: time))
        }
        return nil
    }
}

/// One at a time, in the order of asking: two decisions about a person mustn't overtake each other.
actor Turn {
    private var last: Task<Void, Never>?

    func take<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let before = self.last
        let task = Task {
            await before?.value
            return try await work()
        }
        self.last = Task { _ = await task.result }
        return try await task.value
    }
}
