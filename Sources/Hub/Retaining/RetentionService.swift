public import Logging
public import ServiceLifecycle

/// Removes what was kept long enough: every hour, in small steps with pauses, so that nothing else has to wait.
public struct RetentionService: Service {
    /// Who is noted in the audit log.
    public static let actor = "retention"
    static let stepSize = 500
    private static let pause = Duration.milliseconds(200)

    private let periods: RetentionPeriods
    private let store: any HubStore
    private let clock: HubClock
    private let logger: Logger

    public init(periods: RetentionPeriods, store: any HubStore, clock: HubClock = .system, logger: Logger) {
        self.periods = periods
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        try await repeating("retention", every: .seconds(3600), logger: self.logger, clock: self.clock) {
            try await self.sweep(by: Self.actor)
        }
    }

    /// Goes on step by step until nothing is left to do.
    ///
    /// - Parameter onStep: told after each step what has been done so far.
    @discardableResult
    public func sweep(by person: String, onStep: (RetentionStep) -> Void = { _ in }) async throws -> RetentionStep {
        var done = RetentionStep()
        while !Task.isCancelled {
            let step = try await self.store.retain(self.periods, now: self.clock.now(), limit: Self.stepSize, by: person)
            if step.isNothing { break }
            done = done + step
            onStep(done)
            try await self.clock.sleep(Self.pause)
        }
        if done.archived + done.deleted + done.audit > 0 {
            self.logger.notice(
                "What was kept long enough has been removed",
                metadata: ["archived": "\(done.archived)", "deleted": "\(done.deleted)", "audit": "\(done.audit)"])
        }
        return done
    }
}
