import Foundation

/// How a replay goes about it: carefully first, then faster.
public struct ReplayPlan: Sendable, Hashable, Codable {
    /// Sent first, and waited for; `nil` sends without a trial.
    public var canary: Int?
    /// After the canary 5, 50, 500 times as many, each step only when all before it have come through.
    public var ramp: Bool
    /// Messages a minute at most; `nil` as fast as the systems take them.
    public var rate: Int?

    public init(canary: Int? = nil, ramp: Bool = false, rate: Int? = nil) {
        self.canary = canary
        self.ramp = ramp
        self.rate = rate
    }

    /// How many messages have been sent in all at the end of each careful step; after the last, everything goes.
    var steps: [Int] {
        let first = self.canary ?? (self.ramp ? 1 : 0)
        guard first > 0 else { return [] }
        return self.ramp ? [first, 5 * first, 50 * first, 500 * first] : [first]
    }

    /// Whether a message that fails again stops the replay. Without a trial the rest goes on: each failure stands for itself.
    var stopsOnFailure: Bool { !self.steps.isEmpty }

    /// How many may be sent now without going above the rate.
    ///
    /// - Parameter last: when something was sent last; `nil` when nothing has been.
    func allowance(since last: Date?, now: Date) -> Int {
        guard let rate = self.rate else { return .max }
        // A minute's worth at most, however long nothing was sent.
        guard let last else { return max(1, rate / 60) }
        return Int(min(60, max(0, now.timeIntervalSince(last))) * Double(rate) / 60)
    }
}
