public import Logging
public import Messaging
public import ServiceLifecycle

import Foundation
import Metrics
import SchoolRecords

/// Publishes what stands in the outbox, in its order, and removes it when the broker has confirmed (invariant 1).
public struct OutboxRelay: Service {
    private let store: any HubStore
    private let broker: any MessagePublisher
    private let clock: HubClock
    private let window: Int
    private let wanted: [TopicPattern]?
    private let health: HealthBoard
    private let logger: Logger

    /// - Parameters:
    ///   - window: the most messages on their way to the broker at a time.
    ///   - topology: the hub's own. A record that none of its bindings wants and no other queue takes counts as published;
    ///     `nil` = every record must be taken.
    ///   - health: told whether the broker takes what it is given.
    public init(
        store: any HubStore, broker: any MessagePublisher, clock: HubClock = .system, window: Int = 500,
        topology: Topology? = nil, health: HealthBoard = HealthBoard(), logger: Logger
    ) {
        self.wanted = topology?.bindings.filter { $0.exchange == RecordChange.exchange }.map { TopicPattern($0.routingKey) }
        self.store = store
        self.broker = broker
        self.clock = clock
        self.window = window
        self.health = health
        self.logger = logger
    }

    public func run() async throws {
        try await restarting("relay", logger: self.logger, clock: self.clock) {
            var round = RelayRound()
            for await _ in self.store.changes(every: .milliseconds(250)) {
                try await self.relayAll(&round)
                if Task.isCancelled { return }
            }
        }
    }

    /// Whether one of the hub's own queues is to take it.
    private func isWanted(_ entry: OutboxEntry) -> Bool {
        guard entry.exchange == RecordChange.exchange, let wanted = self.wanted else { return true }
        return wanted.contains { $0.matches(entry.routingKey) }
    }

    /// Publishes until nothing is left but what the broker won't take as it is.
    func relayAll(_ round: inout RelayRound) async throws {
        var backoff = Backoff(first: .milliseconds(100), most: .seconds(10))
        round.begin(at: self.clock.now())
        while !Task.isCancelled {
            let entries = try await self.store.next(limit: self.window, after: round.position)
            guard let last = entries.last else { return }
            let outcomes = try await self.broker.publish(
                entries.map { Publication($0.change.message, exchange: $0.exchange, routingKey: $0.routingKey) })
            var confirmed: [Int64] = []
            var (refused, passed): ([BrokerError], [BrokerError]) = ([], [])
            for (entry, outcome) in zip(entries, outcomes) {
                switch outcome {
                case .confirmed: confirmed.append(entry.position)
                case .failed(let error) where error.code == .unroutable && !self.isWanted(entry): confirmed.append(entry.position)
                case .failed(let error) where error.isAboutTheMessage: passed.append(error)
                case .failed(let error): refused.append(error)
                }
            }
            let store = self.store
            let (positions, time) = (confirmed, self.clock.timestamp)
            try await finishing { try await store.published(positions, at: time) }
            Counter(label: "knutpunkt_published_total").increment(by: confirmed.count)
            if refused.isEmpty { self.health.published(confirmed.count, at: self.clock.now()) }
            if let error = passed.first {
                // One that nobody takes mustn't stop those behind it.
                let wait = round.passOver(at: self.clock.now())
                self.logger.error(
                    "The broker can't take some messages as they are; they stay in the outbox, the others go on",
                    metadata: ["error": "\(error.message)", "count": "\(passed.count)", "again_in": "\(wait)"])
            }
            if let error = refused.first {
                let wait = backoff.next()
                self.health.brokerRefused(error, at: self.clock.now())
                self.logger.error(
                    "The broker took not everything; the rest stays in the outbox and is sent again",
                    metadata: ["error": "\(error.message)", "wait": "\(wait)"])
                try await self.clock.sleep(wait)
            } else {
                backoff.reset()
                round.position = last.position
            }
        }
    }
}

extension BrokerError {
    /// Nothing but a change of this message, or of where it is to go, can make the broker take it.
    fileprivate var isAboutTheMessage: Bool { self.code == .unroutable || self.code == .messageTooLarge }
}
