/// How long to wait before the next try: doubling from `first` to `most`, spread so that many don't try at once.
public struct Backoff: Sendable {
    private let first: Duration
    private let most: Duration
    private var failures = 0

    public init(first: Duration = .seconds(1), most: Duration = .seconds(30)) {
        self.first = first
        self.most = most
    }

    /// The wait after one more failure: 50 to 100 % of the doubled step.
    public mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let step = min(self.first * Double(1 << min(self.failures, 20)), self.most)
        self.failures += 1
        return step * Double.random(in: 0.5...1, using: &generator)
    }

    /// The wait after one more failure.
    public mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return self.next(using: &generator)
    }

    public mutating func reset() { self.failures = 0 }
}
