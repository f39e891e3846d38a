public import Logging
public import Messaging
public import ServiceLifecycle

import SchoolRecords

/// Empties the queue `failed`, where the broker puts what no consumer could settle: each message becomes a failed
/// message in the store, where operators find it, and only then leaves the queue.
public struct LastNetService: Service {
    private let broker: any Broker
    private let store: any HubStore
    private let clock: HubClock
    private let logger: Logger

    public init(broker: any Broker, store: any HubStore, clock: HubClock = .system, logger: Logger) {
        self.broker = broker
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        try await restarting("last-net", logger: self.logger, clock: self.clock) {
            try await self.broker.withSubscription(to: HubTopology.failedQueue, prefetch: 50) { subscription in
                while let delivery = try await subscription.next() {
                    let incoming = delivery.incoming
                    let change = try? RecordChange(incoming.message)
                    let queue = incoming.message.headers["x-first-death-queue"]
                    var system = "unknown"
                    var stage = NewFailure.Stage.delivery
                    if case .string(let name)? = queue {
                        if name.hasPrefix("flow.") { stage = .flow }
                        let prefix =
                            ["deliver.", "cleared.", "flow.", "ask.", "questions.", "answers."].first { name.hasPrefix($0) } ?? ""
                        system = String(name.dropFirst(prefix.count))
                    }
                    try await self.store.record(
                        [
                            NewFailure(
                                stage: stage, system: system, key: change?.key, sequence: change?.sequence,
                                kind: "undelivered",
                                code: NewFailure.Code.deliveryLimit.rawValue, field: nil, place: nil,
                                message: "A message was handed out \(HubTopology.deliveryLimit) times and never settled.",
                                // What is encrypted for one receiver is made again from the vault.
                                body: change?.isSealed == true ? nil : incoming.message.body)
                        ], time: self.clock.timestamp)
                    delivery.acknowledge()
                }
            }
        }
    }
}
