import Foundation
import Hub

/// Clocks whose pauses are short.
enum FaultClock {
    static let hasty = HubClock(now: { Date() }, sleep: Self.briefly)
    static let anHourLater = HubClock(now: { Date().addingTimeInterval(3700) }, sleep: Self.briefly)

    /// The product's own pause, cut short.
    private static let briefly: @Sendable (Duration) async throws -> Void = {
        try await HubClock.system.sleep(min($0, .milliseconds(50)))
    }
}
