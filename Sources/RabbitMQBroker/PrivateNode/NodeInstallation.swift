import Foundation
public import Messaging

/// Where RabbitMQ's own programs are on this machine.
public struct NodeInstallation: Sendable {
    /// The folder with `rabbitmq-server` and `rabbitmqctl`.
    public var directory: String

    public init(directory: String) { self.directory = directory }

    /// Debian's package. Its wrapper in `/usr/sbin` is passed by: it insists on the user `rabbitmq`.
    public static let debian = NodeInstallation(directory: "/usr/lib/rabbitmq/bin")

    /// - Throws: `notInstalled` with the command that installs it.
    public func check() throws(BrokerError) {
        guard unsafe access(self.server, X_OK) == 0 else {
            throw BrokerError(
                .notInstalled,
                "rabbitmq-server is not installed (there is no \(self.server)); install it with: sudo apt install rabbitmq-server"
            )
        }
    }

    var server: String { self.directory + "/rabbitmq-server" }
    var control: String { self.directory + "/rabbitmqctl" }
}
