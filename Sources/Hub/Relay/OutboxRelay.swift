public import Logging
public import Messaging
public import ServiceLifecycle

import Metrics
import SchoolRecords

/// Publishes what stands in the outbox, in its order, and removes it when the broker has confirmed (invariant 1).
public struct OutboxRelay: Service {
    private let store: any HubStore
    private let broker: any MessagePublisher
    private let clock: HubClock
    private let window: Int
    private let logger: Logger

    /// - Parameter window: the most messages on their way to the broker at a time.
    public init(
        store: any HubStore, broker: any MessagePublisher, clock: HubClock = .system, window: Int = 500, logger: Logger
    ) {
        self.store = store
        self.broker = broker
        self.clock = clock
        self.window = window
        self.logger = logger
    }

    public func run() async throws {
        try await restarting("relay", logger: self.logger, clock: self.clock) {
            for await _ in self.store.changes(every: .milliseconds(250)) {
                try await self.relayAll()
                if Task.isCancelled { return }
            }
        }
    }

    /// Publishes until the outbox is empty.
    func relayAll() async throws {
        var backoff = Backoff(first: .milliseconds(100), most: .seconds(10))
        while !Task.isCancelled {
            let entries = try await self.store.next(limit: self.window)
            guard !entries.isEmpty else { return }
            let outcomes = try await self.broker.publish(
                entries.map { Publication($0.change.message, exchange: $0.exchange, routingKey: $0.routingKey) })
            var confirmed: [Int64] = []
            var refused: BrokerError?
            for (entry, outcome) in zip(entries, outcomes) {
                switch outcome {
                case .confirmed: confirmed.append(entry.position)
                case .failed(let error): refused = error
                }
            }
            let store = self.store
            let positions = confirmed
            try await finishing { try await store.published(positions) }
            Counter(label: "knutpunkt_published_total").increment(by: confirmed.count)
            if let refused {
                let wait = backoff.next()
                self.logger.error(
                    "The broker took not everything; the rest stays in the outbox and is sent again",
                    metadata: ["error": "\(refused.message)", "wait": "\(wait)"])
                try await self.clock.sleep(wait)
            } else {
                backoff.reset()
            }
        }
    }
}
