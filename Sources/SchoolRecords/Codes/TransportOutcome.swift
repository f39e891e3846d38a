/// What was answered or decided about school transport.
public enum TransportOutcome: String, CodeSet {
    case granted
    case refused
    case needsReview
    case withdrawn

    public static var name: String { "TransportOutcome" }
}
