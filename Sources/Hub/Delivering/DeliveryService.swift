public import ConnectorKit
public import Logging
public import Messaging
public import ServiceLifecycle

import Foundation
import Mapping
import Metrics
import SchoolRecords

/// Takes one system's messages from its queue and writes them to it.
///
/// For every batch: plan, store the plan, acknowledge, write, settle. A crash anywhere leads to the same state: before
/// the plan is stored the messages come again; after it the same batch is written under the same id; messages that come
/// again although the plan was stored are superseded.
public struct DeliveryService: Service {
    private let target: any TargetConnector
    private let broker: any Broker
    private let store: any HubStore
    private let key: HubKey
    private let review: EditedMappings
    private let clock: HubClock
    private let linger: Duration
    private let living = LivingRows()
    private let turn = WriteTurn()
    /// How long a batch in hand waits for another queue's to be written before its messages are given back.
    private static let patience = Duration.seconds(10)
    /// Whether the system has a queue of its own for what it is given of protected persons.
    private let isCleared: Bool
    private let health: HealthBoard
    private let logger: Logger

    /// - Parameters:
    ///   - linger: how long to wait for more messages before a batch that isn't full is written, instead of as long as the
    ///     system has it.
    ///   - health: told how the system does.
    public init(
        target: any TargetConnector, broker: any Broker, store: any HubStore, key: HubKey, mappings: MappingBook,
        clock: HubClock = .system, linger: Duration? = nil, health: HealthBoard = HealthBoard(), logger: Logger
    ) {
        self.target = target
        self.broker = broker
        self.store = store
        self.key = key
        self.isCleared = mappings.set.privacy.clearedSystems.contains(target.system)
        self.clock = clock
        self.linger = linger ?? target.linger
        self.health = health
        var logger = logger
        logger[metadataKey: "system"] = "\(target.system)"
        self.logger = logger
        self.review = EditedMappings(
            system: target.system, store: store, key: key, mappings: mappings, clock: clock, logger: logger)
    }

    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.deliver(HubTopology.deliveryQueue(of: self.target.system)) }
            if self.isCleared {
                group.addTask { try await self.deliver(RecordChange.clearedQueue(of: self.target.system)) }
            }
            group.addTask { try await self.watchMappings() }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Has edited mappings looked at also when no message comes.
    private func watchMappings() async throws {
        try await repeating("mapping review", every: .seconds(2), logger: self.logger, clock: self.clock) {
            _ = try await self.review.current()
        }
    }

    /// Delivers what comes in one queue. Batches of several queues are written one after the other: a system is written to at one
    /// place at a time.
    private func deliver(_ queue: String) async throws {
        try await restarting("delivery", logger: self.logger, clock: self.clock) {
            try await self.finishPrepared()
            while let interruption = try await self.deliverUntilRefused(queue) {
                switch interruption {
                // Another queue's batch waits for the system: no message is held meanwhile.
                case .busy: try await self.finishPrepared()
                case .refused(let batch, let failure):
                    // The turn was kept.
                    defer { self.turn.giveBack() }
                    try await self.write(batch, after: failure)
                }
            }
        }
    }

    /// Writes the batch that was under way at the last stop; nobody else writes meanwhile.
    private func finishPrepared() async throws {
        _ = try await self.turn.take(clock: self.clock)
        defer { self.turn.giveBack() }
        guard let prepared = try await self.store.prepared(for: self.target.system) else { return }
        self.logger.notice(
            "Writing the batch that was under way at the last stop", metadata: ["batch": "\(prepared.batch.id)"])
        try await self.write(prepared)
    }

    private enum Interruption {
        /// Another queue's batch is being written, and doesn't get through.
        case busy
        case refused(PreparedBatch, ConnectorFailure)
    }

    /// Takes messages and writes them for as long as the system takes them.
    ///
    /// While it takes nothing no message is held: they wait in the queue, where the broker limits neither the time nor,
    /// by counting hand-outs, the tries.
    ///
    /// - Returns: the batch that the system didn't take and why, with the turn kept; that another queue's batch doesn't get through;
    ///   or `nil` when the subscription was stopped.
    private func deliverUntilRefused(_ queue: String) async throws -> Interruption? {
        try await self.broker.withSubscription(to: queue, prefetch: self.target.batchSize * 2) { subscription in
            while let batch = try await subscription.nextBatch(limit: self.target.batchSize, linger: self.linger) {
                guard try await self.turn.take(atMost: Self.patience, clock: self.clock) else { return .busy }
                var isKept = false
                defer { if !isKept { self.turn.giveBack() } }
                let prepared = try await self.prepare(batch.messages)
                // From here on the stored batch, or the settlement, stands for the messages.
                batch.acknowledge()
                guard let prepared else { continue }
                do {
                    try await self.writeCounted(prepared)
                } catch let failure as ConnectorFailure {
                    isKept = true
                    return .refused(prepared, failure)
                }
            }
            return nil
        }
    }

    /// Plans and stores what is to be written.
    ///
    /// - Returns: `nil` when nothing is; the messages are settled in the store then.
    private func prepare(_ messages: [IncomingMessage]) async throws -> PreparedBatch? {
        var changes: [RecordChange] = []
        var unreadable: [NewFailure] = []
        for incoming in messages {
            do {
                let change = try RecordChange(incoming.message)
                guard change.isSealed else {
                    changes.append(change)
                    continue
                }
                if let opened = try? ClearedSeal(key: self.key, system: self.target.system).opened(change) {
                    changes.append(opened)
                } else {
                    unreadable.append(
                        NewFailure(
                            stage: .delivery, system: self.target.system, key: change.key, sequence: change.sequence,
                            kind: "undecodable", code: NewFailure.Code.undecodableMessage.rawValue, field: nil, place: nil,
                            message: "An encrypted message isn't for \(self.target.system), or was changed on its way.",
                            body: nil))
                }
            } catch {
                unreadable.append(
                    NewFailure(
                        stage: .delivery, system: self.target.system, key: nil, sequence: nil, kind: "undecodable",
                        code: NewFailure.Code.undecodableMessage.rawValue, field: nil, place: nil,
                        message: "A message can't be read: \(error.reason).",
                        body: incoming.message.body))
            }
        }
        if !unreadable.isEmpty { try await self.store.record(unreadable, time: self.clock.timestamp) }
        guard !changes.isEmpty else { return nil }
        let (plan, version) = try await self.plan(changes)
        let mappedAt = self.clock.timestamp
        guard !plan.writes.isEmpty else {
            let store = self.store
            let (system, time) = (self.target.system, self.clock.timestamp)
            let note = SettlementNote(mappedAt: mappedAt)
            try await finishing { try await store.settle(plan.settlements, in: system, time: time, note: note) }
            self.note(plan.settlements)
            return nil
        }
        let number = String(try await self.store.counts().batches + 1)
        let padded = String(repeating: "0", count: max(0, 9 - number.count)) + number
        let suffix = String(UInt32.random(in: .min ... .max) | 0x8000_0000, radix: 16)
        let prepared = PreparedBatch(
            system: self.target.system, batch: TargetBatch(id: "\(padded)-\(suffix)", writes: plan.writes),
            settlements: plan.settlements, mappedAt: mappedAt, mappings: version)
        try await self.store.prepare(prepared)
        self.health.isWriting(to: self.target.system, oldest: changes.map(\.time).min().flatMap(RFC3339.date))
        return prepared
    }

    /// What the messages mean, without the records that have to wait for a person, and by which mappings.
    private func plan(_ changes: [RecordChange]) async throws -> (plan: DeliveryPlan, mappings: String) {
        let mappings = try await self.review.current()
        let planner = DeliveryPlanner(
            system: self.target.system, mappings: mappings, today: self.clock.calendarDate, store: self.store,
            givesWholeRecords: self.target.takesWholeRecords)
        let limits = DeliveryGuard(
            system: self.target.system, store: self.store, key: self.key, mappings: mappings, clock: self.clock,
            logger: self.logger, living: self.living)
        let replays = changes.filter { $0.redelivery == "replay" }.map(\.key)
        let forms = try await replays.isEmpty ? [:] : self.store.formsUnderWay(of: replays, to: self.target.system)
        var changes = changes
        while true {
            let plan = try await planner.plan(changes, forms: forms)
            var judged = plan
            judged.effects.removeAll { plan.protected.contains($0.record) }
            let aside = try await limits.judge(judged)
            guard !aside.isEmpty else { return (plan, mappings.version) }
            changes.removeAll { aside.contains($0.key) }
        }
    }

    private func writeCounted(_ prepared: PreparedBatch) async throws {
        try await finishing { try await self.writeOnce(prepared) }
        Counter(label: "knutpunkt_batches_written_total", dimensions: [("system", self.target.system)]).increment()
    }

    /// Writes until the system has taken the batch; only a stop of the hub ends it earlier.
    ///
    /// - Parameter failure: why the system didn't take it just now.
    private func write(_ prepared: PreparedBatch, after failure: ConnectorFailure? = nil) async throws {
        var breaker = Breaker()
        var prepared = prepared
        if let failure { try await self.pause(&breaker, failure) }
        while true {
            prepared = try await self.withoutOvertaken(prepared)
            do {
                try await self.writeCounted(prepared)
                if breaker.succeeded() { self.logger.notice("The system takes records again") }
                return
            } catch let failure as ConnectorFailure {
                try await self.pause(&breaker, failure)
            }
        }
    }

    private func withoutOvertaken(_ prepared: PreparedBatch) async throws -> PreparedBatch {
        let rest = try await Withdrawal(store: self.store).withoutOvertaken(prepared)
        if rest.batch.writes != prepared.batch.writes {
            self.logger.notice(
                "Records were taken out of a batch that waits: somebody is protected by now",
                metadata: ["batch": "\(prepared.batch.id)"])
        }
        return rest
    }

    private func pause(_ breaker: inout Breaker, _ failure: ConnectorFailure) async throws {
        let first = breaker.state == .closed
        let wait = breaker.failed(failure)
        self.health.refused(by: self.target.system, failure, at: self.clock.now())
        self.logger.log(
            level: first ? .warning : .debug, "The system takes nothing now; its queue waits",
            metadata: [
                "code": "\(failure.code)", "reason": "\(failure.message)", "wait": "\(wait)", "remedy": "\(failure.runbook)",
            ])
        try await self.clock.sleep(wait)
    }

    private func writeOnce(_ prepared: PreparedBatch) async throws {
        let refused = try await prepared.batch.writes.isEmpty ? [:] : self.target.write(prepared.batch)
        let now = self.clock.now()
        let settlements = prepared.settlements.map { settlement in
            guard let failure = refused[settlement.key],
                case .applied(let rows, let references, let missing) = settlement.outcome
            else { return settlement }
            if failure.kind == .transient || failure.kind == .systemUnavailable {
                let due = now.addingTimeInterval(failure.retryAfter ?? 60)
                return Settlement(
                    key: settlement.key, sequence: settlement.sequence,
                    outcome: .retry(due: Int64(due.timeIntervalSince1970 * 1000), reason: failure.code))
            }
            return Settlement(
                key: settlement.key, sequence: settlement.sequence,
                outcome: .failed(
                    NewFailure(
                        stage: .delivery, system: prepared.system, key: settlement.key, sequence: settlement.sequence,
                        kind: "rejected", code: failure.code, field: nil, place: nil, message: failure.message, body: nil,
                        form: DeliveredForm(
                            rows: rows, references: references, missing: missing, mappings: prepared.mappings))))
        }
        try await self.store.settle(
            settlements, in: prepared.system, time: self.clock.timestamp,
            note: SettlementNote(mappedAt: prepared.mappedAt, batch: prepared.batch.id))
        self.note(settlements)
    }

    private func note(_ settlements: [Settlement]) {
        var (delivered, failed) = (0, 0)
        for settlement in settlements {
            switch settlement.outcome {
            case .applied: delivered += 1
            case .failed: failed += 1
            case .superseded, .retry: break
            }
        }
        self.health.settled(self.target.system, delivered: delivered, failed: failed, at: self.clock.now())
        let system = [("system", self.target.system)]
        Counter(label: "knutpunkt_delivered_total", dimensions: system).increment(by: delivered)
        Counter(label: "knutpunkt_failed_total", dimensions: system).increment(by: failed)
    }
}
