import Foundation

/// How a replay goes about it: carefully first, then faster.
public struct ReplayPlan: Sendable, Hashable, Codable {
    /// Sent first, and waited for; `nil` sends without a trial.
    public var canary: Int?
    /// After the canary 5, 50, 500 times as many, each step only when all before it have come through.
    public var ramp: Bool
    /// Messages a minute at most; `nil` as fast as the systems take them.
    public var rate: Int?

    /// Whether what a system refused is sent as it was made then, not by today's mapping.
    public var asWas: Bool

    public init(canary: Int? = nil, ramp: Bool = false, rate: Int? = nil, asWas: Bool = false) {
        self.canary = canary
        self.ramp = ramp
        self.rate = rate
        self.asWas = asWas
    }

    /// Plans that were stored before there was ``asWas`` lack it.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            canary: try container.decodeIfPresent(Int.self, forKey: .canary),
            ramp: try container.decode(Bool.self, forKey: .ramp), rate: try container.decodeIfPresent(Int.self, forKey: .rate),
            asWas: try container.decodeIfPresent(Bool.self, forKey: .asWas) ?? false)
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
