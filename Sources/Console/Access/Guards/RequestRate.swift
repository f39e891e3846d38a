import Synchronization

/// How many requests a session or an address may send: a bucket of tokens each, which fills again as time goes by.
public final class RequestRate: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: Double
        /// How many times as much as usual it holds and gets.
        let share: Double
    }

    /// Requests at once, and in the long run each second.
    private let burst: Double
    private let perSecond: Double
    private let most: Int
    private let buckets = Mutex<[String: Bucket]>([:])

    /// - Parameter most: so many buckets are kept at most.
    public init(burst: Int = 120, perSecond: Double = 10, most: Int = 10_000) {
        self.burst = Double(burst)
        self.perSecond = perSecond
        self.most = most
    }

    /// Takes a token for a request.
    ///
    /// - Parameters:
    ///   - key: whom it is counted for: a session's digest, or ``ClientAddress/network(of:)``.
    ///   - now: seconds of a clock that only goes forward.
    ///   - share: how many times as many as usual it may send.
    /// - Returns: whether there was one.
    public func admit(_ key: String, now: Double, share: Double = 1) -> Bool {
        self.buckets.withLock { buckets in
            if buckets[key] == nil, buckets.count >= self.most { self.shrink(&buckets, now) }
            var bucket = buckets[key] ?? Bucket(tokens: self.burst * share, at: now, share: share)
            bucket.tokens = self.filled(bucket, now)
            bucket.at = max(bucket.at, now)
            defer { buckets[key] = bucket }
            guard bucket.tokens >= 1 else { return false }
            bucket.tokens -= 1
            return true
        }
    }

    var count: Int { self.buckets.withLock { $0.count } }

    private func filled(_ bucket: Bucket, _ now: Double) -> Double {
        min(self.burst * bucket.share, bucket.tokens + max(0, now - bucket.at) * self.perSecond * bucket.share)
    }

    /// Forgets full buckets, which are as good as none; when that is too little, a quarter: those that are fullest.
    private func shrink(_ buckets: inout [String: Bucket], _ now: Double) {
        buckets = buckets.filter { self.filled($0.value, now) < self.burst * $0.value.share }
        guard buckets.count >= self.most else { return }
        let fullest = buckets.sorted { self.filled($0.value, now) > self.filled($1.value, now) }
        for (key, _) in fullest.prefix(max(1, self.most / 4)) { buckets[key] = nil }
    }
}
