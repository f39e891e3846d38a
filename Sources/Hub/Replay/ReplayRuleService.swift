public import Logging
public import ServiceLifecycle

/// Starts the replays that rules ask for. What is sent, in which order and how it ends is a replay's matter like any other's.
public struct ReplayRuleService: Service {
    /// How many failures one replay takes; the rest goes with the next.
    static let batchSize = 10_000
    private static let pause = Duration.seconds(15)

    private let rules: [ReplayRule]
    private let store: any HubStore
    private let clock: HubClock
    private let logger: Logger

    public init(rules: [ReplayRule], store: any HubStore, clock: HubClock = .system, logger: Logger) {
        self.rules = rules
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        try await restarting("replay-rules", logger: self.logger, clock: self.clock) {
            var seen: [String: Seen] = [:]
            while !Task.isCancelled {
                try await self.round(&seen)
                try await self.clock.sleep(Self.pause)
            }
        }
    }

    /// How a rule's failures stood when nothing of them was due, and when something will be.
    struct Seen {
        let mark: String
        let next: String?
    }

    /// Looks at every rule once; at one whose failures are as they were only when something of them is due.
    ///
    /// - Returns: the replays that were started.
    @discardableResult
    func round(_ seen: inout [String: Seen]) async throws -> [ReplayBatch] {
        var started: [ReplayBatch] = []
        for rule in self.rules {
            let mark = try await self.store.mark(of: rule)
            if let known = seen[rule.name], known.mark == mark, known.next.map({ self.clock.timestamp < $0 }) ?? true { continue }
            let look = try await self.store.look(rule, now: self.clock.now())
            if look.due > 0,
                let batch = try await self.store.replayDue(rule, now: self.clock.now(), limit: Self.batchSize)
            {
                seen[rule.name] = nil
                started.append(batch)
                self.logger.notice(
                    "A rule sends failed messages again",
                    metadata: ["rule": "\(rule.name)", "replay": "\(batch.id)", "messages": "\(batch.size)"])
            } else {
                seen[rule.name] = Seen(mark: mark, next: look.next)
            }
        }
        return started
    }
}
