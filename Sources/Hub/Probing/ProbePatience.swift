/// How long the probe waits, in seconds.
public struct ProbePatience: Sendable {
    /// For a message to be delivered.
    public var delivery: Double
    /// For a system to show what it has taken.
    public var showing: Double

    public init(delivery: Double = 120, showing: Double = 10) {
        self.delivery = delivery
        self.showing = showing
    }
}
