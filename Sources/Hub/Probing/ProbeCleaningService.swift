public import Logging
public import ServiceLifecycle

/// Takes away what a probe has left that was cut off: at the hub's start, and every minute after it.
public struct ProbeCleaningService: Service {
    private let cleaner: ProbeCleaner
    private let isProbing: @Sendable () throws -> Bool
    private let clock: HubClock
    private let logger: Logger

    /// - Parameter isProbing: whether a probe is at work now, in whichever process; its records are left alone.
    public init(
        store: any HubStore, mappings: MappingBook, isProbing: @escaping @Sendable () throws -> Bool, clock: HubClock = .system,
        logger: Logger
    ) {
        self.cleaner = ProbeCleaner(store: store, mappings: mappings, clock: clock)
        self.isProbing = isProbing
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        try await repeating("probe-cleaning", every: .seconds(60), logger: self.logger, clock: self.clock) {
            if try !self.isProbing() {
                let cleaned = try await self.cleaner.clean()
                if !cleaned.isEmpty {
                    self.logger.notice(
                        "Took away what an interrupted probe had left", metadata: ["records": "\(cleaned.count)"])
                }
            }
        }
    }
}
