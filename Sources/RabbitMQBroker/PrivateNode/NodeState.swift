import Foundation

/// What the hub must know of its node to find it again, kept in the node's directory (mode 0600: it holds the password).
struct NodeState: Codable, Equatable {
    var port: Int
    /// The port of Erlang's own distribution, for `rabbitmqctl`.
    var distributionPort: Int
    var user: String
    var password: String
    /// The node's process while it runs, and when it began, in clock ticks since boot: a process number is used again.
    var process: Int32?
    var processStart: UInt64?

    static func fresh() throws -> NodeState {
        let ports = try FreePorts.pick(2)
        return NodeState(
            port: ports[0], distributionPort: ports[1], user: "knutpunkt", password: Self.secret(), process: nil,
            processStart: nil)
    }

    /// 192 bits from the system's generator, in letters and digits that need no escape anywhere.
    static func secret() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<3).map { _ in
            let digits = String(UInt64.random(in: .min ... .max, using: &generator), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
