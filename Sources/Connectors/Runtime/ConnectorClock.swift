package import Foundation

/// The time and the waiting of a connector, so that a test need not wait.
package struct ConnectorClock: Sendable {
    /// The time of day, for what other systems say in dates.
    package var now: @Sendable () -> Date
    /// Time that runs evenly from some start, for what lasts.
    package var uptime: @Sendable () -> Duration
    /// Waits; ends early with `CancellationError` when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Date,
        uptime: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.uptime = uptime
        self.sleep = sleep
    }

    /// The machine's own.
    package static let system: ConnectorClock = {
        let start = ContinuousClock.now
        return ConnectorClock(
            now: { Date() }, uptime: { ContinuousClock.now - start }, sleep: { try await Task.sleep(for: $0) })
    }()
}
