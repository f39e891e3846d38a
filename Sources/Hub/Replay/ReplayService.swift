public import Logging
public import ServiceLifecycle

/// Moves replays on: notes outcomes, sends what the plan allows, stops and finishes.
///
/// All it knows is in the store: another hub, or this one after a crash, goes on where it was.
public struct ReplayService: Service {
    private let store: any HubStore
    private let clock: HubClock
    private let logger: Logger

    public init(store: any HubStore, clock: HubClock = .system, logger: Logger) {
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        try await restarting("replay", logger: self.logger, clock: self.clock) {
            while !Task.isCancelled {
                try await self.round()
                try await self.clock.sleep(.seconds(1))
            }
        }
    }

    /// One step of every open replay.
    func round() async throws {
        for id in try await self.store.openBatches() {
            let batch = try await self.store.advance(id, now: self.clock.now()).batch
            switch batch.state {
            case .stopped:
                self.logger.warning(
                    "A replay stopped by itself: a message failed again",
                    metadata: ["replay": "\(id)", "failed": "\(batch.tally[.failed])"])
            case .done:
                self.logger.info(
                    "A replay is done",
                    metadata: [
                        "replay": "\(id)", "replayed": "\(batch.tally[.replayed])", "failed": "\(batch.tally[.failed])",
                    ])
            case .selected, .running, .paused, .cancelled: break
            }
        }
    }
}
