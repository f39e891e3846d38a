import Messaging

extension AMQPConnection {
    /// Connects with the first address that lets us in, beginning at any of them so that connections spread over a cluster.
    ///
    /// - Throws: the only address' error; of several one that names them all. A refused login is no matter of the address:
    ///   the others aren't tried.
    static func connect(_ configuration: RabbitMQConfiguration, purpose: String) throws(BrokerError) -> AMQPConnection {
        let endpoints = configuration.endpoints
        guard endpoints.count > 1 else { return try AMQPConnection(configuration, purpose: purpose) }
        let start = Int.random(in: 0..<endpoints.count)
        var errors: [BrokerError] = []
        for endpoint in endpoints[start...] + endpoints[..<start] {
            do {
                return try AMQPConnection(configuration.at(endpoint), purpose: purpose)
            } catch {
                if error.code == .accessRefused || error.code == .misconfigured { throw error }
                errors.append(error)
            }
        }
        // Trying again helps when it may help with any of them.
        let lasting = errors.allSatisfy { $0.retry == .never }
        let first = errors[0]
        let isOneKind = errors.allSatisfy { $0.code == first.code }
        throw BrokerError(
            isOneKind ? first.code : .unreachable,
            "none of the broker's \(errors.count) hosts can be used: \(errors.map(\.message).joined(separator: "; "))",
            retry: lasting ? .never : .later, cause: first)
    }
}
