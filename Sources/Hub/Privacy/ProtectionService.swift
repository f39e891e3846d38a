public import Logging
public import ServiceLifecycle

/// Looks every few seconds whether what systems are given of protected persons is what they may be given: an edited policy, and what
/// another process has decided, is in force well within a minute.
public struct ProtectionService: Service {
    private let keeper: FormKeeper
    private let clock: HubClock
    private let logger: Logger

    public init(keeper: FormKeeper, clock: HubClock = .system, logger: Logger) {
        self.keeper = keeper
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        try await repeating("protection", every: .seconds(15), logger: self.logger, clock: self.clock) {
            let changed = try await self.keeper.refresh()
            if changed > 0 {
                self.logger.notice(
                    "What systems are given of protected persons has changed", metadata: ["records": "\(changed)"])
            }
        }
    }
}
