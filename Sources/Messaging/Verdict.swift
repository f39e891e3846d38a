/// How a message that was handed out ends.
public enum Verdict: Sendable, Hashable {
    /// Done with: the queue forgets it.
    case acknowledge
    /// Back to its place in the queue, to be handed out again; counted against the queue's delivery limit.
    case giveBack
    /// Given up for good: the queue dead-letters it.
    case refuse
}

/// What an adapter settles by. Never waits; a token of an earlier connection is ignored, since its message comes again.
package protocol DeliverySettler: Sendable {
    func settle(_ tokens: [DeliveryToken], _ verdict: Verdict)
}
