import Foundation
import Hub

/// Clocks whose pauses are short.
enum FaultClock {
    static let hasty = HubClock(now: { Date() }, sleep: { try await Task.sleep(for: min($0, .milliseconds(50))) })
    static let anHourLater = HubClock(
        now: { Date().addingTimeInterval(3700) }, sleep: { try await Task.sleep(for: min($0, .milliseconds(50))) })
}
