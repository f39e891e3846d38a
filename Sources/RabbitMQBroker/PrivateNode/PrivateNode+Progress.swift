extension PrivateNode {
    /// How far the node's start is; a start takes between four and fifteen seconds.
    public enum Progress: Sendable, Hashable, CustomStringConvertible {
        /// Writing its configuration.
        case preparing
        /// A node of an earlier hub still runs here: trying to take it over.
        case adopting
        /// A node of an earlier hub runs here and doesn't answer: ending it.
        case clearing
        /// The process is there.
        case starting
        /// Waiting for it to let us in.
        case waiting(seconds: Int)
        case ready(seconds: Int)

        public var description: String {
            switch self {
            case .preparing: "preparing the broker"
            case .adopting: "taking over the broker that still runs"
            case .clearing: "ending a broker that does not answer"
            case .starting: "starting the broker"
            case .waiting(let seconds): "waiting for the broker, \(seconds) s"
            case .ready(let seconds): "the broker is ready after \(seconds) s"
            }
        }
    }
}
