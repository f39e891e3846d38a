public import Logging
public import ServiceLifecycle
import Synchronization

/// Removes what was kept long enough: every hour, in small steps with pauses, so that nothing else has to wait.
public final class RetentionService: Service {
    /// Who is noted in the audit log.
    public static let actor = "retention"
    static let stepSize = 500
    private static let pause = Duration.milliseconds(200)

    private let periods: RetentionPeriods
    private let forgetting: ForgettingPeriods
    private let store: any HubStore
    private let clock: HubClock
    private let logger: Logger
    /// The day whose anchor of the audit log has been told.
    private let anchored = Mutex<String?>(nil)

    public init(
        periods: RetentionPeriods, forgetting: ForgettingPeriods = ForgettingPeriods(), store: any HubStore,
        clock: HubClock = .system, logger: Logger
    ) {
        self.periods = periods
        self.forgetting = forgetting
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        try await repeating("retention", every: .seconds(3600), logger: self.logger, clock: self.clock) {
            try await self.sweep(by: Self.actor)
            try await self.forget(by: Self.actor)
            try await self.tellAnchor()
        }
    }

    /// Writes the audit log's anchor into the hub's own log, once a day: who collects logs elsewhere keeps it by that.
    private func tellAnchor() async throws {
        let day = String(self.clock.timestamp.prefix(10))
        guard self.anchored.withLock({ $0 != day }), let last = try await self.store.lastAuditEntry() else { return }
        self.anchored.withLock { $0 = day }
        self.logger.notice("The audit log's anchor of the day", metadata: ["anchor": "\(AuditAnchor(last))"])
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

    /// Forgets step by step what isn't in force any more.
    @discardableResult
    public func forget(by person: String) async throws -> Forgotten {
        var done = Forgotten()
        while !Task.isCancelled {
            let step = try await self.store.forget(
                self.forgetting, now: self.clock.now(), limit: Self.stepSize, by: person)
            if step.isNothing { break }
            done = done + step
            try await self.clock.sleep(Self.pause)
        }
        if !done.isNothing {
            self.logger.notice(
                "What isn't in force any more has been forgotten",
                metadata: [
                    "gone": "\(done.gone)", "keys": "\(done.keys)", "history": "\(done.history)", "roles": "\(done.roles)",
                    "plans": "\(done.plans)", "changes": "\(done.changes)",
                ])
        }
        return done
    }
}
