import Foundation
import Messaging

@testable import RabbitMQBroker

/// A private node that also listens with TLS, for the tests of it.
struct TLSNode: Sendable {
    let node: PrivateNode
    /// Takes a client certificate of the test's CA, and no certificate too.
    let port: Int
    /// Takes nobody without a client certificate.
    let strictPort: Int

    /// The node that tests share. Its user may log in by certificate.
    static let shared = Task {
        let certificates = try await Certificates.made.value
        let ports = try FreePorts.pick(2)
        let files = """
            {cacertfile, "\(certificates.ca)"}, {certfile, "\(certificates.certificate("server"))"}, \
            {keyfile, "\(certificates.key("server"))"}, {verify, verify_peer}, {versions, ['tlsv1.2', 'tlsv1.3']}
            """
        let additions = NodeAdditions(
            plugins: ["rabbitmq_auth_mechanism_ssl"],
            settings: """
                {ssl_listeners, [{"127.0.0.1", \(ports[0])}]},
                {auth_mechanisms, ['PLAIN', 'AMQPLAIN', 'EXTERNAL']},
                {ssl_cert_login_from, common_name},
                {ssl_options, [\(files), {fail_if_no_peer_cert, false}]},
                """)
        let node = try await PrivateNode.start(
            directory: TestNode.directory(), installation: .debian, limits: PrivateNode.Limits(), additions: additions,
            logger: TestNode.quiet, onProgress: { _ in })
        try await TestNode.control(
            node, "eval",
            """
            rabbit_networking:start_ssl_listener({"127.0.0.1", \(ports[1])}, [\(files), {fail_if_no_peer_cert, true}], 2).
            """)
        return TLSNode(node: node, port: ports[0], strictPort: ports[1])
    }

    /// The user, mechanism and encryption of the connections that are in use at the node.
    ///
    /// - Parameter expected: asked for again while it is something else: what earlier tests left may still be on its way out.
    func connections(expecting expected: String) async throws -> Set<String> {
        var connections: Set<String> = []
        for _ in 0..<20 {
            let list = try await TestNode.control(
                self.node, "list_connections", "--no-table-headers", "state", "user", "auth_mechanism", "ssl")
            // Not those that never logged in; the node holds on to a refused one for a while.
            let running = list.split(separator: "\n").filter { $0.hasPrefix("running\t") }
            connections = Set(running.map { $0.dropFirst("running\t".count).replacingOccurrences(of: "\t", with: " ") })
            if connections == [expected] { break }
        }
        return connections
    }
}
