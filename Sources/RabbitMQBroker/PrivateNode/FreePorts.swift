import Foundation
import Messaging

/// TCP ports on loopback that nobody listens on.
enum FreePorts {
    /// Below the range from which the system takes the ports of outgoing connections, so that a port stays free for us
    /// while the node is down.
    private static let range = 21_000..<32_000

    static func pick(_ count: Int) throws(BrokerError) -> [Int] {
        var found: [Int] = []
        for _ in 0..<2000 where found.count < count {
            let port = Int.random(in: Self.range)
            if !found.contains(port), Self.isFree(port) { found.append(port) }
        }
        guard found.count == count else {
            throw BrokerError(
                .startFailed, "no free port on 127.0.0.1 from \(Self.range.lowerBound) to \(Self.range.upperBound - 1)")
        }
        return found
    }

    static func isFree(_ port: Int, on loopback: String = "127.0.0.1") -> Bool {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // As the server itself does: connections that just ended don't keep the port.
        var yes: CInt = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = unsafe inet_addr(loopback)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
