public import Logging
public import ServiceLifecycle

/// When the hub looks at the quality of the sources by itself, and how long the numbers are kept.
public struct QualitySchedule: Sendable, Hashable {
    public var isDaily = false
    /// From this hour on, Swedish time.
    public var hour = 4
    /// Of runs older than so many days one a week is kept.
    public var keepDays = 90

    public init() {}
}

/// Looks at the quality of the sources once a day, and shows the latest run's numbers as metrics, whoever had it made.
public struct QualityService: Service {
    private static let mark = "quality"

    private let schedule: QualitySchedule
    private let runner: @Sendable () -> QualityRunner
    private let store: any HubStore
    private let clock: HubClock
    private let logger: Logger

    /// - Parameter runner: made anew for each run: rules and code tables may have changed.
    public init(
        _ schedule: QualitySchedule, store: any HubStore, clock: HubClock = .system, logger: Logger,
        runner: @escaping @Sendable () -> QualityRunner
    ) {
        self.schedule = schedule
        self.runner = runner
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        try await restarting("quality", logger: self.logger, clock: self.clock) {
            var gauges = QualityGauges()
            while !Task.isCancelled {
                try await self.round()
                if let run = try await self.store.qualityRuns(limit: 1).first, run.number != gauges.run {
                    gauges.take(try await self.store.qualityCounts(of: run.number), of: run.number)
                    gauges.set()
                }
                try await self.clock.sleep(.seconds(60))
            }
        }
    }

    /// Makes the day's run when it is due. A register without records says nothing: it has yet to be filled.
    ///
    /// - Returns: the run, if one was made.
    @discardableResult
    func round() async throws -> QualityRun? {
        guard self.schedule.isDaily, self.clock.swedishHour >= self.schedule.hour else { return nil }
        let today = "\(self.clock.calendarDate)"
        guard try await self.store.mark(source: Self.mark, entity: Self.mark) != today, try await !self.store.isEmpty()
        else { return nil }
        let run = try await self.runner().run(keepDays: self.schedule.keepDays)
        try await self.store.setMark(today, source: Self.mark, entity: Self.mark)
        self.logger.notice(
            "The quality of the sources has been looked at",
            metadata: ["run": "\(run.number)", "blocking": "\(run.blocking)", "warning": "\(run.warning)"])
        return run
    }
}
