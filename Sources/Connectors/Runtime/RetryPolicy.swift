/// How often and how patiently a call is made again: always bounded.
package struct RetryPolicy: Sendable, Hashable {
    /// Calls in all before an error of the network or a 5xx counts as an outage.
    package var attempts = 4
    /// Calls in all before a 429 counts as an outage.
    package var throttledAttempts = 12
    /// The first wait; each next one is twice as long, up to ``longestWait``.
    package var firstWait = Duration.milliseconds(500)
    package var longestWait = Duration.seconds(20)
    /// The longest `Retry-After` that is waited out; a longer one is an outage, for the caller to wait out.
    package var longestAskedWait = Duration.seconds(120)

    package init() {}

    /// 50 to 100 % of the doubled step, so that many callers don't come back at once.
    func wait(after failures: Int) -> Duration {
        let step = min(self.firstWait * Double(1 << min(max(failures - 1, 0), 20)), self.longestWait)
        return step * Double.random(in: 0.5...1)
    }
}
