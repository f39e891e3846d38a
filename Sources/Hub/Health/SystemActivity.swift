public import Foundation

/// What a running hub has seen of one side of a system since it started.
public struct SystemActivity: Sendable, Hashable {
    /// When a batch was last taken by it, or it was last read to its end.
    public var lastSuccess: Date?
    /// Since when it is down, and why; `nil` while it is there.
    public var downSince: Date?
    public var downCode: String?
    public var downReason: String?
    /// When it was there again after it had been down.
    public var backSince: Date?
    /// The time of the oldest message in the batch that it hasn't taken yet.
    public var oldestUnderWay: Date?
    public var delivered = RateWindow()
    public var failed = RateWindow()
    /// What has come from it that couldn't be used as a whole, when it was last read.
    public var rejected = 0

    public init() {}
}

/// How often something happened within the last minutes, by the minute.
public struct RateWindow: Sendable, Hashable {
    /// Minutes that are looked back at.
    public static let minutes = 15
    private var counts: [Int: Int] = [:]

    public init() {}

    public mutating func add(_ count: Int, at time: Date) {
        let minute = Self.minute(time)
        self.counts[minute, default: 0] += count
        self.counts = self.counts.filter { $0.key > minute - Self.minutes }
    }

    /// In the last ``minutes`` minutes, the present one included.
    public func total(at time: Date) -> Int {
        let minute = Self.minute(time)
        return self.counts.reduce(0) { $0 + ($1.key > minute - Self.minutes && $1.key <= minute ? $1.value : 0) }
    }

    private static func minute(_ time: Date) -> Int { Int((time.timeIntervalSince1970 / 60).rounded(.down)) }
}
