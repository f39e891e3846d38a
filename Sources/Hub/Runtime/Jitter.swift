/// Spreads what is done by schedule.
enum Jitter {
    /// A pause of 90 to 110 % of another.
    static func spread(_ pause: Duration, using generator: inout some RandomNumberGenerator) -> Duration {
        pause * Double.random(in: 0.9...1.1, using: &generator)
    }

    /// A pause of 90 to 110 % of another.
    static func spread(_ pause: Duration) -> Duration {
        var generator = SystemRandomNumberGenerator()
        return self.spread(pause, using: &generator)
    }

    /// 0.9 to 1, always the same for a name: what happens once a day happens at another time for each, and never later than
    /// asked for.
    static func factor(of name: String) -> Double { 0.9 + Double(StableHash.of(name) % 1000) / 10_000 }
}
