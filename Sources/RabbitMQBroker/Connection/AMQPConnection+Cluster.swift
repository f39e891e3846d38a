import Messaging

extension AMQPConnection {
    /// Connects with the first address that lets us in, beginning at any of them so that connections spread over a cluster.
    ///
    /// - Parameter last: where this connection was before; it begins at the one behind that then.
    /// - Throws: the only address' error; of several one that names them all. A refused login is no matter of the address:
    ///   the others aren't tried.
    static func connect(
        _ configuration: RabbitMQConfiguration, purpose: String, after last: Endpoint? = nil
    ) throws(BrokerError) -> AMQPConnection {
        let endpoints = configuration.endpoints
        guard endpoints.count > 1 else { return try AMQPConnection(configuration, purpose: purpose) }
        let start =
            if let index = last.flatMap({ endpoints.firstIndex(of: $0) }) {
                (index + 1) % endpoints.count
            } else {
                Int.random(in: 0..<endpoints.count)
            }
        var errors: [BrokerError] = []
        for endpoint in endpoints[start...] + endpoints[..<start] {
            do {
                return try AMQPConnection(configuration.at(endpoint), purpose: purpose)
            } catch {
                if error.code == .accessRefused { throw error }
                errors.append(error)
            }
        }
        throw self.allFailed(errors)
    }

    private static func allFailed(_ errors: [BrokerError]) -> BrokerError {
        let first = errors[0]
        // What is wrong here and not there (a file) is said once.
        guard errors.contains(where: { $0.message != first.message }) else { return first }
        let isOneKind = errors.allSatisfy { $0.code == first.code }
        // Trying again helps when it may help with any of them.
        let isLasting = errors.allSatisfy { $0.retry == .never }
        return BrokerError(
            isOneKind ? first.code : .unreachable,
            "none of the broker's \(errors.count) hosts can be used: \(errors.map(\.message).joined(separator: "; "))",
            retry: isLasting ? .never : .later, cause: first)
    }
}
