import CRabbitMQ
import Foundation
import Messaging

/// Finds out what listens where no AMQP came back: librabbitmq tells of a TLS port only that it hung up.
enum PortProbe {
    /// Whether a port answers AMQP's greeting with a TLS alert. Asks over a connection of its own, for a second at most
    /// once that is made.
    static func speaksTLS(_ endpoint: Endpoint, within limit: Duration) -> Bool {
        guard let state = unsafe amqp_new_connection() else { return false }
        defer { unsafe amqp_destroy_connection(state) }
        var time = min(limit, .seconds(2)).timeval
        guard let socket = unsafe amqp_tcp_socket_new(state),
            unsafe amqp_socket_open_noblock(socket, endpoint.host, CInt(endpoint.port), &time) == AMQP_STATUS_OK.rawValue
        else { return false }
        let descriptor = unsafe amqp_get_sockfd(state)
        let greeting: [UInt8] = [0x41, 0x4D, 0x51, 0x50, 0, 0, 9, 1]
        guard unsafe write(descriptor, greeting, greeting.count) == greeting.count else { return false }
        DescriptorWait.wait(for: [(descriptor, Int16(POLLIN))], atMost: .seconds(1))
        var answer: [UInt8] = [0, 0]
        // A TLS record of the kind alert, of any version 3.x.
        return unsafe read(descriptor, &answer, 2) == 2 && answer == [0x15, 0x03]
    }
}
