/// A quota of calls as the headers `X-RateLimit-Limit`, `-Remaining` and `-Reset` tell it.
struct CallQuota: Sendable, Hashable {
    /// Calls allowed in a period; `nil` when it isn't told.
    let limit: Int?
    /// Calls left in the present period.
    let remaining: Int
    /// Seconds until the quota is whole again, fractions allowed.
    let reset: Double

    /// - Parameter header: the value of a header by its name.
    /// - Returns: `nil` without a number of remaining calls.
    init?(_ header: (String) -> String?) {
        guard let remaining = header("x-ratelimit-remaining").flatMap({ Int($0) }) else { return nil }
        self.limit = header("x-ratelimit-limit").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        self.remaining = remaining
        let reset = header("x-ratelimit-reset").flatMap(Double.init) ?? 1
        self.reset = reset.isFinite ? min(max(0, reset), 60) : 1
    }
}
