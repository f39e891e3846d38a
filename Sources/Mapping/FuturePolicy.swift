/// What a system is given of what has yet to begin (an enrolment, a membership, a duty with a start date ahead).
public enum FuturePolicy: Sendable, Hashable {
    /// Nothing until the day comes. Also when a file says nothing.
    case withhold
    /// The rows are made ahead and kept back until the day comes, so that they can be looked at.
    case hold
    /// The rows are given at once, at most so many days ahead: the system takes a start date itself.
    case send(days: Int)
}

extension FuturePolicy {
    /// From `future: withhold | hold | send`, or `{send: days}`.
    init?(_ node: YAMLNode?, _ diagnostics: Diagnostics) {
        guard let node else { return nil }
        switch node.text {
        case "withhold": self = .withhold
        case "hold": self = .hold
        case "send": self = .send(days: 100_000)
        default:
            if let pairs = node.pairs, pairs.count == 1, pairs[0].key.text == "send", let days = pairs[0].value.integer,
                (1...100_000).contains(days)
            {
                self = .send(days: days)
                return
            }
            diagnostics.error("'future' is withhold, hold, send or {send: days}", at: node.position)
            return nil
        }
    }
}
