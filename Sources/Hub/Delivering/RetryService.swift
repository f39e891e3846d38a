public import Logging
public import ServiceLifecycle

import Foundation

/// Sends again what is due for another try.
public struct RetryService: Service {
    private let store: any HubStore
    private let clock: HubClock
    private let logger: Logger

    public init(store: any HubStore, clock: HubClock = .system, logger: Logger) {
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        try await repeating("retry", every: .seconds(1), logger: self.logger, clock: self.clock) {
            let now = Int64(self.clock.now().timeIntervalSince1970 * 1000)
            let released = try await self.store.releaseDueRetries(now: now)
            if released > 0 { self.logger.info("Records are tried again", metadata: ["count": "\(released)"]) }
        }
    }
}
