/// Growing pauses between attempts, with jitter so that many connections don't come back at the same moment.
struct Backoff {
    private let initial: Duration
    private let maximum: Duration
    private var attempts = 0

    init(initial: Duration, maximum: Duration) {
        self.initial = initial
        self.maximum = maximum
    }

    /// Between half and the whole of initial × 2ⁿ, never more than the maximum.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let whole = min(self.maximum, self.initial * (1 << min(self.attempts, 16)))
        self.attempts += 1
        return whole * Double.random(in: 0.5...1, using: &generator)
    }

    mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return self.next(using: &generator)
    }

    mutating func reset() { self.attempts = 0 }
}
