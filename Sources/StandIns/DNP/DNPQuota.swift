import Foundation

/// The calls of the last second, and how many are allowed.
struct DNPQuota {
    let limit: Int
    private var times: [Date] = []
    private(set) var most = 0

    init(limit: Int) { self.limit = limit }

    /// Notes a call.
    ///
    /// - Returns: whether it is within the limit.
    mutating func admits(_ now: Date) -> Bool {
        // A clock of binary fractions: what is a second apart must not count as less.
        self.times.removeAll { now.timeIntervalSince($0) >= 0.999 || $0 > now }
        self.times.append(now)
        self.most = max(self.most, self.times.count)
        return self.times.count <= self.limit
    }

    func remaining() -> Int { max(0, self.limit - self.times.count) }

    /// Seconds until one more call is within the limit.
    func reset(_ now: Date) -> Double {
        guard self.times.count >= self.limit else { return 0 }
        return max(0, 1 - now.timeIntervalSince(self.times[self.times.count - self.limit]))
    }
}
