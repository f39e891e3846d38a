public import ConnectorKit

/// Whether a receiving system takes anything now: an outage of the whole system is waited out, no message is spent
/// on it (invariant 4).
///
/// States: `closed` (all is well) → `open` after a failure of the system → `closed` after a write went through.
/// Between, each try is preceded by a wait that doubles to `most`, or is what the system itself asked for.
public struct Breaker: Sendable {
    public enum State: String, Sendable, Codable { case closed, open }

    public private(set) var state: State = .closed
    /// Why it is open.
    public private(set) var reason: ConnectorFailure?
    private var backoff: Backoff

    public init(first: Duration = .milliseconds(500), most: Duration = .seconds(30)) {
        self.backoff = Backoff(first: first, most: most)
    }

    /// The system failed: open, and wait this long before the next try.
    public mutating func failed(_ failure: ConnectorFailure) -> Duration {
        self.state = .open
        self.reason = failure
        let wait = self.backoff.next()
        guard let asked = failure.retryAfter else { return wait }
        return max(wait, .seconds(min(asked, 3600)))
    }

    /// A write went through. Returns whether it was open.
    public mutating func succeeded() -> Bool {
        defer {
            self.state = .closed
            self.reason = nil
            self.backoff.reset()
        }
        return self.state == .open
    }
}
